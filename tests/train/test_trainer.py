import csv
import math
import shutil
from pathlib import Path

import pytest
import torch
from ultralytics.cfg import get_cfg
from ultralytics.models.yolo.detect import DetectionTrainer

from doclayout import DocLayoutModel, cache
from doclayout.cli import main
from doclayout.errors import DatasetError, UsageError, WeightsError
from doclayout.nn.checkpoint import load_model
from doclayout.nn.model import LayoutModel
from doclayout.train.data import resolve_data
from doclayout.train.run import train
from doclayout.train.trainer import DEFAULTS, LayoutTrainer
from tests.conftest import drawn_page

TINY = {"imgsz": 64, "batch": 2, "workers": 0, "epochs": 2, "warmup_epochs": 0.0, "seed": 0}


class Killed(Exception):
    """Stands for the end of the process."""


def results(folder):
    with (folder / "results.csv").open() as file:
        return [{key.strip(): float(value) for key, value in row.items()} for row in csv.DictReader(file)]


@pytest.fixture(scope="module")
def run(coco_data, tmp_path_factory):
    """Two epochs on six pages, killed after the first and resumed."""
    folder = tmp_path_factory.mktemp("runs")
    options = {**TINY, "project": str(folder), "name": "run", "device": "cpu", "scale": 0.0, "translate": 0.0}
    trainer = LayoutTrainer(overrides={**options, "model": "edocnet-s.yaml", "data": str(coco_data), "task": "detect"})
    state = {}

    def kill(trainer):
        for name, part in trainer.learned().items():
            state[name] = {key: value.clone() for key, value in part.items()}
        raise Killed

    def look(trainer):
        for name, part in trainer.learned().items():
            for key, value in part.items():
                assert torch.equal(value, state[name].pop(key)), (name, key)
        state["seed"] = torch.initial_seed()

    trainer.add_callback("on_model_save", kill)
    with pytest.raises(Killed):
        trainer.train()
    rows, last = results(folder / "run"), folder / "run" / "weights" / "last.pt"
    resume = LayoutTrainer.resume_training
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(LayoutTrainer, "resume_training", lambda trainer, ckpt: (resume(trainer, ckpt), look(trainer)))
        best = train(last, coco_data, "cpu", {"resume": True})
    assert state == {"live": {}, "average": {}, "seed": 1}, "a run goes on as it was, but with a seed of its own"
    return folder / "run", rows, best


@pytest.mark.parametrize("when", ["write_checkpoints", "learned"])
def test_a_run_killed_while_it_saves_keeps_its_last_checkpoints(when, coco_data, tmp_path, monkeypatch):
    options = {**TINY, "project": str(tmp_path), "name": "run", "device": "cpu"}
    trainer = LayoutTrainer(overrides={**options, "model": "edocnet-s.yaml", "data": str(coco_data), "task": "detect"})
    saved, whole = {}, getattr(LayoutTrainer, when)

    def kill(trainer):
        if not saved:
            return whole(trainer)
        for path in (trainer.last, trainer.best):
            path.write_bytes(b"half")
        raise Killed

    trainer.add_callback("on_model_save", lambda t: saved.update({p: p.read_bytes() for p in (t.last, t.best)}))
    monkeypatch.setattr(LayoutTrainer, when, kill)
    with pytest.raises(Killed):
        trainer.train()
    assert len(saved) == 2
    for path, content in saved.items():
        assert path.read_bytes() == content


def test_killed_run_is_resumed(run):
    folder, before, best = run
    rows = results(folder)
    assert [row["epoch"] for row in before] == [1]
    assert [row["epoch"] for row in rows] == [1, 2]
    assert rows[0] == before[0], "what was done is not done again"
    assert best == folder / "weights" / "best.pt"


@pytest.mark.parametrize("resume", [True, 1])
def test_a_run_that_is_done_is_left_as_it_is(run, coco_data, resume):
    last = run[0] / "weights" / "last.pt"
    before = last.read_bytes()
    assert train(last, coco_data, "cpu", {"resume": resume}) == run[2]
    assert last.read_bytes() == before


