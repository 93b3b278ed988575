import shutil
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import openvino as ov
import pytest

from doclayout import cache, runtime
from doclayout.errors import UsageError, WeightsError
from doclayout.runtime import DEFAULT_WEIGHTS, OpenVinoDetector, find_weights, load_detector
from tests.conftest import IMGSZ, drawn_page, lively_model


def bare_onnx(path, names=None, shape=("B", 3, "H", "W"), inputs=1, **properties):
    """A network that hands its first input on, with some metadata."""
    from onnx import TensorProto, checker, helper, save

    values = [helper.make_tensor_value_info(f"x{i}", TensorProto.FLOAT, shape) for i in range(inputs)]
    out = helper.make_tensor_value_info("y", TensorProto.FLOAT, shape)
    nodes = [helper.make_node("Sum", [value.name for value in values], ["y"])]
    model = helper.make_model(
        helper.make_graph(nodes, "bare", values, [out]), opset_imports=[helper.make_opsetid("", 13)], ir_version=8
    )
    helper.set_model_props(model, {k: v for k, v in {"names": names, **properties}.items() if v is not None})
    checker.check_model(model)
    save(model, path)
    return path


def test_detector_finds_rows_by_falling_score(onnx_weights):
    detector = load_detector(onnx_weights, threads=1)
    rows = detector(np.stack([drawn_page(0, 160, 128), drawn_page(1, 160, 128)]))
    assert rows.shape == (2, 300, 6)
    assert rows.dtype == np.float32
    assert (np.diff(rows[..., 4]) <= 0).all()
    assert rows[..., 4].min() >= 0 and rows[..., 4].max() <= 1
    assert set(np.unique(rows[..., 5])) <= set(range(21))


def test_batch_equals_single_pages(onnx_weights):
    detector = OpenVinoDetector(onnx_weights, 1)
    pages = np.stack([drawn_page(seed, 128, 96) for seed in range(3)])
    together = detector(pages)
    for page, expected in zip(pages, together, strict=True):
        np.testing.assert_allclose(detector(page[None])[0], expected, atol=1e-4)


def test_pages_may_have_any_shape(onnx_weights):
    detector = OpenVinoDetector(onnx_weights, 1)
    for height, width in [(160, 128), (32, 32), (96, 224)]:
        assert detector(drawn_page(0, height, width)[None]).shape == (1, 300, 6)


def test_few_shapes_are_kept_compiled(onnx_weights, monkeypatch):
    monkeypatch.setattr(runtime, "MOST_SHAPES", 2)
    detector, compiled = OpenVinoDetector(onnx_weights, 1), []
    compile_ = detector._compiled
    monkeypatch.setattr(detector, "_compiled", lambda shape: compiled.append(shape) or compile_(shape))
    for side in (32, 64, 32, 96, 32, 64):
        assert detector(np.zeros((1, 32, side, 3), np.uint8)).shape == (1, 300, 6)
        assert len(detector._queues) <= 2
    assert compiled == [(32, 32), (32, 64), (32, 96), (32, 64)], "the one not used for longest goes first"


def test_compiled_networks_of_long_ago_make_room(onnx_weights, tmp_path, monkeypatch):
    monkeypatch.setenv("DOCLAYOUT_CACHE", str(tmp_path))
    monkeypatch.setitem(cache.LIMITS, "compiled", 0)
    OpenVinoDetector(onnx_weights)(np.zeros((1, 96, 64, 3), np.uint8))
    assert not list((tmp_path / "compiled").iterdir())


