from copy import deepcopy

import pytest
import torch
from torch.nn.parallel import DistributedDataParallel
from ultralytics.utils import DEFAULT_CFG
from ultralytics.utils.torch_utils import ModelEMA

from doclayout.nn.checkpoint import load_model
from doclayout.train.distill.model import LayoutDistillation
from tests.conftest import lively_model
from tests.train.conftest import NAMES


def pair(teacher_path, kind, **options):
    args = deepcopy(DEFAULT_CFG)
    args.imgsz = 64
    for key, value in options.items():
        setattr(args, key, value)
    student = lively_model(nc=3)
    student.args, student.names = args, dict(enumerate(NAMES))
    return LayoutDistillation(load_model(teacher_path)[0], student, kind).train()


def batch(height=64, width=96):
    generator = torch.Generator().manual_seed(height)
    boxes = torch.rand(6, 4, generator=generator) * 0.3 + 0.3
    return {
        "img": torch.rand(2, 3, height, width, generator=generator),
        "cls": torch.tensor([[0.0], [1], [2], [0], [1], [2]]),
        "bboxes": boxes,
        "batch_idx": torch.tensor([0.0, 0, 0, 1, 1, 1]),
    }


@pytest.fixture(scope="module")
def models(teacher_path):
    return {kind: pair(teacher_path, kind) for kind in ("fgd", "l2", "graph", "dense", "resolution")}


@pytest.mark.parametrize("kind", ["fgd", "l2", "graph", "dense", "resolution"])
def test_step_teaches_the_student_alone(models, kind):
    model = models[kind]
    before = {name: value.clone() for name, value in model.teacher_model.state_dict().items()}
    total, items = model(batch(64, 128))
    assert list(items) == ["box_loss", "cls_loss", "l1_loss", kind]
    assert items[kind] > 0
    assert total[3].item() == pytest.approx(2 * items[kind].item(), rel=1e-5)  # ultralytics scales by the batch size
    total[3].backward()
    student = model.student_model
    assert student.model[16].merge.conv.weight.grad.abs().sum() > 0
    assert student.model[0].conv.weight.grad.abs().sum() > 0
    assert all(p.grad is not None for p in model.projector.parameters())
    assert all(p.grad is None and not p.requires_grad for p in model.teacher_model.parameters())
    assert not any(module.training for module in model.teacher_model.modules())
    assert all(torch.equal(before[name], value) for name, value in model.teacher_model.state_dict().items())
    model.zero_grad()


def test_terms_are_kept_by_name_and_level(models):
    model = models["fgd"]
    model.read_details()
    totals = [model(batch())[1]["fgd"].item() for _ in range(2)]
    details = model.read_details()
    names = {f"fgd_{term}_p{level}" for term in ("object", "background", "attention", "global") for level in (3, 4, 5)}
    assert set(details) == names
    assert sum(details.values()) == pytest.approx(sum(totals) / 2, rel=1e-4)
    assert model.read_details() == {}


def test_student_sees_half_of_what_the_teacher_sees(models):
    model, page = models["resolution"], batch(64, 128)
    seen = []
    handles = [
        m.model[0].register_forward_pre_hook(lambda _, x: seen.append(x[0]))
        for m in (model.teacher_model, model.student_model)
    ]
    model(page)
    for handle in handles:
        handle.remove()
    torch.testing.assert_close(seen[0], page["img"])
    assert seen[1].shape == (2, 3, 32, 64)
    assert seen[1][0, 0, 0, 0].item() == pytest.approx(page["img"][0, 0, :2, :2].mean().item())


def test_gain_scales_what_is_added(models, teacher_path):
    single, double = models["fgd"](batch())[1]["fgd"], pair(teacher_path, "fgd", dis=12.0)
    double.load_state_dict(models["fgd"].state_dict())
    assert double(batch())[1]["fgd"].item() == pytest.approx(2 * single.item(), rel=1e-3)


def test_pages_of_any_size_and_pages_without_boxes(models):
    page = batch(96, 64)
    assert models["fgd"](page)[1]["fgd"] > 0
    empty = {**page, "cls": torch.zeros(0, 1), "bboxes": torch.zeros(0, 4), "batch_idx": torch.zeros(0)}
    total, items = models["fgd"](empty)
    assert items["fgd"] > 0
    assert torch.isfinite(total).all()


def test_eval_mode_is_the_student(models):
    model = models["fgd"].eval()
    total, items = model.loss(batch())
    expected, _ = model.student_model.loss(batch())
    torch.testing.assert_close(total, expected)
    assert list(items) == ["box_loss", "cls_loss", "l1_loss"]
    model.train()


def test_average_holds_no_teacher(models):
    model = models["fgd"]
    average = ModelEMA(model)
    average.update(model)
    assert average.ema.teacher_model is None
    assert list(average.ema.state_dict()) == list(model.learned())
    assert not any(name.startswith("teacher_model") for name in model.learned())


@pytest.mark.filterwarnings("ignore:Grad strides do not match")  # a hint on speed
def test_distributed_step_gives_the_same_gradients(models, tmp_path):
    model = models["fgd"]
    other = deepcopy(model)
    model(batch())[0].sum().backward()
    torch.distributed.init_process_group("gloo", init_method=f"file://{tmp_path}/meet", rank=0, world_size=1)
    try:
        spread = DistributedDataParallel(other, find_unused_parameters=True)
        spread(batch())[0].sum().backward()
    finally:
        torch.distributed.destroy_process_group()
    for one, two in zip(model.parameters(), other.parameters(), strict=True):
        assert (one.grad is None) == (two.grad is None)
        if one.grad is not None:
            torch.testing.assert_close(one.grad, two.grad, rtol=1e-3, atol=1e-4)
    model.zero_grad()
