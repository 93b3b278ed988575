import numpy as np
import pytest
import torch
from torch import nn

from doclayout.config import cfg_dir
from doclayout.errors import ModelError
from doclayout.nn.crm import G2L_CRM
from doclayout.nn.depthwise import DepthwiseSeparable, Stem
from doclayout.nn.head import LayoutHead
from doclayout.nn.model import LayoutModel, gflops, read_yaml
from tests.conftest import drawn_page, lively_model

SHIPPED = [
    f"{path.stem}-{scale}.yaml"
    for path in sorted((cfg_dir() / "models").glob("*.yaml"))
    for scale in read_yaml(path)["scales"]
]


def batch(size=64):
    torch.manual_seed(0)
    boxes = torch.tensor([[0.5, 0.3, 0.6, 0.1], [0.4, 0.7, 0.5, 0.3], [0.5, 0.5, 0.9, 0.9]])
    return {
        "img": torch.rand(2, 3, size, size),
        "cls": torch.tensor([[1.0], [4.0], [2.0]]),
        "bboxes": boxes,
        "batch_idx": torch.tensor([0, 0, 1]),
    }


def trainable(name="edocnet-s.yaml"):
    from ultralytics.cfg import get_cfg

    model = LayoutModel(name)
    model.args = get_cfg()
    return model.train()


def test_what_ships():
    assert {name.removesuffix(".yaml") for name in SHIPPED} >= {
        *(f"edocnet-{s}" for s in "nsml"),
        *(f"edocnet-p2-{s}" for s in "nsml"),
        *(f"yolo26-g2l-{s}" for s in "nsmlx"),
    }


@pytest.mark.parametrize("name", SHIPPED)
def test_every_yaml_builds(name):
    model = LayoutModel(name)
    head = model.model[-1]
    assert isinstance(head, LayoutHead)
    assert (head.nc, head.reg_max, head.end2end) == (21, 1, True)
    assert model.yaml["scale"] == name[-6]
    assert any(isinstance(m, G2L_CRM) for m in model.modules())
    if name[-6] in "ns":
        with torch.no_grad():
            assert model.eval()(torch.zeros(1, 3, 64, 96))[0].shape == (1, 300, 6)


