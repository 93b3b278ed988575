import importlib.util
import os
import shutil
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest

from doclayout.errors import DamagedFileError, MissingExtraError, UsageError
from doclayout.letterbox import Letterbox
from doclayout.nn.detector import TorchDetector
from doclayout.runtime import OpenVinoDetector
from doclayout.schema import load_schema
from doclayout.train.export import export, metadata, network_inputs
from tests.conftest import IMGSZ, drawn_page
from tests.parity import assert_same_detections


def canvases(height, width, count=2):
    pages = [drawn_page(seed, height, width) for seed in range(count)]
    return np.stack([Letterbox.fit(width, height, IMGSZ).apply(page) for page in pages])


@pytest.fixture(scope="module")
def detectors(checkpoint, onnx_weights):
    return TorchDetector(checkpoint, "cpu", 1), OpenVinoDetector(onnx_weights, 1)


def test_metadata_is_read_back(onnx_weights):
    import onnx

    from doclayout import __version__

    values = {entry.key: entry.value for entry in onnx.load(str(onnx_weights)).metadata_props}
    assert {key: values[key] for key in ("schema", "imgsz", "version", "license")} == {
        "schema": "datasheet21",
        "imgsz": str(IMGSZ),
        "version": __version__,
        "license": "AGPL-3.0-or-later",
    }
    detector = OpenVinoDetector(onnx_weights)
    assert (detector.name, detector.schema.name, detector.imgsz) == ("lively-n", "datasheet21", IMGSZ)


@pytest.mark.parametrize(
    ("names", "schema"),
    [(load_schema().names, "datasheet21"), (load_schema("doclaynet11").names, "doclaynet11"), (("a", "b"), None)],
)
def test_metadata_names_the_schema_that_ships(names, schema):
    model = SimpleNamespace(names=dict(enumerate(names)))
    values = metadata(model, 320)
    assert values.get("schema") == schema
    assert (values["imgsz"], values["names"]) == ("320", str(dict(enumerate(names))))
    assert "thresholds" not in values
    model.thresholds = {"a": 0.4}
    assert metadata(model, 320)["thresholds"] == "{'a': 0.4}"


@pytest.mark.parametrize(
    ("height", "width"),
    [
        (256, 192),  # portrait
        (192, 256),  # landscape
        (256, 256),
        (256, 20),  # a strip: fewer anchors than the network's fixed count of detections
    ],
)
def test_onnx_equals_torch(detectors, height, width):
    images = canvases(height, width)
    expected, found = (detector(images) for detector in detectors)
    assert expected.shape == found.shape == (2, 300, 6)
    assert (expected[:, :20, 4] > 0.2).all(), "the pages must give detections to compare"
    assert np.unique(expected[0, :50, 4]).size > 40, "scores must differ for the comparison to mean anything"
    for page in range(2):
        assert_same_detections(expected[page], found[page], conf=0.05)


@pytest.mark.parametrize(
    ("column", "error"),
    [(0, 0.6), (3, -0.6), (4, 0.002), (5, 1)],
    ids=["left edge", "bottom edge", "score", "class"],
)
def test_parity_fails_on_mismatch(detectors, column, error):
    found = detectors[0](canvases(256, 192, 1))[0]
    off = found.copy()
    off[3, column] += error
    with pytest.raises(AssertionError):
        assert_same_detections(found, off, conf=0.05)
    with pytest.raises(AssertionError):
        assert_same_detections(found, np.delete(found, 3, 0), conf=0.05)


def test_weights_that_ship_are_not_written_over(checkpoint, tmp_path, monkeypatch):
    shipped = tmp_path / "weights" / "own-n.pt"
    shipped.parent.mkdir()
    shutil.copy(checkpoint, shipped)
    shipped.with_suffix(".onnx").write_bytes(b"the default model")
    monkeypatch.setattr("doclayout.train.export.DEFAULT_WEIGHTS", shipped.with_suffix(".onnx"))
    monkeypatch.chdir(tmp_path)
    assert export(shipped, "onnx", {"imgsz": 64, "dynamic": False}).resolve() == tmp_path / "own-n.onnx"
    assert (tmp_path / "own-n.onnx").stat().st_size > 1_000_000
    assert shipped.with_suffix(".onnx").read_bytes() == b"the default model"


