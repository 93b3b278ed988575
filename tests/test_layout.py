import json
import math
import pickle
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import doclayout
from doclayout.document import open_document
from doclayout.errors import DamagedFileError, SchemaError, UsageError
from doclayout.layout import Document, Page, PageError, Region
from doclayout.predict import Settings, jobs_of, predict_pages
from doclayout.schema import Schema, load_schema
from tests.conftest import drawn_page

S = load_schema()


def region(**changes):
    values = {"id": "p1r0", "name": "heading", "class_id": 1, "score": 0.5, "bbox": (10, 20, 30, 40), "order": 0}
    return Region(**{**values, **changes})


def gradient(long_side):
    """A 100 x 200 page at any scale: red runs with x, green with y."""
    height, width = long_side, long_side // 2
    image = np.zeros((height, width, 3), np.uint8)
    image[..., 0] = (np.arange(width) * 100 // width)[None]
    image[..., 1] = (np.arange(height) * 200 // height)[:, None]
    return image


@pytest.fixture
def document():
    caption = S.id_of("caption")
    regions = [
        region(),
        region(id="p1r1", name="caption", class_id=caption, order=1, bbox=(10.123, 50, 90, 60.456), caption_of="p1r2"),
        region(id="p1r2", name="figure", class_id=20, order=2, bbox=(10, 65, 90, 180), score=0.123456),
    ]
    pages = [Page(1, 100, 200, "pt", regions, gradient), Page(3, 50, 60, "pt")]
    return Document("in/x.pdf", "edocnet-n", S, pages, [PageError(2, "PageSizeError", "too large")])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"id": ""}, "region id must be a string that is not empty, got ''"),
        ({"name": None}, "region p1r0: name must be a string that is not empty, got None"),
        ({"class_id": -1}, "region p1r0: class_id must be an integer from 0, got -1"),
        ({"order": 1.5}, "region p1r0: order must be an integer from 0, got 1.5"),
        ({"score": 1.01}, "region p1r0: score must be a number from 0 to 1, got 1.01"),
        ({"score": math.nan}, "region p1r0: score must be a number from 0 to 1, got nan"),
        ({"bbox": (1, 2, 3)}, "region p1r0: bbox must be four finite numbers, got (1, 2, 3)"),
        ({"bbox": (1, 2, math.inf, 4)}, "region p1r0: bbox must be four finite numbers, got (1, 2, inf, 4)"),
        ({"bbox": (5, 2, 3, 4)}, "bbox must be x0, y0, x1, y1 with x0 < x1 and y0 < y1, got (5, 2, 3, 4)"),
        ({"bbox": (1, 2, 3, 2)}, "bbox must be x0, y0, x1, y1 with x0 < x1 and y0 < y1, got (1, 2, 3, 2)"),
        ({"caption_of": "p1r0"}, "caption_of must be the id of another region, or None, got 'p1r0'"),
    ],
)
def test_region_is_checked(changes, message):
    with pytest.raises(ValueError) as caught:
        region(**changes)
    assert message in str(caught.value)


def test_region_takes_numpy_numbers():
    made = region(class_id=np.int64(1), score=np.float32(0.25), bbox=np.array([1, 2, 3, 4], np.float32))
    assert json.loads(json.dumps(made.json()))["bbox"] == [1.0, 2.0, 3.0, 4.0]
    assert (type(made.class_id), made.score) == (int, 0.25)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"number": 0}, "page number must be an integer from 1, got 0"),
        ({"width": 0}, "page 1: width must be a finite number above 0, got 0"),
        ({"height": math.inf}, "page 1: height must be a finite number above 0, got inf"),
        ({"unit": "mm"}, "page 1: unit must be 'pt' or 'px', got 'mm'"),
        ({"regions": [region(), region(order=1)]}, "region ids must be all different, got ['p1r0', 'p1r0']"),
        ({"regions": [region(order=1)]}, "region p1r0: order must be 0, its position in the page's regions, got 1"),
        ({"regions": [region(class_id=21)]}, "class_id must be below 21 in schema datasheet21, got 21"),
        ({"regions": [region(class_id=2)]}, "name must be 'text', class 2 of its schema, got 'heading'"),
        (
            {"regions": [region(caption_of="p2r0")]},
            "caption_of must be the id of a region of the same page, got 'p2r0'",
        ),
        ({"regions": [region(bbox=(1, 1, 101, 9))]}, "inside the page, 100 x 200, got (1.0, 1.0, 101.0, 9.0)"),
    ],
)
def test_page_is_checked(changes, message):
    with pytest.raises(ValueError) as caught:
        Page(**{"number": 1, "width": 100, "height": 200, "unit": "pt", **changes})
    assert message in str(caught.value)


