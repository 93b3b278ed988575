import io

import numpy as np
import pytest
from PIL import Image
from reportlab.pdfgen.canvas import Canvas

from doclayout import DocLayoutModel
from doclayout.errors import NoPagesError, SchemaError, SourceNotFoundError, UsageError, WeightsError
from tests.conftest import drawn_page

FAST = {"imgsz": 160, "conf": 0.25}


@pytest.fixture(scope="module")
def model(onnx_weights):
    return DocLayoutModel(onnx_weights, threads=1)


@pytest.fixture
def folder(tmp_path):
    """A good page, a sub-folder with two more, a broken PDF and an empty file."""
    (tmp_path / "sub").mkdir()
    Image.fromarray(drawn_page(0)).save(tmp_path / "a.png")
    Image.fromarray(drawn_page(1)).save(tmp_path / "sub" / "a.png")
    frames = [Image.fromarray(drawn_page(seed)) for seed in (2, 3)]
    frames[0].save(tmp_path / "sub" / "b.tiff", save_all=True, append_images=frames[1:])
    (tmp_path / "broken.pdf").write_bytes(b"%PDF-1.7 and no more")
    (tmp_path / "empty.jpg").touch()
    return tmp_path


def test_predict_gives_a_document(model):
    document = model.predict(drawn_page(0), clean=False, **FAST)
    assert (document.source, document.model, document.schema.name) == ("<array>", "lively-n", "datasheet21")
    (page,) = document.pages
    assert len(page.regions) > 3
    assert document.errors == ()
    assert document.json()["format"] == "doclayout/1"


def test_results_in_another_schema(model):
    own, coarse = (model.predict(drawn_page(0), schema=schema, **FAST) for schema in (None, "publaynet5"))
    assert (own.schema.name, coarse.schema.name, coarse.json()["schema"]) == ("datasheet21", "publaynet5", "publaynet5")
    kept = [region for region in own.pages[0].regions if region.name not in ("header", "footer")]
    assert [region.bbox for region in coarse.pages[0].regions] == [region.bbox for region in kept]
    with pytest.raises(SchemaError, match="did you mean publaynet5"):
        model.predict(drawn_page(0), schema="publaynet")


def test_sources_of_every_kind_give_the_same(model, tmp_path):
    image = drawn_page(0)
    path = tmp_path / "page.png"
    Image.fromarray(image).save(path)
    expected = model.predict(path, **FAST).pages[0]
    for source in (str(path), path.read_bytes(), image, Image.fromarray(image)):
        assert model.predict(source, **FAST).pages[0] == expected


def test_pages_and_progress(model):
    stream = io.BytesIO()
    canvas = Canvas(stream, pagesize=(200, 300))
    for _ in range(4):
        canvas.drawString(20, 200, "Absolute maximum ratings")
        canvas.showPage()
    canvas.save()
    calls = []
    document = model.predict(stream.getvalue(), "2-3,-1", progress=lambda: calls.append(1), **FAST)
    assert [page.number for page in document.pages] == [2, 3, 4]
    assert len(calls) == 3


def test_predict_all_goes_on_after_bad_files(model, folder):
    found = {document.source: document for document in model.predict_all(folder, **FAST)}
    names = ["a.png", "broken.pdf", "empty.jpg", "sub/a.png", "sub/b.tiff"]
    assert [str(folder / name) for name in names] == list(found)
    assert [len(document.pages) for document in found.values()] == [1, 0, 0, 1, 2]
    problems = {name: [error.error for error in found[str(folder / name)].errors] for name in names}
    assert problems["broken.pdf"] == ["DamagedFileError"]
    assert problems["empty.jpg"] == ["EmptyFileError"]
    assert [problems[name] for name in names if not name.startswith(("broken", "empty"))] == [[], [], []]


def test_predict_all_equals_predict(model, folder):
    together = {document.source: document for document in model.predict_all(folder, batch=3, **FAST)}
    for name in ("a.png", "sub/b.tiff"):
        alone = model.predict(folder / name, batch=1, **FAST)
        assert [len(page.regions) for page in alone.pages] == [
            len(page.regions) for page in together[str(folder / name)].pages
        ]
        for one, other in zip(alone.pages, together[str(folder / name)].pages, strict=True):
            np.testing.assert_allclose(
                [region.bbox for region in one.regions], [region.bbox for region in other.regions], atol=0.1
            )


@pytest.mark.parametrize(
    ("source", "error"), [("nowhere.pdf", SourceNotFoundError), ("*.pdf", SourceNotFoundError), (".", NoPagesError)]
)
def test_batches_without_documents(model, tmp_path, monkeypatch, source, error):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(error):
        list(model.predict_all(source))


@pytest.mark.parametrize("options", [{"imgsz": 1}, {"conf": 2}, {"batch": 0}, {"max_det": 0}])
def test_options_are_checked_before_work(model, folder, options):
    with pytest.raises(UsageError):
        model.predict(folder / "a.png", **options)
    with pytest.raises(UsageError):
        list(model.predict_all(folder, **options))


def test_missing_weights_are_told_at_once():
    with pytest.raises(WeightsError, match=r"no weights nowhere\.onnx"):
        DocLayoutModel("nowhere.onnx")


def test_weights_are_read_at_first_use(tmp_path):
    (tmp_path / "bad.onnx").write_bytes(b"no network")
    model = DocLayoutModel(tmp_path / "bad.onnx")
    with pytest.raises(WeightsError, match=r"bad\.onnx"):
        model.predict(drawn_page(0))


@pytest.mark.parametrize("call", ["train", "export"])
def test_inference_weights_cannot_be_trained(onnx_weights, tmp_path, call):
    model = DocLayoutModel(onnx_weights)
    with pytest.raises(UsageError, match="is for inference"):
        model.train(tmp_path) if call == "train" else model.export()


def test_torch_weights_predict_the_same(checkpoint, model):
    ours = DocLayoutModel(checkpoint, "cpu", 1).predict(drawn_page(0), refine=False, **FAST).pages[0].regions
    theirs = model.predict(drawn_page(0), refine=False, **FAST).pages[0].regions
    assert [region.name for region in ours] == [region.name for region in theirs]
    for one, other in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(one.bbox, other.bbox, atol=0.5 * 256 / 160)
        assert one.score == pytest.approx(other.score, abs=1e-3)


def test_files_that_are_no_images_are_named_beside_torch_too(checkpoint, tmp_path, monkeypatch):
    monkeypatch.setattr("ultralytics.utils.checks.check_requirements", lambda *_: pytest.fail("would install packages"))
    (tmp_path / "text.png").write_bytes(b"no image at all")
    (document,) = DocLayoutModel(checkpoint, "cpu", 1).predict_all(tmp_path, **FAST)
    assert [error.error for error in document.errors] == ["NotADocumentError"]


def test_export_then_predict(checkpoint, tmp_path):
    path = DocLayoutModel(checkpoint).export(save_dir=tmp_path, name="again")
    assert path == tmp_path / "again.onnx"
    assert DocLayoutModel(path, threads=1).predict(drawn_page(0), **FAST).model == "again"


def test_export_gets_the_device(checkpoint, monkeypatch):
    given = {}
    monkeypatch.setattr("doclayout.train.export.export", lambda path, format, options: given.update(options))
    DocLayoutModel(checkpoint, "cpu").export(half=True)
    assert given == {"half": True, "device": "cpu"}


def test_model_yaml_cannot_predict():
    with pytest.raises(WeightsError):
        DocLayoutModel("edocnet-n.yaml").predict(drawn_page(0))