def test_a_run_that_was_killed_at_its_end_is_finished(run, coco_data, tmp_path):
    shutil.copytree(run[0], tmp_path / "run")
    last = tmp_path / "run" / "weights" / "last.pt"
    checkpoint = torch.load(last, weights_only=False)
    torch.save({**checkpoint, "epoch": 1, "optimizer": {"state": {}, "param_groups": []}}, last)
    assert train(last, coco_data, "cpu", {"resume": True}) == tmp_path / "run" / "weights" / "best.pt"
    assert torch.load(last, weights_only=False)["optimizer"] is None


def test_finishing_it_runs_no_code_from_its_weights(run, coco_data, tmp_path):
    class Trap:
        def __reduce__(self):
            return Path.touch, (tmp_path / "was-here",)

    shutil.copytree(run[0], tmp_path / "run")
    last = tmp_path / "run" / "weights" / "last.pt"
    checkpoint = torch.load(last, weights_only=False)
    torch.save({**checkpoint, "epoch": 1}, last)
    torch.save({**checkpoint, "date": Trap()}, last.with_name("best.pt"))
    with pytest.raises(WeightsError, match="safe to load"):
        train(last, coco_data, "cpu", {"resume": True})
    assert not (tmp_path / "was-here").exists()


def test_a_run_that_was_moved_goes_on_where_it_is(run, coco_data, tmp_path, monkeypatch):
    shutil.copytree(run[0], tmp_path / "moved")
    last = tmp_path / "moved" / "weights" / "last.pt"
    checkpoint = torch.load(last, weights_only=False)
    torch.save({**checkpoint, "epoch": 0}, last)
    places = []
    monkeypatch.setattr(LayoutTrainer, "train", lambda trainer: places.append(trainer.save_dir))
    assert train(last, coco_data, "cpu", {"resume": True}) == tmp_path / "moved" / "weights" / "best.pt"
    assert places == [tmp_path / "moved"]


def test_weights_that_are_no_run_are_not_resumed(checkpoint, coco_data):
    with pytest.raises(UsageError, match="is not of a run that was stopped"):
        train(checkpoint, coco_data, "cpu", {"resume": True})


@pytest.mark.parametrize(("mosaic", "expected"), [(0.0, 0), (1.0, 10)])
def test_pages_are_not_begun_anew_where_nothing_is_mixed(coco_data, tmp_path, mosaic, expected):
    options = {**TINY, "mosaic": mosaic, "project": str(tmp_path), "model": "edocnet-s.yaml", "data": str(coco_data)}
    assert LayoutTrainer(overrides=options).args.close_mosaic == expected


def test_pages_drawn_long_ago_make_room(coco_data, tmp_path, monkeypatch):
    monkeypatch.setenv("DOCLAYOUT_CACHE", str(tmp_path))
    monkeypatch.setitem(cache.LIMITS, "pages", 0)
    old = tmp_path / "pages" / "00" / "old.npy"
    old.parent.mkdir(parents=True)
    old.write_bytes(b"1")
    options = {**TINY, "project": str(tmp_path), "name": "run", "device": "cpu", "task": "detect"}
    LayoutTrainer(overrides={**options, "model": "edocnet-s.yaml", "data": str(coco_data)})
    assert not old.exists()


def test_losses_are_finite_and_fall(run):
    rows = results(run[0])
    losses = [[value for key, value in row.items() if key.startswith("train/")] for row in rows]
    assert all(math.isfinite(value) and value >= 0 for row in losses for value in row)
    assert sum(losses[1]) < sum(losses[0])


def test_checkpoint_is_small_and_safe(run):
    model, checkpoint = load_model(run[2])
    assert isinstance(model, LayoutModel)
    assert list(model.names.values()) == ["text", "table", "figure"]
    assert checkpoint["optimizer"] is None
    assert checkpoint["train_args"]["imgsz"] == 64
    assert checkpoint["train_args"]["mosaic"] == DEFAULTS["mosaic"]
    assert run[2].stat().st_size < 6e6


def test_checkpoint_predicts(run):
    document = DocLayoutModel(run[2], "cpu", 1).predict(drawn_page(0), imgsz=64, conf=0.0001, max_det=20)
    assert document.schema.names == ("text", "table", "figure")
    assert document.pages[0].regions


