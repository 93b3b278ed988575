import csv
import io

import pytest
import torch
import yaml

from doclayout import DocLayoutModel
from doclayout.config import load_cfg
from doclayout.errors import TeacherError, UsageError, WeightsError
from doclayout.nn.checkpoint import load_model
from doclayout.nn.model import LayoutModel
from doclayout.train.distill.teacher import load_teacher
from doclayout.train.distill.trainer import DistillationTrainer
from doclayout.train.run import train
from tests.conftest import drawn_page
from tests.train.conftest import NAMES

TINY = {"imgsz": 64, "batch": 3, "workers": 0, "epochs": 3, "warmup_epochs": 0.0, "seed": 0, "amp": False}


class Killed(Exception):
    """Stands for the end of the process."""


def overrides(coco_data, teacher_path, folder, **options):
    run = {"model": "edocnet-s.yaml", "data": str(coco_data), "distill": "fgd", "distill_model": str(teacher_path)}
    return {**TINY, **run, "project": str(folder), "device": "cpu", **options}


@pytest.fixture(scope="module")
def killed(coco_data, teacher_path, tmp_path_factory):
    """A run killed after its first epoch, with what it had learnt until then."""
    trainer = DistillationTrainer(
        overrides=overrides(coco_data, teacher_path, tmp_path_factory.mktemp("runs"), name="run")
    )
    state = {}

    def kill(trainer):
        for name, model in (("live", trainer.distillation), ("average", trainer.ema.ema)):
            state[name] = {key: value.clone() for key, value in model.learned().items()}
        state["optimizer"] = trainer.optimizer.state_dict()["state"]
        raise Killed

    trainer.add_callback("on_model_save", kill)
    with pytest.raises(Killed):
        trainer.train()
    state["checkpoint"] = trainer.last.read_bytes()  # as it was then: a test goes on with the run
    return trainer.last, state


def test_sizes_are_rounded_before_the_maps_are_paired(coco_data, teacher_path, tmp_path):
    options = overrides(coco_data, teacher_path, tmp_path, imgsz=72, epochs=1, name="run")
    DistillationTrainer(overrides=options).train()
    assert load_model(tmp_path / "run" / "weights" / "last.pt")[1]["train_args"]["imgsz"] == 96


def test_checkpoint_under_way_is_the_student(killed):
    model, checkpoint = load_model(killed[0])
    assert type(model) is LayoutModel
    assert not model.model[16]._forward_hooks
    assert not any(key.startswith("teacher_model") for part in checkpoint["state"].values() for key in part)
    document = DocLayoutModel(killed[0], "cpu", 1).predict(drawn_page(0), imgsz=64, conf=0.0001, max_det=20)
    assert document.schema.names == ("text", "table", "figure")


def test_killed_run_goes_on_as_it_was(killed, coco_data):
    last, state = killed
    found = {}

    def look(trainer):
        found["live"], found["average"] = trainer.distillation.learned(), trainer.ema.ema.learned()
        found["optimizer"] = trainer.optimizer.state_dict()["state"]
        for name in ("live", "average"):
            assert list(found[name]) == list(state[name])
            for key, value in found[name].items():
                assert torch.equal(value, state[name][key]), (name, key)
        for index, moments in state["optimizer"].items():
            assert torch.equal(found["optimizer"][index]["exp_avg"], moments["exp_avg"])

    trainer = DistillationTrainer(overrides={"model": str(last), "resume": str(last), "data": str(coco_data)})
    trainer.add_callback("on_train_start", look)
    spoilt = []

    def spoil(trainer):
        """Spoil one epoch, which is then done again from the last checkpoint."""
        if trainer.epoch == 2 and not spoilt:
            spoilt.append(trainer.epoch)
            trainer.loss = trainer.loss * float("nan")

    trainer.add_callback("on_train_epoch_end", spoil)
    trainer.train()
    assert found and spoilt
    with (last.parent.parent / "results.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [int(row["epoch"]) for row in rows] == [1, 2, 3]
    terms = {key: float(value) for key, value in rows[-1].items() if key.startswith("train/fgd_")}
    assert len(terms) == 12
    assert sum(terms.values()) == pytest.approx(float(rows[-1]["train/fgd"]), rel=1e-2)
    assert not any(key.startswith("val/fgd") for key in rows[-1])
    for file in (last, last.with_name("best.pt")):
        model, checkpoint = load_model(file)
        assert type(model) is LayoutModel
        assert checkpoint["state"] is None
        assert file.stat().st_size < 6e6


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"distill": "fdg"}, UsageError, "distill='fdg' is unknown; give one of fgd, graph"),
        ({"teacher": None, "distill": "fgd"}, UsageError, "needs teacher="),
        ({"teacher": "gone.pt"}, WeightsError, "no weights gone.pt.*ship: .*edocnet-s.pt"),
        ({"distill_model": "x.pt"}, UsageError, "give teacher="),
    ],
)
def test_arguments_are_checked(coco_data, teacher_path, tmp_path, options, error, words):
    run = {**TINY, "teacher": teacher_path, "project": str(tmp_path), **options}
    with pytest.raises(error, match=words):
        DocLayoutModel("edocnet-s.yaml", "cpu").train(coco_data, **run)
    assert list(tmp_path.iterdir()) == []