def test_document_is_checked():
    page = Page(1, 100, 200, "pt")
    with pytest.raises(ValueError, match="page numbers must be all different, got \\[1, 1\\]"):
        Document("x.pdf", "m", S, [page, page])
    with pytest.raises(ValueError, match="schema must be a Schema, such as load_schema\\(\\) gives, got 'datasheet21'"):
        Document("x.pdf", "m", "datasheet21")
    other = Schema("two", ("a", "b"), ((0, 0, 0),) * 2, (True, False))
    with pytest.raises(ValueError, match="schema of page 1 must be 'two', got 'datasheet21'"):
        Document("x.pdf", "m", other, [page])


def test_json_is_the_contract(document):
    assert document.json() == {
        "format": "doclayout/1",
        "source": "in/x.pdf",
        "model": "edocnet-n",
        "schema": "datasheet21",
        "pages": [
            {
                "page": 1,
                "width": 100.0,
                "height": 200.0,
                "unit": "pt",
                "regions": [
                    {"id": "p1r0", "class": "heading", "class_id": 1, "score": 0.5, "bbox": [10.0, 20.0, 30.0, 40.0],
                     "order": 0, "caption_of": None},
                    {"id": "p1r1", "class": "caption", "class_id": 8, "score": 0.5, "bbox": [10.12, 50.0, 90.0, 60.46],
                     "order": 1, "caption_of": "p1r2"},
                    {"id": "p1r2", "class": "figure", "class_id": 20, "score": 0.1235,
                     "bbox": [10.0, 65.0, 90.0, 180.0], "order": 2, "caption_of": None},
                ],
            },
            {"page": 3, "width": 50.0, "height": 60.0, "unit": "pt", "regions": []},
        ],
        "errors": [{"page": 2, "error": "PageSizeError", "message": "too large"}],
    }  # fmt: skip


def test_json_round_trip(document, tmp_path):
    assert Document.from_json(document.json()).json() == document.json()
    path = tmp_path / "x.json"
    path.write_text(json.dumps(document.json()))
    read = Document.from_json(path)
    assert read.json() == document.json()
    with pytest.raises(UsageError, match="page 1 cannot be drawn, its source is not at hand"):
        read.pages[0].plot()


def test_numbers_of_numpy_are_written(tmp_path):
    page = Page(np.int64(2), np.float32(9), np.int32(9), "px", [region(id="p2r0", bbox=(1, 1, 5, 5))])
    (path,) = Document("x.png", "m", page.schema, [page]).save(tmp_path, ("json",))
    assert json.loads(path.read_text())["pages"][0]["page"] == 2


def test_a_schema_of_ones_own_round_trips():
    own = Schema("mine", ("a", "b"), ((0, 0, 0), (255, 0, 0)), (True, False))
    made = Document("x.png", "m", own, [Page(1, 9, 9, "px", [region(name="b", bbox=(1, 1, 5, 5))], None, own)])
    assert Document.from_json(made.json(), own).json() == made.json()
    with pytest.raises(SchemaError, match="mine"):
        Document.from_json(made.json())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda raw: raw.update(format="doclayout/9"), "format must be 'doclayout/1', got 'doclayout/9'"),
        (lambda raw: raw.pop("model"), "it lacks 'model'"),
        (lambda raw: raw["pages"][0]["regions"][0].pop("bbox"), "it lacks 'bbox'"),
        (
            lambda raw: raw["pages"][0]["regions"][0].update(bbox=[1, 2, 3]),
            "bbox must be four finite numbers, got [1, 2, 3]",
        ),
        (lambda raw: raw["pages"][0]["regions"][0].update(bbox=None), "not a doclayout/1 result"),
        (lambda raw: raw.update(pages=7), "not a doclayout/1 result"),
        (lambda raw: raw["pages"][0].update(width=10**400), "width must be a finite number above 0"),
    ],
)
def test_bad_json_is_named(document, tmp_path, change, message):
    raw = document.json()
    change(raw)
    path = tmp_path / "bad.json"
    path.write_text(json.dumps(raw))
    with pytest.raises(DamagedFileError) as caught:
        Document.from_json(path)
    assert message in str(caught.value)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize("text", ["{", "[" * 100_000])
def test_not_json_is_named(tmp_path, text):
    path = tmp_path / "bad.json"
    path.write_text(text)
    with pytest.raises(DamagedFileError, match=r"bad\.json: not a doclayout/1 result"):
        Document.from_json(path)


def test_coco(document):
    coco = document.coco()
    assert coco["images"] == [
        {"id": 1, "file_name": "in/x.pdf", "page": 1, "width": 100.0, "height": 200.0},
        {"id": 2, "file_name": "in/x.pdf", "page": 3, "width": 50.0, "height": 60.0},
    ]
    assert coco["annotations"][1] == {
        "id": 2, "image_id": 1, "category_id": 8, "bbox": [10.12, 50.0, 79.88, 10.46], "area": 835.19, "iscrowd": 0,
        "score": 0.5,
    }  # fmt: skip
    assert [(c["id"], c["name"]) for c in coco["categories"]] == list(enumerate(S.names))


