"""Broken data sets: each fault has its own error, which names the file and the item."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import replace

import pytest

from doclayout.convert.command import FORMATS
from doclayout.convert.labels import LabelledPage
from doclayout.errors import BoxError, DuplicateError, LabelFileError, MissingImageError, UnknownClassError, UsageError
from tests.convert.conftest import read, written

COCO, TXT, VOC = "train/annotations.json", "labels/train/a.txt", "Annotations/train/a.xml"
TASKS, CVAT = "tasks.json", "annotations.xml"
ANYWHERE = {"coco": COCO, "yolo": "data.yaml", "voc": VOC, "labelstudio": TASKS, "cvat": CVAT}
"""A label file of each format."""


def edit(file, old, new):
    """Replace the first match of a pattern in a file."""
    text, count = re.subn(old, new, file.read_text(), count=1, flags=re.DOTALL)
    assert count == 1, f"{old} is not in {text}"
    file.write_text(text)


def expect(name, folder, error, words):
    with pytest.raises(error, match=words) as raised:
        read(name, folder)
    assert str(folder) in str(raised.value)


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("text", ["", "<<<", "[1, 2", '{"images": 3}', "<a><b/></a>", "- [\n", "\0\0"])
def test_files_that_are_something_else(name, text, data, tmp_path):
    file = written(data, name, tmp_path) / ANYWHERE[name]
    file.write_text(text)
    expect(name, tmp_path, LabelFileError, file.name)


@pytest.mark.parametrize("name", FORMATS)
def test_no_files_at_all(name, tmp_path):
    expect(name, tmp_path, LabelFileError, "give|holds|there")


@pytest.mark.parametrize("name", FORMATS)
def test_missing_images_are_named(name, data, tmp_path):
    (file,) = written(data, name, tmp_path).glob("**/b.jpg")
    file.unlink()
    expect(name, tmp_path, MissingImageError, r"there is no (image )?(images/|train/)*sub/b")


@pytest.mark.parametrize("name", ["yolo", "labelstudio"])
def test_broken_images_are_named(name, data, tmp_path):
    (file,) = written(data, name, tmp_path).glob("**/b.jpg")
    file.write_bytes(b"\xff\xd8\xff cut short")
    expect(name, tmp_path, MissingImageError, r"b\.jpg is no image that can be read")


CASES = [
    # format, file, what is replaced, by what, the error, what it says
    ("coco", COCO, r'"bbox": \[1.5', '"bbox": [40.5', BoxError, r"image 1: box 1 \(table\) .*leaves"),
    ("coco", COCO, r'"bbox": \[1.5, 2.25, 28.5', '"bbox": [1.5, 2.25, 0', BoxError, "left < right"),
    ("coco", COCO, r'"bbox": \[1.5, ', '"bbox": [', LabelFileError, "annotation 1 has image 1"),
    ("coco", COCO, r'"image_id": 1', '"image_id": 9', LabelFileError, "annotation 1 has image 9"),
    ("coco", COCO, r'"category_id": 2', '"category_id": 9', LabelFileError, "category 9"),
    ("coco", COCO, r'"id": 2, "file_name"', '"id": 1, "file_name"', DuplicateError, "image id 1"),
    ("coco", COCO, r'"id": 2, "image_id"', '"id": 1, "image_id"', DuplicateError, "annotation id 1"),
    ("coco", COCO, r'"id": 2, "name"', '"id": 1, "name"', DuplicateError, "category id 1"),
    ("coco", COCO, r'"name": "table"', '"name": "text"', DuplicateError, "category 'text'"),
    ("coco", COCO, r'"width": 60', '"width": 0', LabelFileError, "image 1: the page is 0 x 80"),
    ("coco", COCO, r'"width": 60, ', "", LabelFileError, "image 1: .*width"),
    ("coco", COCO, r'"iscrowd": 0', '"score": 7', LabelFileError, "score 7"),
    ("coco", COCO, r'"width": 60', f'"width": {10**400}', LabelFileError, "image 1: OverflowError"),
    ("coco", COCO, r'"bbox": \[1.5', f'"bbox": [{10**400}', LabelFileError, "COCO annotation file: OverflowError"),
    ("coco", COCO, r'"width": 60', '"page": 0, "width": 60', LabelFileError, "page 0; pages count from 1"),
    ("coco", COCO, r'"name": "table"', r'"name": "t\\u0001"', LabelFileError, "control codes"),
    ("coco", COCO, r'"categories"', '"cats"', LabelFileError, "KeyError.'categories'"),
    ("yolo", TXT, r"^1 0\.\d+", "1 0.9", BoxError, r"a\.txt: box 1 \(table\) .*leaves its page, 60 x 80"),
    ("yolo", TXT, r"^1 ", "7 ", UnknownClassError, "line 1 has class 7; names has 0 to 2"),
    ("yolo", TXT, r"^1 ", "1 1 ", LabelFileError, "line 1 is '1 1 0"),
    ("yolo", TXT, r"^1 ", "one ", LabelFileError, "line 1 is 'one 0"),
    ("yolo", "data.yaml", "images/train", "images/trian", MissingImageError, "trian, which is no folder"),
    ("yolo", "data.yaml", "images/train", "3", MissingImageError, "3, which is no folder"),
    ("yolo", "data.yaml", "  0: ", "  zero: ", LabelFileError, "names must be a list, or give each id"),
    ("yolo", "data.yaml", "1: table", "1: text", DuplicateError, "class 'text'"),
    ("yolo", "data.yaml", "0: text", "4: text", LabelFileError, "names must be a list"),
    ("yolo", "data.yaml", "train:.*names", "names", LabelFileError, "none of the keys train, val, test"),
    ("voc", VOC, "<xmax>30<", "<xmax>99<", BoxError, r"a\.xml: box 1 \(table\) .*leaves"),
    ("voc", VOC, "<xmax>30<", "<xmax>1<", BoxError, "left < right"),
    ("voc", VOC, "<xmax>30<", "<xmax>x<", LabelFileError, "object 1: bndbox/xmax is 'x'"),
    ("voc", VOC, "<xmax>30</xmax>", "", LabelFileError, "object 1: bndbox/xmax is None"),
    ("voc", VOC, "<name>table</name>", "", LabelFileError, "object 1 has no name"),
    ("voc", VOC, "<name>table<", "<name>tabel<", UnknownClassError, "box 1 has class 'tabel'"),
    ("voc", "ImageSets/Main/val.txt", "val/c d", "train/a", DuplicateError, "page 'train/a'"),
    ("voc", "labelmap.txt", "\ntable:", "\ntext:", DuplicateError, "class 'text'"),
    ("labelstudio", TASKS, '"x": 2.5', '"x": 82.5', BoxError, r"task 1: box 1 \(table\) .*leaves its page"),
    ("labelstudio", TASKS, '"width": 47.5', '"width": 0', BoxError, "left < right"),
    ("labelstudio", TASKS, '"rotation": 0', '"rotation": 12', BoxError, "result 1 is rotated"),
    ("labelstudio", TASKS, '"x": 2.5, ', "", LabelFileError, "task 1: KeyError.'x'"),
    ("labelstudio", TASKS, '"table"', '"table", "text"', LabelFileError, "result 1 has the classes"),
    ("labelstudio", TASKS, '"table"', '"tabel"', UnknownClassError, "box 1 has class 'tabel'"),
    ("labelstudio", TASKS, "rectanglelabels", "polygonlabels", LabelFileError, "result 1 is of type polygonlabels"),
    ("labelstudio", TASKS, '"data"', '"id": 4, "dat"', LabelFileError, "JSON-MIN"),
    ("labelstudio", TASKS, r"sub/b\.jpg", "a.png", DuplicateError, r"page '.*a\.png, page 1 in train'"),
    ("cvat", CVAT, 'xtl="1.5"', 'xtl="-9"', BoxError, r"image 0 \(a\.png\): box 1 \(table\) .*leaves"),
    ("cvat", CVAT, 'xtl="1.5"', 'xtl="x"', LabelFileError, "shape 1: xtl is 'x'"),
    ("cvat", CVAT, 'occluded="0"', 'rotation="3"', BoxError, "shape 1 is rotated by 3 degrees"),
    ("cvat", CVAT, "<box ", "<polygon ", LabelFileError, "shape 1 is a polygon"),
    ("cvat", CVAT, 'label="table"', 'label="tabel"', UnknownClassError, "box 1 has class 'tabel'"),
    ("cvat", CVAT, 'label="table"', "", LabelFileError, "shape 1 has no label"),
    ("cvat", CVAT, 'image id="1"', 'image id="0"', DuplicateError, "image id '0'"),
    ("cvat", CVAT, r'"sub/b\.jpg"', '"a.png"', DuplicateError, r"page '.*a\.png, page 1 in train'"),
    ("cvat", CVAT, "<name>table<", "<name>text<", DuplicateError, "class 'text'"),
    ("cvat", CVAT, "<image ", "<track /><image ", LabelFileError, "CVAT for images 1.1"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "file", "old", "new", "error", "words"), CASES)
def test_broken_items_are_named(name, file, old, new, error, words, data, tmp_path):
    path = written(data, name, tmp_path) / file
    if name == "labelstudio":
        path.write_text(json.dumps(json.loads(path.read_text())))  # on one line, for the patterns
    edit(path, old, new)
    expect(name, tmp_path, error, words)


@pytest.mark.parametrize(
    ("name", "splits", "words"),
    [
        ("yolo", ("Train", "Train"), "YOLO has the splits train, val, test, and not Train"),
        ("yolo", ("train", ""), "some in no split"),
        ("coco", ("Train", ""), "some in no split"),
        ("cvat", ("default", "train"), "CVAT calls default what is in no split"),
    ],
)
def test_splits_that_a_format_cannot_hold(name, splits, words, data, tmp_path):
    pages = [replace(page, split=split) for page, split in zip(data.pages, splits, strict=False)]
    assert len(pages) == 2
    with pytest.raises(UsageError, match=words):
        written(replace(data, pages=tuple(pages)), name, tmp_path)


def test_two_tasks_with_one_id(data, tmp_path):
    path = written(data, "labelstudio", tmp_path) / "tasks.json"
    tasks = [{**task, "id": 5} for task in json.loads(path.read_text())]
    path.write_text(json.dumps(tasks))
    expect("labelstudio", tmp_path, DuplicateError, "task 5")


def test_xml_does_not_expand_entities(data, tmp_path):
    path = written(data, "cvat", tmp_path) / "annotations.xml"
    edit(path, r"\?>", '?><!DOCTYPE a [<!ENTITY b "text">]>')
    expect("cvat", tmp_path, LabelFileError, "EntitiesForbidden")


def test_two_images_of_one_label_file(data, tmp_path):
    folder = written(data, "yolo", tmp_path) / "images" / "train"
    shutil.copy(folder / "a.png", folder / "a.bmp")
    expect("yolo", tmp_path, DuplicateError, "image 'a'")


@pytest.mark.parametrize("file_name", ["/etc/../a.png", "../a.png", "images/../../a.png"])
def test_names_do_not_lead_out_of_the_data_set(file_name, data, tmp_path):
    path = written(data, "coco", tmp_path) / "train" / "annotations.json"
    edit(path, r'"images/a\.png"', json.dumps(file_name))
    assert next(page.name for page in read("coco", tmp_path).pages) == "a.png"


@pytest.mark.parametrize("name", ["a\udcff.png", "a\x01.png"], ids=["bytes", "control"])
def test_names_that_label_files_cannot_hold(name, pictures):
    with pytest.raises(LabelFileError, match="has characters that label files cannot hold"):
        LabelledPage(pictures / "a.png", name, 60, 80)


def test_nesting_beyond_all_bounds(data, tmp_path):
    path = written(data, "coco", tmp_path) / COCO
    path.write_text("[" * 100_000)
    expect("coco", tmp_path, LabelFileError, "is not a COCO annotation file")


def test_an_id_that_is_no_id(data, tmp_path):
    path = written(data, "labelstudio", tmp_path) / TASKS
    path.write_text(json.dumps([{**task, "id": [5]} for task in json.loads(path.read_text())]))
    expect("labelstudio", tmp_path, DuplicateError, r"task '\[5\]'")
