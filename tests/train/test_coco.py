import copy
import json

import numpy as np
import pytest
from PIL import Image

from doclayout.errors import DatasetError
from doclayout.train.coco import read_coco
from doclayout.train.records import read_split
from tests.train.conftest import NAMES, SIZES, coco_of, elements_of

CLASSES = dict(enumerate(NAMES))
ELEMENTS = [elements_of(i, size) for i, size in enumerate(SIZES[:2])]


def written(folder, coco, where="images"):
    (folder / where).mkdir(exist_ok=True)
    for i in range(2):
        Image.new("RGB", (4, 4)).save(folder / where / f"{i}.png")
    path = folder / "annotations.json"
    path.write_text(coco if isinstance(coco, str) else json.dumps(coco))
    return path


@pytest.mark.parametrize("where", [".", "images", "pdf"])
def test_records(tmp_path, where):
    records = read_coco(written(tmp_path, coco_of(SIZES[:2], ELEMENTS), where), CLASSES)
    assert [record["im_file"] for record in records] == [str(tmp_path / where / f"{i}.png") for i in range(2)]
    assert [record["shape"] for record in records] == SIZES[:2]
    for record, rows, (height, width) in zip(records, ELEMENTS, SIZES, strict=False):
        assert record["cls"].tolist() == [[float(label)] for label, *_ in rows]
        expected = [[(x + w / 2) / width, (y + h / 2) / height, w / width, h / height] for _, x, y, w, h in rows]
        np.testing.assert_allclose(record["bboxes"], expected, atol=1e-6)
        assert record["bboxes"].dtype == record["cls"].dtype == np.float32


def test_pages_without_elements_and_crowds(tmp_path):
    coco = coco_of(SIZES[:2], [ELEMENTS[0], []])
    coco["annotations"][0]["iscrowd"] = 1
    first, second = read_coco(written(tmp_path, coco), CLASSES)
    assert len(first["cls"]) == len(ELEMENTS[0]) - 1
    assert (second["cls"].shape, second["bboxes"].shape) == ((0, 1), (0, 4))


def edited(**changes):
    coco = copy.deepcopy(coco_of(SIZES[:2], ELEMENTS))
    coco["annotations"][1].update(changes)
    return coco


@pytest.mark.parametrize(
    ("coco", "words"),
    [
        ("", "not a COCO annotation file"),
        ("[1, 2]", "not a COCO annotation file"),
        ('{"images": []}', "not a COCO annotation file: KeyError"),
        ({"images": [], "annotations": [], "categories": []}, "no labelled pages"),
        ({**coco_of(SIZES[:2], [[], []]), "categories": [{"id": 1, "name": "tabel"}]}, "categories .'tabel'."),
        (edited(category_id=99), "annotation 1 has image 10, category 99"),
        (edited(image_id=99), "image 99"),
        (edited(bbox=[1, 2, 3]), r"box \[1, 2, 3\]"),
        (edited(bbox=[1, 2, 0, 5]), "must have left < right"),
        (edited(bbox=[1, 2, float("nan"), 5]), "must have left < right"),
        (edited(bbox=[1, 2, 300, 5]), "leaves its page, 192 x 256"),
        (edited(id=0), "annotation id 0 is there more than once"),
        ({**coco_of(SIZES[:2], ELEMENTS), "images": coco_of(SIZES[:1], ELEMENTS)["images"] * 2}, "image id 10"),
        (edited(bbox=None), "box None"),
        (coco_of(SIZES[:3], ELEMENTS), r"image 12: there is no 2\.png"),
    ],
)
def test_broken_files_are_named(tmp_path, coco, words):
    path = written(tmp_path, coco)
    with pytest.raises(DatasetError, match=words) as raised:
        read_coco(path, CLASSES)
    assert str(path) in str(raised.value)


def test_pages_inside_a_pdf_are_refused(tmp_path):
    coco = coco_of(SIZES[:2], ELEMENTS)
    coco["images"][1]["page"] = 2
    with pytest.raises(DatasetError, match=r"image 11 is page 2 of 1\.png, .* `doclayout convert from=coco to=coco"):
        read_coco(written(tmp_path, coco), CLASSES)


def test_missing_file(tmp_path):
    with pytest.raises(DatasetError, match=r"none\.json"):
        read_coco(tmp_path / "none.json", CLASSES)


def test_splits_of_several_files_and_of_yolo_folders(tmp_path, yolo_data):
    path = written(tmp_path, coco_of(SIZES[:2], ELEMENTS))
    assert len(read_split([str(path), str(path)], CLASSES)) == 4
    records = read_split(str(yolo_data.parent / "images" / "val"), CLASSES)
    ours = read_coco(path, CLASSES)
    for record, expected in zip(records, ours, strict=True):
        assert record["shape"] == expected["shape"]
        np.testing.assert_allclose(record["bboxes"], expected["bboxes"], atol=1e-5)
        assert record["cls"].tolist() == expected["cls"].tolist()


def test_folder_without_images(tmp_path):
    with pytest.raises(DatasetError, match="not a YOLO data set"):
        read_split(str(tmp_path), CLASSES)
