import subprocess
import sys

import pytest
from PIL import Image

import doclayout
from tests.conftest import drawn_page

HEAVY = (
    "torch",
    "torchvision",
    "ultralytics",
    "albumentations",
    "matplotlib",
    "onnx",
    "pycocotools",
    "pandas",
    "scipy",
    "docling_core",
    "pydantic",
    "polars",
    "rapidocr",
    "ray",
    "supervision",
)


def test_public_surface():
    assert sorted(doclayout.__all__) == ["DocLayoutModel", "Document", "Page", "Region", "errors"]
    assert sorted(dir(doclayout)) == ["DocLayoutModel", "Document", "Page", "Region", "__version__", "errors"]


@pytest.mark.parametrize("name", doclayout.__all__)
def test_public_names_come_from_their_modules(name):
    value = getattr(doclayout, name)
    home = {"DocLayoutModel": "model", "Document": "layout", "Page": "page", "Region": "region", "errors": "errors"}[
        name
    ]
    assert getattr(value, "__module__", value.__name__) == f"doclayout.{home}"


def test_other_names_are_not_there():
    with pytest.raises(AttributeError, match="no attribute 'Dokument'"):
        _ = doclayout.Dokument


def test_version_is_the_packages():
    from importlib.metadata import version

    assert doclayout.__version__ == version("doclayout")


def loaded_after(code, *words):
    """Return which heavy packages a fresh interpreter has loaded once it has run some code."""
    tail = f"; import sys; print('LOADED', *[name for name in {HEAVY!r} if name in sys.modules])"
    run = subprocess.run([sys.executable, "-c", code + tail, *words], capture_output=True, text=True, check=True)
    return run.stdout.rpartition("LOADED")[2].split()


@pytest.mark.parametrize(
    "code",
    [
        "import doclayout",
        "import doclayout, doclayout.model; doclayout.DocLayoutModel, doclayout.Document",
        "import doclayout.cli; doclayout.cli.main(['help', 'train'])",
    ],
)
def test_imports_are_light(code):
    assert loaded_after(code) == []


def test_predict_with_onnx_needs_no_torch(onnx_weights, tmp_path):
    Image.fromarray(drawn_page(0)).save(tmp_path / "page.png")
    code = (
        "import sys; from doclayout.cli import main; "
        "assert main(['predict', f'source={sys.argv[1]}', f'model={sys.argv[2]}', f'save_dir={sys.argv[3]}', "
        "'imgsz=160', 'format=json,png,coco,crops']) == 0"
    )
    assert loaded_after(code, str(tmp_path / "page.png"), str(onnx_weights), str(tmp_path / "out")) == []
    assert (tmp_path / "out" / "page.json").exists()
