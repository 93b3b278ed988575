"""COCO annotation files as the label records that ultralytics' data sets hold."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from doclayout.errors import DatasetError


def read_coco(path: Path, names: dict[int, str]) -> list[dict[str, Any]]:
    """Read a COCO JSON as one label record per image.

    Args:
        path: the JSON; `images[].file_name` is looked for beside it, in `pdf` and in `images` beside it.
        names: class names by id; the file's categories are matched to them by name.

    Returns:
        Records with `im_file` (str), `shape` (height, width of the label frame), `cls` (n, 1) float32, `bboxes` (n, 4)
        float32 normalised centre xywh, and the fields that ultralytics expects beside them.

    Raises:
        DatasetError: not COCO JSON, a category that is not in `names`, a missing image, or a broken box.
    """
    try:
        coco = json.loads(path.read_text(encoding="utf-8"))
        return _records(path, coco["images"], coco["annotations"], coco["categories"], names)
    except (OSError, json.JSONDecodeError, UnicodeDecodeError, KeyError, TypeError) as error:
        raise DatasetError(f"{path} is not a COCO annotation file: {error!r}") from error


def _records(
    path: Path,
    images: list[dict[str, Any]],
    annotations: list[dict[str, Any]],
    categories: list[dict[str, Any]],
    names: dict[int, str],
) -> list[dict[str, Any]]:
    """Match the three lists of a COCO file; see `read_coco`."""
    ids = {name: index for index, name in names.items()}
    unknown = [c["name"] for c in categories if c["name"] not in ids]
    if unknown:
        raise DatasetError(f"{path} has categories {unknown} that the class list {list(ids)} does not have")
    class_of = {c["id"]: ids[c["name"]] for c in categories}
    boxes: dict[Any, list[list[float]]] = {image["id"]: [] for image in images}
    if not images:
        raise DatasetError(f"{path} has no images")
    for item in annotations:
        if item.get("iscrowd"):
            continue
        label, image, box = item["category_id"], item["image_id"], item["bbox"]
        if label not in class_of or image not in boxes or len(box) != 4 or not min(box[2:]) > 0:
            raise DatasetError(
                f"{path}: annotation {item.get('id')} has category {label}, image {image} and box {box}; it needs a "
                "category and an image of the file, and left, top, width and height, the last two above 0"
            )
        boxes[image].append([class_of[label], *box])
    return [_record(path, image, boxes[image["id"]]) for image in images]


def _record(path: Path, image: dict[str, Any], boxes: list[list[float]]) -> dict[str, Any]:
    """Build the record of one image from its rows of class id, left, top, width and height in the label frame."""
    rows = np.array(boxes, np.float32).reshape(-1, 5)
    xywh = rows[:, 1:] + np.concatenate([rows[:, 3:] / 2, np.zeros_like(rows[:, 3:])], 1)
    return {
        "im_file": str(_find(path, image["file_name"])),
        "shape": (image["height"], image["width"]),
        "cls": rows[:, :1],
        "bboxes": xywh / np.array([image["width"], image["height"]] * 2, np.float32),
        "segments": [],
        "keypoints": None,
        "normalized": True,
        "bbox_format": "xywh",
    }


def _find(path: Path, name: str) -> Path:
    """Return where an image of an annotation file lies."""
    for folder in (path.parent, path.parent / "pdf", path.parent / "images"):
        if (folder / name).is_file():
            return folder / name
    raise DatasetError(f"{path} names {name}, which is neither beside it nor in pdf/ or images/ there")
