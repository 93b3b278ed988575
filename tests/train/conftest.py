"""A small data set of drawn pages, whose elements are solid rectangles of a colour of their class."""

from __future__ import annotations

import json

import numpy as np
import pytest
from PIL import Image

NAMES = ("text", "table", "figure")
TONES = (0, 90, 170)
SIZES = [(256, 192), (256, 192), (192, 256), (256, 192), (256, 256), (192, 256)]


def draw(size, elements):
    """Draw (class, x, y, w, h) rows on white, (height, width, 3)."""
    page = np.full((*size, 3), 255, np.uint8)
    for label, x, y, w, h in elements:
        page[y : y + h, x : x + w] = TONES[label]
    return page


def elements_of(seed, size):
    """Return one element of each class, apart from each other."""
    rng = np.random.default_rng(seed)
    height, width = size
    rows = []
    for label in range(3):
        y = 10 + label * (height - 20) // 3
        x = int(rng.integers(10, width // 3))
        rows.append(
            (label, x, y, int(rng.integers(width // 3, width // 2)), int(rng.integers(30, (height - 20) // 3 - 8)))
        )
    return rows


def coco_of(sizes, elements, suffix="png"):
    """Return a COCO dictionary of pages `0.png`, `1.png`, ... whose category ids are not the class ids."""
    images = [{"id": 10 + i, "file_name": f"{i}.{suffix}", "width": w, "height": h} for i, (h, w) in enumerate(sizes)]
    annotations = [
        {
            "id": 100 * i + k,
            "image_id": 10 + i,
            "category_id": 7 - label,
            "bbox": box,
            "area": box[2] * box[3],
            "iscrowd": 0,
        }
        for i, rows in enumerate(elements)
        for k, (label, *box) in enumerate(rows)
    ]
    categories = [{"id": 7 - label, "name": name} for label, name in enumerate(NAMES)]
    return {"images": images, "annotations": annotations, "categories": categories}


@pytest.fixture(scope="session")
def coco_data(tmp_path_factory):
    """A data set's YAML with COCO splits; pages at twice the size of the label frame."""
    root = tmp_path_factory.mktemp("coco")
    for split, count in (("train", 6), ("val", 3)):
        folder = root / split
        (folder / "images").mkdir(parents=True)
        elements = [elements_of(i, size) for i, size in enumerate(SIZES[:count])]
        for i, rows in enumerate(elements):
            picture = Image.fromarray(draw(SIZES[i], rows))
            picture.resize((2 * picture.width, 2 * picture.height), 0).save(folder / "images" / f"{i}.png")
        (folder / "annotations.json").write_text(json.dumps(coco_of(SIZES[:count], elements)))
    path = root / "data.yaml"
    path.write_text(f"train: train/annotations.json\nval: val/annotations.json\nnames: [{', '.join(NAMES)}]\n")
    return path


@pytest.fixture(scope="session")
def yolo_data(tmp_path_factory):
    """The same pages as a YOLO folder."""
    root = tmp_path_factory.mktemp("yolo")
    for split, count in (("train", 4), ("val", 2)):
        for kind in ("images", "labels"):
            (root / kind / split).mkdir(parents=True)
        for i, (height, width) in enumerate(SIZES[:count]):
            rows = elements_of(i, (height, width))
            Image.fromarray(draw((height, width), rows)).save(root / "images" / split / f"{i}.png")
            lines = [
                f"{label} {(x + w / 2) / width} {(y + h / 2) / height} {w / width} {h / height}"
                for label, x, y, w, h in rows
            ]
            (root / "labels" / split / f"{i}.txt").write_text("\n".join(lines))
    path = root / "data.yaml"
    path.write_text(f"train: images/train\nval: images/val\nnames: {dict(enumerate(NAMES))}\n")
    return path