def test_a_cache_that_cannot_be_made_is_done_without(onnx_weights, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("DOCLAYOUT_CACHE", str(tmp_path / "file"))
    assert OpenVinoDetector(onnx_weights)(np.zeros((1, 96, 64, 3), np.uint8)).shape[2] == 6


def test_compiled_networks_are_read_from_the_disk(onnx_weights, tmp_path, monkeypatch):
    monkeypatch.setenv("DOCLAYOUT_CACHE", str(tmp_path))
    page = drawn_page(0, 64, 64)[None]
    rows = OpenVinoDetector(onnx_weights, 1)(page)
    assert len(list((tmp_path / "compiled").iterdir())) == 1
    with monkeypatch.context() as patch:
        patch.setattr(ov.Core, "compile_model", lambda *_: pytest.fail("it was compiled before"))
        np.testing.assert_array_equal(OpenVinoDetector(onnx_weights, 1)(page), rows)


@pytest.mark.parametrize("damage", [b"", b"no network", None], ids=["empty", "other", "cut"])
def test_a_damaged_compiled_network_is_made_anew(onnx_weights, tmp_path, monkeypatch, damage):
    monkeypatch.setenv("DOCLAYOUT_CACHE", str(tmp_path))
    page = drawn_page(0, 64, 64)[None]
    rows = OpenVinoDetector(onnx_weights, 1)(page)
    (stored,) = (tmp_path / "compiled").iterdir()
    whole = stored.read_bytes()
    stored.write_bytes(whole[: len(whole) // 2] if damage is None else damage)
    np.testing.assert_array_equal(OpenVinoDetector(onnx_weights, 1)(page), rows)
    assert len(stored.read_bytes()) == len(whole)


def test_compiled_networks_are_told_apart(onnx_weights, tmp_path, monkeypatch):
    monkeypatch.setenv("DOCLAYOUT_CACHE", str(tmp_path / "cache"))
    other = bare_onnx(tmp_path / "lively-n.onnx", "{0: 'a'}")
    page = drawn_page(0, 64, 64)[None]
    for weights, threads in ((onnx_weights, 1), (onnx_weights, 2)):
        OpenVinoDetector(weights, threads)(page)
    with pytest.raises(WeightsError, match="NMS-free"):
        OpenVinoDetector(other, 1)(page)
    assert len(list((tmp_path / "cache" / "compiled").iterdir())) == 3


@pytest.mark.parametrize("suffix", [".onnx", ".pt"])
def test_same_calls_for_both_kinds(checkpoint, onnx_weights, suffix):
    detector = load_detector(onnx_weights if suffix == ".onnx" else checkpoint, "cpu", 1)
    assert (detector.name, detector.schema.name, detector.imgsz) == ("lively-n", "datasheet21", IMGSZ)
    assert detector(drawn_page(0, 64, 64)[None]).shape == (1, 300, 6)


@pytest.mark.parametrize("suffix", [".onnx", ".pt"])
def test_half_precision_needs_units_for_it(checkpoint, onnx_weights, suffix, monkeypatch):
    monkeypatch.setattr(runtime, "has_bfloat16", lambda: False)
    weights = onnx_weights if suffix == ".onnx" else checkpoint
    with pytest.raises(UsageError, match="units for bfloat16"):
        load_detector(weights, "cpu", 1, half=True)
    load_detector(weights, "cpu", 1)


@pytest.mark.skipif(not runtime.has_bfloat16(), reason="no units for bfloat16")
@pytest.mark.parametrize("suffix", [".onnx", ".pt"])
def test_half_precision(checkpoint, onnx_weights, suffix):
    weights = onnx_weights if suffix == ".onnx" else checkpoint
    page = drawn_page(0, 64, 64)[None]
    full, half = (load_detector(weights, "cpu", 1, half)(page)[0] for half in (False, True))
    assert 0 < np.abs(half[:5, 4] - full[:5, 4]).max() < 0.1


@pytest.mark.parametrize(
    ("device", "kind", "words"),
    [
        ("cuda:0", "onnx", "runs on the CPU"),
        ("nowhere", "pt", "device=nowhere cannot be used"),
        ("99", "pt", "device=99 cannot be used: (?!Invalid device string)"),
    ],
)
def test_devices_that_cannot_run(checkpoint, onnx_weights, device, kind, words):
    with pytest.raises(UsageError, match=words):
        load_detector(checkpoint if kind == "pt" else onnx_weights, device)


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (None, "none.onnx", "no weights"),
        (b"", "empty.onnx", "cannot be read"),
        (b"not a network", "text.onnx", "cannot be read"),
        (b"not a network", "text.xml", "cannot be read"),
        (b"not a network", "text.bin", "not .bin"),
        (b"not a network", "text", "without suffix"),
        (b"not a checkpoint", "text.pt", "safe to load"),
    ],
)
def test_files_that_are_no_weights(tmp_path, content, name, words):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(WeightsError, match=words):
        load_detector(tmp_path / name)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"shape": ("B", 3)}, "one input"),
        ({"inputs": 2}, "one input"),
        ({}, "does not say its classes"),
        ({"names": "{0: 'a'"}, "metadata that cannot be read"),
        ({"names": "['a']"}, "metadata that cannot be read"),
        ({"names": "{0: 'a'}", "thresholds": "0.4"}, "metadata that cannot be read"),
    ],
)
def test_networks_that_are_no_detectors(tmp_path, options, words):
    with pytest.raises(WeightsError, match=words):
        OpenVinoDetector(bare_onnx(tmp_path / "bare.onnx", **options))


def test_checkpoints_without_an_nms_free_head(tmp_path):
    import torch

    model = lively_model()
    del model.model[-1].one2one_cv2
    torch.save({"model": model}, tmp_path / "old.pt")
    with pytest.raises(WeightsError, match="lacks an NMS-free head"):
        load_detector(tmp_path / "old.pt", "cpu")