@pytest.mark.parametrize(
    ("name", "levels"),
    [
        ("edocnet-s.yaml", {0: (16, 2), 3: (64, 4), 5: (128, 8), 7: (256, 16), 9: (512, 32)}),
        ("edocnet-s.yaml", {16: (64, 8), 19: (96, 16), 22: (128, 32)}),
        ("edocnet-p2-s.yaml", {19: (32, 4), 22: (64, 8), 25: (96, 16), 28: (128, 32)}),
        ("edocnet-m.yaml", {16: (96, 8), 19: (144, 16), 22: (192, 32)}),
        ("edocnet-n.yaml", {0: (16, 2), 3: (48, 4), 5: (96, 8), 9: (384, 32), 16: (48, 8), 22: (96, 32)}),
        ("yolo26-g2l-n.yaml", {16: (64, 8), 19: (128, 16), 22: (256, 32)}),
    ],
)  # fmt: skip
def test_shapes_at_every_level(name, levels):
    model, found = LayoutModel(name).eval(), {}
    for index in levels:
        model.model[index].register_forward_hook(lambda m, _, out: found.update({m.i: tuple(out.shape)}))
    with torch.no_grad():
        model(torch.zeros(1, 3, 128, 64))
    assert found == {i: (1, c, 128 // stride, 64 // stride) for i, (c, stride) in levels.items()}
    if set(levels) == set(model.model[-1].f):
        assert [stride for _, stride in levels.values()] == model.stride.tolist()


def test_backbone_is_edocnets():
    blocks = list(LayoutModel("edocnet-s.yaml").model[:10])
    assert [type(b[0] if isinstance(b, nn.Sequential) else b) for b in blocks] == [Stem, *[DepthwiseSeparable] * 9]
    assert len(blocks[7]) == 5
    assert [bool(len(list(b.se.parameters()))) for b in blocks[8:]] == [True, True]


def test_rows_may_leave_arguments_out():
    rows = [[-1, 1, "Stem", [8]], [-1, 1, "DepthwiseSeparable", [16]], [-1, 2, "DepthwiseSeparable", [16, 5]]]
    neck = [[-1, 1, "G2L_CRM", [16]], [[-1], 1, "Detect", ["nc"]]]
    model = LayoutModel({"nc": 3, "reg_max": 1, "end2end": True, "backbone": rows, "head": neck})
    assert model.stride.tolist() == [2]
    assert [block.depthwise.conv.kernel_size for block in model.model[2]] == [(5, 5), (5, 5)]


@pytest.mark.parametrize("name", ["edocnet-s.yaml", "edocnet-p2-s.yaml", "yolo26-g2l-n.yaml"])
def test_fused_equals_unfused(name):
    model = lively_model(name)
    x = torch.from_numpy(drawn_page(3, 128, 96).transpose(2, 0, 1)[None] / np.float32(255))
    with torch.no_grad():
        raw = model(x)[1]["one2one"]
        model.fuse(verbose=False)
        fused = model(x)[1]["one2one"]
    for key in ("boxes", "scores"):
        torch.testing.assert_close(fused[key], raw[key], atol=1e-4, rtol=1e-4)
    assert not any(isinstance(m, nn.BatchNorm2d) for m in model.modules())
    assert model.model[-1].cv2 is None, "the one-to-many branch goes"


@pytest.mark.parametrize("name", ["edocnet-s.yaml", "edocnet-p2-s.yaml", "yolo26-g2l-n.yaml"])
def test_gradients_reach_every_parameter(name):
    model = trainable(name)
    preds = model(batch()["img"])
    sum(p[key].square().sum() for p in preds.values() for key in ("boxes", "scores")).backward()
    silent = [n for n, p in model.named_parameters() if p.grad is None or not p.grad.abs().sum() > 0]
    assert silent == []


def test_loss_is_finite_and_its_gradients_too():
    model = trainable()
    loss, terms = model.loss(batch())
    loss.sum().backward()
    assert torch.isfinite(loss).all()
    assert all(torch.isfinite(value).all() and value >= 0 for value in terms.values())
    assert all(torch.isfinite(p.grad).all() for p in model.parameters())


def test_bfloat16_loss_is_near_and_float32():
    model = trainable()
    exact, _ = model.loss(batch())
    model.bf16 = True
    rough, terms = model.loss(batch())
    assert rough.dtype == torch.float32
    assert all(value.dtype == torch.float32 for value in terms.values())
    torch.testing.assert_close(rough, exact, rtol=0.05, atol=0.5)


@pytest.mark.parametrize("scale", "ns")
def test_networks_whose_weights_ship_are_small(scale):
    model = LayoutModel(f"edocnet-{scale}.yaml")
    assert sum(p.numel() for p in model.parameters()) <= 2.5e6
    assert gflops(model.fuse(verbose=False)) <= 5.0


@pytest.mark.parametrize(("nc", "expected"), [(None, 21), (5, 5)])
def test_class_count_can_be_given(nc, expected):
    model = LayoutModel("edocnet-s.yaml", nc=nc)
    assert (model.model[-1].nc, model.yaml["nc"]) == (expected, expected)


def test_class_branch_is_the_light_one_whatever_was_parsed_before():
    from ultralytics.nn.tasks import DetectionModel

    expected = sum(p.numel() for p in LayoutModel().parameters())
    DetectionModel("yolov8n.yaml", verbose=False)
    assert sum(p.numel() for p in LayoutModel().parameters()) == expected


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("edocnet-z.yaml", "no scale 'z'; it has n, t, s, m, l"),
        ("edocnat-n.yaml", "shipped are edocnet"),
        ("nowhere/edocnat.yaml", "shipped are edocnet"),
    ],
)
def test_models_that_are_not_there(name, words):
    with pytest.raises(ModelError, match=words):
        LayoutModel(name)