def test_teacher_that_is_no_checkpoint(coco_data, tmp_path):
    path = tmp_path / "teacher.pt"
    path.write_bytes(b"nothing")
    with pytest.raises(WeightsError, match="not a checkpoint"):
        train("edocnet-s.yaml", coco_data, "cpu", TINY, path, "fgd")


@pytest.mark.parametrize(
    ("name", "names", "words"),
    [
        ("edocnet-s.yaml", ("text", "table", "list"), "list are its own, figure it lacks"),
        ("edocnet-p2-s.yaml", ("text", "table", "figure"), r"strides \[4, 8, 16, 32\], the student at \[8, 16, 32\]"),
    ],
)
def test_teacher_that_does_not_fit(save_teacher, coco_data, tmp_path, name, names, words):
    with pytest.raises(TeacherError, match=words):
        train("edocnet-s.yaml", coco_data, "cpu", {**TINY, "project": str(tmp_path)}, save_teacher(name, names))


@pytest.mark.parametrize("kind", ["dense", "resolution"])
@pytest.mark.parametrize(("head", "words"), [({"end2end": False}, r"\(1, False\)"), ({"reg_max": 16}, r"\(16, True\)")])
def test_heads_that_cannot_be_compared(tmp_path, kind, head, words):
    config = {**load_cfg("models/edocnet.yaml"), **head}
    (tmp_path / "plain-n.yaml").write_text(yaml.safe_dump(config))
    model = LayoutModel(str(tmp_path / "plain-n.yaml"), nc=3)
    model.names = dict(enumerate(NAMES))
    torch.save({"model": model}, tmp_path / "plain.pt")
    with pytest.raises(
        TeacherError, match=rf"{kind} compares NMS-free heads with reg_max 1, and these have .* {words}"
    ):
        load_teacher(tmp_path / "plain.pt", model, NAMES, kind)


def test_smaller_teacher_is_warned_of(save_teacher, coco_data, tmp_path):
    run = overrides(coco_data, save_teacher("edocnet-s.yaml"), tmp_path, model="edocnet-m.yaml")
    trainer = DistillationTrainer(overrides=run)
    trainer.setup_model()
    with pytest.warns(UserWarning, match="fewer than the student's"):
        trainer.set_model_attributes()


def test_classes_in_another_order_fit(save_teacher, coco_data, tmp_path):
    run = overrides(coco_data, save_teacher(names=("figure", "text", "table")), tmp_path)
    trainer = DistillationTrainer(overrides=run)
    trainer.setup_model()
    trainer.set_model_attributes()
    assert trainer.model.teacher_model.names == {0: "figure", 1: "text", 2: "table"}


@pytest.fixture
def moved(killed, tmp_path):
    """The killed run's checkpoint, as of a run whose teacher is gone."""
    checkpoint = torch.load(io.BytesIO(killed[1]["checkpoint"]), weights_only=False)
    checkpoint["train_args"] |= {"distill": "fgd", "distill_model": str(tmp_path / "gone.pt")}
    path = tmp_path / "last.pt"
    torch.save(checkpoint, path)
    return path


def test_resumed_run_whose_teacher_is_gone(moved, coco_data):
    with pytest.raises(TeacherError, match=r"learns from .*gone\.pt, which is gone"):
        train(moved, coco_data, "cpu", {"resume": True})


def test_resumed_run_with_a_teacher_of_other_channels(moved, save_teacher, coco_data):
    with pytest.raises(TeacherError, match="maps of other channels"):
        train(moved, coco_data, "cpu", {"resume": True}, save_teacher("edocnet-s.yaml"))


def test_resumed_run_keeps_its_kind(moved, teacher_path, coco_data):
    with pytest.raises(UsageError, match="is a run with distill=fgd"):
        train(moved, coco_data, "cpu", {"resume": True}, teacher_path, "l2")


def test_only_the_last_checkpoint_of_a_distillation_is_resumed(moved, coco_data):
    checkpoint = torch.load(moved, weights_only=False)
    del checkpoint["state"]
    torch.save(checkpoint, moved)
    with pytest.raises(UsageError, match=r"give the run's weights/last\.pt"):
        train(moved, coco_data, "cpu", {"resume": True})


def test_weights_that_are_not_finite_are_saved_as_far_as_they_can_be(coco_data, teacher_path, tmp_path):
    trainer = DistillationTrainer(overrides=overrides(coco_data, teacher_path, tmp_path, epochs=1, name="run"))

    def spoil(trainer):
        next(trainer.ema.ema.student_model.parameters()).data.fill_(float("nan"))

    trainer.add_callback("on_train_epoch_end", spoil)
    trainer.train()
    assert all(value.isfinite().all() for value in load_model(trainer.last)[0].state_dict().values())
    assert not (trainer.last.parent / "student.pt").exists()


def test_resumed_run_without_distillation(checkpoint, teacher_path, coco_data):
    with pytest.raises(UsageError, match="is a run without distillation"):
        train(checkpoint, coco_data, "cpu", {"resume": True}, teacher_path)