def test_class_lists_of_other_detectors(tmp_path):
    path = bare_onnx(tmp_path / "other.onnx", names="{0: 'cat', 1: 'dog'}", imgsz="[320, 256]")
    detector = OpenVinoDetector(path, 1)
    assert (detector.schema.name, detector.schema.names, detector.imgsz) == ("other", ("cat", "dog"), 320)
    with pytest.raises(WeightsError, match="NMS-free head"):
        detector(np.zeros((1, 32, 32, 3), np.uint8))


@pytest.mark.parametrize(("text", "thresholds"), [(None, None), ("{'a': 0.4}", {"a": 0.4})])
def test_thresholds_are_read(tmp_path, text, thresholds):
    path = bare_onnx(tmp_path / "cut.onnx", names="{0: 'a'}", thresholds=text)
    assert OpenVinoDetector(path, 1).thresholds == thresholds


@pytest.mark.parametrize(
    "name", ["edocnet-n-int8.xml", *(f"edocnet-{size}{suffix}" for size in "tns" for suffix in (".onnx", ".pt"))]
)
def test_weights_that_ship_have_a_threshold_for_each_class(name):
    detector = load_detector(name, "cpu", 1)
    assert tuple(detector.thresholds) == detector.schema.names
    assert all(0.1 <= value <= 0.7 for value in detector.thresholds.values())


def test_fixed_input_is_named(tmp_path):
    detector = OpenVinoDetector(bare_onnx(tmp_path / "fixed.onnx", names="{0: 'a'}", shape=(1, 3, 64, 64)), 1)
    with pytest.raises(UsageError, match=r"fixed input.*smaller imgsz"):
        detector(np.zeros((1, 32, 96, 3), np.uint8))


def test_smaller_pages_are_padded_to_a_fixed_input(tmp_path):
    """The network hands its input on, with rows of 6 as the last side: the page, paper at its right and foot."""
    path = bare_onnx(tmp_path / "fixed.onnx", names="{0: 'a'}", shape=(1, 3, 64, 96))
    seen = []
    detector = OpenVinoDetector(path, 1)
    queue = detector._queue
    detector._queue = lambda shape: seen.append(shape) or queue(shape)
    page = np.random.default_rng(0).integers(0, 255, (2, 32, 64, 3), np.uint8)
    np.testing.assert_array_equal(detector._padded(page)[:, :32, :64], page)
    assert (detector._padded(page)[:, 32:] == 255).all() and (detector._padded(page)[:, :, 64:] == 255).all()
    with pytest.raises(WeightsError):  # what it gives are no rows
        detector(page)
    assert seen == [(64, 96)]


def test_weights_are_found(onnx_weights, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(runtime, "DEFAULT_WEIGHTS", tmp_path / "shipped" / "edocnet-n.onnx")
    (tmp_path / "shipped").mkdir()
    shutil.copy(onnx_weights, tmp_path / "shipped" / "edocnet-n.onnx")
    assert find_weights(None) == tmp_path / "shipped" / "edocnet-n.onnx"
    assert find_weights("edocnet-n.onnx") == find_weights(None)
    shutil.copy(onnx_weights, tmp_path / "edocnet-n.onnx")
    assert str(find_weights("edocnet-n.onnx")) == "edocnet-n.onnx", "a file of the user's goes first"
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "m.xml").touch()
    assert find_weights("folder").name == "m.xml"
    with pytest.raises(WeightsError, match=r"those that ship: edocnet-n\.onnx"):
        find_weights("edocnet-z.onnx")


def test_default_weights_ship():
    assert DEFAULT_WEIGHTS.stat().st_size <= 12e6
    detector = load_detector(threads=1)
    assert (detector.name, detector.schema.name, detector.imgsz) == ("edocnet-n", "datasheet21", 640)


def test_one_model_predicts_in_several_threads(onnx_weights):
    detector = load_detector(onnx_weights, "cpu", 2)
    batches = [np.stack([drawn_page(seed, 96, 64), drawn_page(seed + 1, 96, 64)]) for seed in range(8)]
    expected = [detector(batch) for batch in batches]
    with ThreadPoolExecutor(4) as pool:
        for found, own in zip(pool.map(detector, batches * 4), expected * 4, strict=True):
            assert np.array_equal(found, own)


@pytest.mark.parametrize("suffix", [".onnx", ".pt"])
def test_threads_are_checked(checkpoint, onnx_weights, suffix):
    with pytest.raises(UsageError, match="threads=-1 must be at least 1"):
        load_detector(onnx_weights if suffix == ".onnx" else checkpoint, "cpu", -1)