@pytest.mark.parametrize(
    "activation",
    ["(__import__('pathlib').Path('was-here').touch(), torch.nn.SiLU())[1]", "nn.SiLU(exit())", "nn.a.b()"],
)
def test_an_activation_is_not_code(tmp_path, monkeypatch, activation):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ModelError, match=r"activation: .* is not one of torch's"):
        LayoutModel({**LayoutModel().yaml, "activation": activation})
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "activation", ["nn.ReLU()", "torch.nn.LeakyReLU(negative_slope=0.1, inplace=True,)", "nn.GELU('tanh')"]
)
def test_an_activation_can_be_chosen(activation):
    from ultralytics.nn.modules import Conv

    model = LayoutModel({**read_yaml("yolo26-g2l-n.yaml"), "activation": activation})
    kind = type(model.model[0].act)
    assert kind.__name__ in activation
    convolutions = [m for m in model.modules() if isinstance(m, Conv) and not isinstance(m.act, torch.nn.Identity)]
    assert {type(m.act) for m in convolutions} == {kind}, "in our blocks and the head too"
    assert type(Conv.default_act).__name__ == "SiLU"


@pytest.mark.parametrize(
    "name", ["load_checkpoint", "nn.Nothing", "os.system", "Nothing", "nn.functional.relu", "DetectionModel"]
)
def test_a_row_names_a_layer(name):
    config = LayoutModel().yaml
    config["head"].insert(0, [-1, 1, name, ["was-here"]])
    with pytest.raises(ModelError, match=f"{name} is not a layer"):
        LayoutModel(config)


@pytest.mark.parametrize(
    "broken",
    [
        lambda config: config.pop("head"),
        lambda config: config["backbone"].insert(0, [-1, 1, "Conv", ["wide"]]),
        lambda config: config["head"].insert(0, [99, 1, "Conv", [64, 3, 1]]),
        lambda config: config["backbone"].insert(0, [-1, 1]),
        lambda config: config.update(scale="q"),
    ],
)
def test_a_yaml_that_cannot_be_built_is_an_error_of_ours(broken):
    config = read_yaml("edocnet-s.yaml")
    broken(config)
    with pytest.raises(ModelError, match="no model can be built from its YAML"):
        LayoutModel(config)


def test_a_block_with_wrong_arguments_is_an_error_of_ours():
    config = read_yaml("edocnet-s.yaml")
    row = next(row for row in config["head"] if row[2] == "G2L_CRM")
    row[3] = [row[3][0], 3, [1, 2], "wide", "wider", "widest"]
    with pytest.raises(ModelError, match=r"no G2L_CRM can be built"):
        LayoutModel(config)


def test_a_model_file_that_is_not_yaml(tmp_path):
    (tmp_path / "mine.yaml").write_text("backbone: [\n")
    with pytest.raises(ModelError, match=r"mine\.yaml is not a model YAML"):
        LayoutModel(tmp_path / "mine.yaml")


def test_without_a_scale_the_first_is_taken():
    config = {**read_yaml("edocnet-s.yaml"), "scale": ""}
    assert sum(p.numel() for p in LayoutModel(config).parameters()) == sum(
        p.numel() for p in LayoutModel().parameters()
    )


def test_own_yaml_by_path(tmp_path):
    text = (cfg_dir() / "models" / "edocnet.yaml").read_text().replace("nc: 21", "nc: 4")
    (tmp_path / "mine.yaml").write_text(text)
    assert LayoutModel(tmp_path / "mine-s.yaml").yaml["nc"] == 4
    assert LayoutModel(tmp_path / "mine.yaml").yaml["scale"] == "n"
