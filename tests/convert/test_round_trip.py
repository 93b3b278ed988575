"""Nothing is lost on the way from any format to any other and back, and an independent reader reads the same."""

from __future__ import annotations

import json
import shutil
import tempfile
from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from ultralytics.data.utils import img2label_paths

from doclayout.convert.command import FORMATS
from doclayout.convert.labels import Label, LabelSet
from tests.convert.conftest import SIZES, assert_same, page_of, read, written

NAMES = st.text(st.characters(categories=("L", "N", "P", "S"), exclude_characters="�"), min_size=1, max_size=8)
"""Class names: letters, digits, marks and symbols of any script, such as `<`, `"`, `:` and `%`."""


@st.composite
def boxes(draw, width, height):
    """A box of at least a thousandth of a pixel in a page."""
    sides = []
    for size in (width, height):
        low = draw(st.floats(0, size - 0.001))
        sides.append((low, draw(st.floats(min(low + 0.001, size), size))))
    (x0, x1), (y0, y1) = sides
    return x0, y0, x1, y1


@st.composite
def label_sets(draw, pictures):
    names = draw(st.lists(NAMES, min_size=1, max_size=4, unique=True))
    splits = draw(st.sampled_from([("",), ("train", "val")]))
    pages = []
    for name in draw(st.lists(st.sampled_from(sorted(SIZES)), min_size=1, unique=True)):
        found = draw(st.lists(st.tuples(st.sampled_from(names), boxes(*SIZES[name])), max_size=4))
        pages.append(page_of(pictures, name, *(Label(*item) for item in found), split=draw(st.sampled_from(splits))))
    return LabelSet("drawn", tuple(names), tuple(pages))


@pytest.mark.parametrize(("first", "second"), list(product(FORMATS, FORMATS)))
@settings(max_examples=3, deadline=None, suppress_health_check=list(HealthCheck))
@given(values=st.data())
def test_every_pair_of_formats(first, second, pictures, values):
    data = values.draw(label_sets(pictures))
    with tempfile.TemporaryDirectory() as scratch:
        once = read(first, written(data, first, Path(scratch, "once")))
        assert_same(once, data)
        assert_same(read(second, written(once, second, Path(scratch, "twice"))), data)


@pytest.mark.parametrize("name", FORMATS)
def test_pages_are_copied_as_they_are(name, data, tmp_path):
    for page in read(name, written(data, name, tmp_path)).pages:
        (original,) = [other.file for other in data.pages if other.name == page.name]
        assert page.file.read_bytes() == original.read_bytes()
        assert tmp_path in page.file.parents


@pytest.mark.slow
def test_supervision_reads_the_same(data, tmp_path):
    """It is written by others, and takes one split of one folder."""
    from supervision import DetectionDataset as supervision

    one = LabelSet("one", data.names, tuple(page for page in data.pages if page.name == "a.png"))
    for name in ("coco", "yolo", "voc"):
        written(one, name, tmp_path / name)
    split = tmp_path / "yolo" / "images" / "train", tmp_path / "yolo" / "labels" / "train"
    found = {
        "coco": supervision.from_coco(str(tmp_path / "coco" / "train"), str(tmp_path / "coco/train/annotations.json")),
        "yolo": supervision.from_yolo(*map(str, split), str(tmp_path / "yolo" / "data.yaml")),
        "voc": supervision.from_pascal_voc(
            str(tmp_path / "voc" / "JPEGImages" / "train"), str(tmp_path / "voc" / "Annotations" / "train")
        ),
    }
    expected = [(label.name, *label.bbox) for label in one.pages[0].labels]
    for name, theirs in found.items():
        (detections,) = theirs.annotations.values()
        assert [theirs.classes[k] for k in detections.class_id] == [x[0] for x in expected], name
        np.testing.assert_allclose(detections.xyxy, [x[1:] for x in expected], atol=1e-4, err_msg=name)


@pytest.mark.parametrize("inner", ["images", "labels", "images/train/images"])
def test_ultralytics_finds_labels_of_pages_in_any_folder(inner, pictures, tmp_path):
    label = Label("text", (1, 2, 30, 40))
    page = replace(page_of(pictures, "a.png", label, split="train"), name=f"{inner}/a.png")
    folder = written(LabelSet("set", ("text",), (page,)), "yolo", tmp_path / "set")
    (image,) = folder.rglob("*.png")
    assert Path(img2label_paths([str(image)])[0]).is_file()
    assert_same(read("yolo", folder), LabelSet("set", ("text",), (page,)))


@pytest.mark.parametrize("name", FORMATS)
def test_blanks_around_names_stay(name, pictures, tmp_path):
    names = ("page.png", " page.png", "page .png", "a\x85b\u2028.png")
    for k, own in enumerate(names):
        Image.new("L", SIZES["a.png"], 80 * k).save(tmp_path / own)
    first = page_of(pictures, "a.png", Label("text", (1, 2, 30, 40)))
    splits = zip(names, ("val", "train", "val", "train"), strict=True)
    pages = tuple(replace(first, file=tmp_path / own, name=own, split=split, source="") for own, split in splits)
    data = LabelSet("blanks", ("text",), pages)
    found = read(name, written(data, name, tmp_path / "set"))
    assert_same(found, data)
    for page in found.pages:
        assert page.file.read_bytes() == (tmp_path / page.name).read_bytes()


def test_pages_of_one_name_in_two_folders(pictures, tmp_path):
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        shutil.copyfile(pictures / "a.png", tmp_path / folder / "a.png")
    images = [{"id": k, "file_name": f"../{folder}/a.png", "width": 60, "height": 80}
              for k, folder in enumerate(("one", "two"))]  # fmt: skip
    (tmp_path / "set").mkdir()
    coco = {"images": images, "categories": [{"id": 1, "name": "text"}], "annotations": []}
    (tmp_path / "set" / "annotations.json").write_text(json.dumps(coco))
    data = read("coco", tmp_path / "set")
    assert [page.file.parent.name for page in data.pages] == ["one", "two"]
    again = read("coco", written(data, "coco", tmp_path / "again"))
    assert [page.name for page in again.pages] == ["a.png", "a-2.png"]


def test_a_name_that_is_no_file_name_in_foreign_tasks(data, tmp_path):
    folder = written(data, "labelstudio", tmp_path / "tasks")
    tasks = json.loads((folder / "tasks.json").read_text())
    tasks[0]["data"]["name"] = "Regulator rev 1.2 sheet"
    (folder / "tasks.json").write_text(json.dumps(tasks))
    found = read("labelstudio", folder)
    assert found.pages[0].name == "a.png"
    assert_same(read("yolo", written(found, "yolo", tmp_path / "yolo")), data)
