"""`scripts/scan_pages.py`: pages of a split aged, with their labels, the same for one seed."""

import json
import sys

import numpy as np
import pytest
import scan_pages
from PIL import Image

from doclayout.schema import load_schema


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """A data set whose train and val splits have two pages each, with a black block that is labelled."""
    root = tmp_path_factory.mktemp("pages")
    names = load_schema().names
    for split in ("train", "val"):
        (root / split / "images").mkdir(parents=True)
        coco = {"images": [], "annotations": [], "categories": [{"id": k, "name": n} for k, n in enumerate(names)]}
        for k in range(2):
            paper = np.full((400, 300, 3), 255, np.uint8)
            paper[100 : 200 + 50 * k, 60:240] = 0
            Image.fromarray(paper).save(root / split / "images" / f"{split}{k}.png")
            coco["images"].append({"id": k, "file_name": f"{split}{k}.png", "width": 300, "height": 400})
            box = {"id": k, "image_id": k, "category_id": 4, "bbox": [60, 100, 180, 100 + 50 * k], "iscrowd": 0}
            coco["annotations"].append(box)
        (root / split / "annotations.json").write_text(json.dumps(coco))
    return root


def age(monkeypatch, *words):
    monkeypatch.setattr(sys, "argv", ["scan_pages.py", *map(str, words)])
    scan_pages.main()


def test_labels_follow_the_pages_that_are_aged(pages, tmp_path, monkeypatch):
    age(monkeypatch, pages, tmp_path)
    coco = json.loads((tmp_path / "val" / "annotations.json").read_text())
    assert [image["file_name"] for image in coco["images"]] == ["val0.png", "val1.png"]
    for image, label in zip(coco["images"], coco["annotations"], strict=True):
        picture = np.asarray(Image.open(tmp_path / "val" / "images" / image["file_name"]).convert("L"))
        assert picture.shape == (image["height"], image["width"])
        assert label["category_id"] == 4
        x0, y0, x1, y1 = (round(v) for v in np.cumsum(np.reshape(label["bbox"], (2, 2)), 0).ravel())
        assert np.median(picture[y0:y1, x0:x1]) < 128 < np.median(picture), "the block lies where its label is"


def test_the_split_and_the_seed_are_as_asked(pages, tmp_path, monkeypatch):
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        age(monkeypatch, pages, tmp_path / name, "split=train", f"seed={seed}")
    first, same, other = ((tmp_path / name / "train" / "images" / "train0.png").read_bytes() for name in "abc")
    assert first == same != other
    assert not (tmp_path / "a" / "val").exists()


def test_pages_that_a_data_set_lists_twice_are_aged_apart(pages, tmp_path, monkeypatch):
    splits = {split: str(pages / split / "annotations.json") for split in ("train", "val")}
    (tmp_path / "data.yaml").write_text(json.dumps({**splits, "train": [splits["train"]] * 2, "schema": "datasheet21"}))
    age(monkeypatch, tmp_path / "data.yaml", tmp_path, "split=train")
    coco = json.loads((tmp_path / "train" / "annotations.json").read_text())
    names = [image["file_name"] for image in coco["images"]]
    assert names == ["train0.png", "train1.png", "train0-2.png", "train1-2.png"]
    assert sorted(path.name for path in (tmp_path / "train" / "images").iterdir()) == sorted(names)