@pytest.mark.parametrize("units", [True, False])
def test_training_starts_in_bfloat16_where_the_cpu_has_it(units, coco_data, tmp_path, monkeypatch):
    monkeypatch.setattr("doclayout.train.trainer.has_bfloat16", lambda: units)
    options = {**TINY, "epochs": 1, "project": str(tmp_path), "device": "cpu", "model": "edocnet-s.yaml"}
    for amp in (True, False):
        trainer = LayoutTrainer(overrides={**options, "data": str(coco_data), "amp": amp})
        trainer.setup_model()
        trainer.set_model_attributes()
        assert trainer.model.bf16 is (amp and units)
        assert trainer.model.model[0].conv.weight.is_contiguous(memory_format=torch.channels_last)
    trainer.args.channels_last = False
    trainer.model.to(memory_format=torch.contiguous_format)
    trainer.set_model_attributes()
    assert trainer.model.model[0].conv.weight.is_contiguous()
    assert (trainer.args.optimizer, trainer.args.fliplr, trainer.args.mosaic) == ("AdamW", 0.0, 0.0)
    assert trainer.args.augmentations


def test_fine_tuning_keeps_the_weights_that_fit(run, checkpoint, coco_data, tmp_path):
    options = {**TINY, "project": str(tmp_path), "device": "cpu", "model": str(checkpoint), "data": str(coco_data)}
    trainer = LayoutTrainer(overrides=options)
    trainer.setup_model()
    before, _ = load_model(checkpoint)
    torch.testing.assert_close(trainer.model.model[0].conv.weight, before.model[0].conv.weight)
    assert trainer.model.model[-1].nc == 3


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"epoch": 1}, UsageError, "did you mean epochs"),
        ({"qqq": 1}, UsageError, "no argument 'qqq'"),
        ({"single_cls": True}, UsageError, "one name"),
        ({"pretrained": "https://example.org/x.pt"}, WeightsError, "no checkpoint"),
        ({"cfg": "mine.yaml"}, UsageError, "give what the file holds as key=value"),
        ({"epochs": "ten"}, UsageError, "ten"),
        ({"scale": "wide"}, UsageError, "wide"),
        ({"fraction": [0.5, 0]}, UsageError, r"is invalid\. Use \[train, val\]"),
        ({"device": "cuda:99"}, UsageError, r"Invalid CUDA .device=99"),
    ],
)
def test_arguments_are_checked(coco_data, tmp_path, options, error, words):
    with pytest.raises(error, match=words):
        train("edocnet-s.yaml", coco_data, None, {**TINY, "device": "cpu", **options, "project": str(tmp_path)})


def test_epochs_without_validation_have_the_same_columns(coco_data, tmp_path):
    train("edocnet-s.yaml", coco_data, "cpu", {**TINY, "val": False, "project": str(tmp_path), "name": "run"})
    rows = results(tmp_path / "run")
    assert [row["epoch"] for row in rows] == [1, 2]
    assert rows[0].keys() == rows[1].keys() and "metrics/AP(page)" in rows[0]
    assert rows[0]["val/box_loss"] == 0 and rows[1]["val/box_loss"] > 0


def test_a_resumed_run_draws_the_pages_that_come_next(coco_data, monkeypatch):
    config = resolve_data(coco_data)
    whole = LayoutTrainer.__new__(LayoutTrainer)
    whole.args = get_cfg(overrides={**TINY, "mosaic": 0.0})
    whole.args.augmentations = []
    whole.data = {**config, "epoch_size": 2}
    whole.device = torch.device("cpu")
    loader = whole.get_dataloader(config["train"], 2, -1)
    passes = [list(loader.sampler) for _ in range(3)]
    whole.train_loader = whole.get_dataloader(config["train"], 2, -1)
    monkeypatch.setattr(DetectionTrainer, "resume_training", lambda self, ckpt: setattr(self, "start_epoch", 2))
    whole.resume_training({})
    assert list(whole.train_loader.sampler) == passes[2]
    with pytest.raises(UsageError, match="epoch_size is for training in one process"):
        whole.get_dataloader(config["train"], 2, 0)
    assert sorted(page for drawn in passes for page in drawn) == list(range(6))


