import json
from pathlib import Path

import pypdfium2 as pdfium
import pytest

import doclayout
from doclayout.schema import load_schema
from synth.sample import build_sample, write_sample

SHIPPED = Path(doclayout.__file__).parent / "sample"


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sample")
    write_sample(folder)
    return folder


@pytest.fixture(scope="module")
def truth(built):
    return json.loads((built / "sample.json").read_text(encoding="utf-8"))


def test_the_same_bytes_each_time(built):
    assert build_sample()[0] == (built / "sample.pdf").read_bytes()


@pytest.mark.parametrize("name", ["sample.pdf", "sample.json"])
def test_what_ships_is_what_is_built(built, name):
    assert (SHIPPED / name).read_bytes() == (built / name).read_bytes()


def test_every_class_is_there(truth):
    names = load_schema().names
    assert [entry["name"] for entry in truth["categories"]] == list(names)
    assert {a["category_id"] for a in truth["annotations"]} == set(range(len(names)))


def test_pages_have_text_and_match_their_truth(built, truth):
    document = pdfium.PdfDocument(built / "sample.pdf")
    assert len(document) == len(truth["images"]) >= 6
    for page, image in zip(document, truth["images"], strict=True):
        assert max(image["width"], image["height"]) == 1280
        assert image["width"] / image["height"] == pytest.approx(page.get_width() / page.get_height(), rel=2e-3)
        assert "ORN1216" in page.get_textpage().get_text_range()
    document.close()


def test_boxes_lie_on_their_page_and_apart(truth):
    size = {image["id"]: (image["width"], image["height"]) for image in truth["images"]}
    for a in truth["annotations"]:
        x, y, w, h = a["bbox"]
        assert w > 0 and h > 0
        assert x >= 0 and y >= 0
        assert x + w <= size[a["image_id"]][0] and y + h <= size[a["image_id"]][1]
        for b in truth["annotations"]:
            if b["id"] > a["id"] and b["image_id"] == a["image_id"]:
                u, v, s, t = b["bbox"]
                assert min(x + w, u + s) <= max(x, u) or min(y + h, v + t) <= max(y, v), (a, b)