@pytest.mark.parametrize("package", ["doclayout.nn", "doclayout.train"])
def test_nothing_is_installed_along_the_way(package):
    """ultralytics reads the environment once, so a process that has not loaded it yet must tell."""
    code = f"import {package}; from ultralytics.utils import AUTOINSTALL; print(AUTOINSTALL)"
    clean = {key: value for key, value in os.environ.items() if key != "YOLO_AUTOINSTALL"}
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=clean)
    assert run.stdout.strip() == "False"


def test_openvino_format_equals_torch(checkpoint, detectors, tmp_path):
    folder = export(checkpoint, "openvino", {"save_dir": tmp_path, "name": "small"})
    assert [path.name for path in sorted(folder.iterdir())] == ["small.bin", "small.xml"]
    images = canvases(256, 192, 1)
    detector = OpenVinoDetector(folder / "small.xml", 1)
    assert (detector.schema.name, detector.imgsz) == ("datasheet21", IMGSZ)
    assert_same_detections(detectors[0](images)[0], detector(images)[0], conf=0.05)


@pytest.mark.parametrize(
    ("format", "options", "error", "words"),
    [
        ("onxn", {}, UsageError, "onnx"),
        ("onnx", {"dynamc": True}, UsageError, "did you mean dynamic"),
        ("onnx", {"int8": True, "calibrate": "pages"}, UsageError, "format=openvino"),
        ("openvino", {"int8": True}, UsageError, "calibrate=PAGES"),
    ],
)
def test_what_cannot_be_exported(checkpoint, tmp_path, format, options, error, words):
    with pytest.raises(error, match=words):
        export(checkpoint, format, {**options, "save_dir": tmp_path})
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("format", "options", "package"),
    [
        ("onnx", {}, "onnx"),
        ("onnx", {}, "onnxruntime"),
        ("openvino", {}, "onnxslim"),
        ("openvino", {"int8": True, "calibrate": "."}, "nncf"),
    ],
)
def test_what_must_be_installed_is_named(checkpoint, tmp_path, monkeypatch, format, options, package):
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == package else find(name))
    with pytest.raises(MissingExtraError, match=rf"export format={format} needs.*pip install 'doclayout\[export\]'"):
        export(checkpoint, format, {**options, "save_dir": str(tmp_path)})
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_int8_is_calibrated_on_pages(checkpoint, detectors, tmp_path):
    from PIL import Image

    (tmp_path / "pages").mkdir()
    for seed in range(3):
        Image.fromarray(drawn_page(seed)).save(tmp_path / "pages" / f"{seed}.png")
    options = {"int8": True, "calibrate": str(tmp_path / "pages"), "save_dir": tmp_path}
    folder = export(checkpoint, "openvino", options)
    images = canvases(256, 192, 1)
    found = OpenVinoDetector(next(folder.glob("*.xml")), 1)(images)
    np.testing.assert_allclose(found[0, :50, 4], detectors[0](images)[0, :50, 4], atol=0.1)


def test_pages_that_cannot_be_read_are_left_out_of_calibration(tmp_path):
    from PIL import Image

    (tmp_path / "a.pdf").write_bytes(b"%PDF-1.4 nothing")
    with pytest.raises(DamagedFileError):
        list(network_inputs(tmp_path, 64))
    Image.fromarray(drawn_page(0, 64, 48)).save(tmp_path / "b.png")
    (page,) = network_inputs(tmp_path, 64)
    assert page.shape == (1, 3, 64, 64)
    assert page.max() <= 1