def test_from_boxes_clips_orders_and_links():
    figure, caption, footer, text = (S.id_of(name) for name in ("figure", "caption", "footer", "text"))
    boxes = [[5, 190, 95, 220], [10, 120, 60, 130], [-4, 50, 90, 115], [10, 10, 90, 40], [99.99, 0, 120, 9]]
    scores = np.array([0.5, 0.6, 0.7, 0.8, 0.9], np.float32)
    page = Page.from_boxes(2, 100, 200, "pt", boxes, scores, [footer, caption, figure, text, text], S)
    found = [(r.id, r.name, r.bbox, round(r.score, 6), r.caption_of) for r in page.regions]
    assert found == [
        ("p2r0", "text", (10.0, 10.0, 90.0, 40.0), 0.8, None),
        ("p2r1", "figure", (0.0, 50.0, 90.0, 115.0), 0.7, None),
        ("p2r2", "caption", (10.0, 120.0, 60.0, 130.0), 0.6, "p2r1"),
        ("p2r3", "footer", (5.0, 190.0, 95.0, 200.0), 0.5, None),
    ]
    assert Page.from_boxes(1, 100, 200, "pt", np.zeros((0, 4)), [], [], S).regions == ()


def test_crops_are_where_the_boxes_are(document):
    page = document.pages[0]
    (first, _, last) = list(page.crops(long_side=400))
    assert (first[0].id, last[0].id) == ("p1r0", "p1r2")
    assert first[1].shape == (40, 40, 3)
    assert first[1][0, 0, :2].tolist() == [10, 20]
    assert last[1][-1, -1, :2].tolist() == [89, 179]
    at_144_dpi = dict(page.crops(dpi=144, classes=["heading"]))
    assert [image.shape for image in at_144_dpi.values()] == [(40, 40, 3)]
    with pytest.raises(SchemaError, match="'headings' is not in schema datasheet21"):
        list(page.crops(classes=["headings"]))


def test_crops_keep_a_pixel_of_slivers_and_an_images_own_resolution():
    page = Page(1, 100, 200, "px", [region(bbox=(99.9, 0, 100.4, 200))], gradient)
    assert [image.shape for _, image in page.crops()] == [(200, 1, 3)]


def test_plot_draws_on_the_page(document):
    page = document.pages[0]
    plain = page.plot(long_side=800, legend=False)
    assert plain.shape == (800, 400, 3)
    assert np.array_equal(page.plot(image=gradient(800), legend=False), plain)
    assert page.plot(long_side=800).shape[1] > 400
    assert (page.plot(long_side=800, legend=False, structure=True) != plain).any()


@pytest.mark.parametrize("kind", ["pdf", "bytes", "image", "array"])
def test_documents_come_back_from_other_processes(kind, tmp_path):
    """Pickled, they still have pictures and text, as they know their source; the model is not needed for it."""
    if kind in ("pdf", "bytes"):
        source = Path(doclayout.__file__).parent / "sample" / "sample.pdf"
        source = source.read_bytes() if kind == "bytes" else source
    else:
        source = drawn_page(1)
        if kind == "image":
            Image.fromarray(source).save(tmp_path / "a.png")
            source = tmp_path / "a.png"
    with open_document(source, pages=[1]) as opened:
        ((_, page),) = predict_pages(jobs_of(opened), BoxDetector(), Settings(refine=False))
    document = Document("a", "m", BoxDetector.schema, [page], [])
    whole = page.image(300)  # opens the source, which is then kept open
    again = pickle.loads(pickle.dumps(document))
    assert again.json() == document.json()
    assert [region.text for region in again.pages[0].regions] == [region.text for region in page.regions]
    np.testing.assert_array_equal(again.pages[0].image(300), whole)


class BoxDetector:
    """Finds the middle of the page."""

    name, imgsz, thresholds, schema = "box", 640, None, load_schema()

    def __call__(self, images):
        height, width = images.shape[1:3]
        row = (width / 4, height / 4, 3 * width / 4, 3 * height / 4, 0.9, 2)
        return np.tile(np.array(row, np.float32), (len(images), 1, 1))


@pytest.mark.parametrize("dpi", [0, -1, float("nan"), "200"])
def test_crops_need_a_resolution(dpi):
    page = Page(1, 100.0, 100.0, "pt", [], load_schema())
    with pytest.raises(UsageError, match=r"dpi=.* must be a number above 0"):
        list(page.crops(dpi=dpi))