@pytest.mark.parametrize("mosaic", [0.0, 1.0])
def test_pages_of_changing_size_are_scaled_once(mosaic, coco_data, tmp_path, monkeypatch):
    import torch.nn.functional as F

    shapes, scaled, forward, resize = set(), [], LayoutModel.loss, F.interpolate

    def watched(model, batch, *rest):
        shapes.add(tuple(batch["img"].shape[2:]))
        return forward(model, batch, *rest)

    def counted(image, *rest, **options):
        scaled.extend([1] if image.shape[1] == 3 else [])
        return resize(image, *rest, **options)

    monkeypatch.setattr(LayoutModel, "loss", watched)
    monkeypatch.setattr(F, "interpolate", counted)
    options = {**TINY, "project": str(tmp_path), "name": "sizes", "multi_scale": 0.5, "mosaic": mosaic, "val": False}
    train("edocnet-s.yaml", coco_data, "cpu", {**options, "epochs": 4})
    assert {32, 64, 96} >= {max(shape) for shape in shapes} > {64}
    assert bool(scaled) is bool(mosaic), "pages are drawn at their size, but for those that are put together"


def test_arguments_that_change_nothing_are_told(coco_data, tmp_path, monkeypatch):
    from ultralytics.utils import LOGGER

    told = []
    monkeypatch.setattr(LOGGER, "warning", told.append)
    options = {**TINY, "project": str(tmp_path), "name": "told", "model": "edocnet-s.yaml", "data": str(coco_data)}
    LayoutTrainer(overrides={**options, "device": "cpu", "cache": "ram", "rect": False})
    assert [text for text in told if "changes nothing" in text] == [
        "cache=ram changes nothing: drawn pages are always cached"
    ]


def test_missing_data_is_named(tmp_path):
    with pytest.raises(DatasetError, match="no such file"):
        train("edocnet-s.yaml", tmp_path / "none.yaml", "cpu", {**TINY, "project": str(tmp_path)})


@pytest.mark.slow
def test_mosaic_and_yolo_folders_train(yolo_data, tmp_path):
    options = {**TINY, "epochs": 1, "mosaic": 1.0, "mixup": 0.5, "amp": False, "project": str(tmp_path)}
    best = DocLayoutModel("edocnet-s.yaml", "cpu").train(yolo_data, **options)
    assert load_model(best)[0].yaml["nc"] == 3


def test_train_from_the_command_line(checkpoint, coco_data, tmp_path, capsys):
    words = [f"data={coco_data}", f"model={checkpoint}", f"project={tmp_path}", "name=cli", "epochs=1", "imgsz=64"]
    assert main(["train", *words, "batch=2", "workers=0", "freeze=10", "device=cpu"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == str(tmp_path / "cli" / "weights" / "best.pt")
    before, after = load_model(checkpoint)[0], load_model(tmp_path / "cli" / "weights" / "best.pt")[0]
    frozen, free = (lambda m: m.model[5].depthwise.conv.weight), (lambda m: m.model[16].split.conv.weight)
    torch.testing.assert_close(frozen(after), frozen(before).half().float())  # checkpoints are stored in half precision
    assert not torch.allclose(free(after), free(before).half().float())


@pytest.mark.parametrize("workers", [0, 1])
def test_a_page_that_cannot_be_read_is_named_in_one_line(workers, checkpoint, coco_data, tmp_path, capsys):
    data = shutil.copytree(coco_data.parent, tmp_path / "data")
    page = data / "train" / "images" / "2.png"
    page.write_bytes(page.read_bytes()[:60])
    words = [f"data={data / coco_data.name}", f"model={checkpoint}", f"project={tmp_path / 'runs'}", "epochs=1"]
    assert main(["train", *words, "imgsz=64", "batch=2", "device=cpu", f"workers={workers}"]) == 1
    complaint = capsys.readouterr().err.partition("doclayout: ")[2]
    assert complaint.startswith(f"MissingImageError: {page} is truncated or broken")
    assert complaint.count("\n") == 1
    assert complaint.count(page.name) == 1
