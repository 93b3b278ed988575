"""COCO annotation files as the label records that ultralytics' data sets hold."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from doclayout.convert import coco
from doclayout.convert.labels import LabelledPage
from doclayout.errors import LabelFileError, UnknownClassError


def read_coco(path: Path, names: dict[int, str]) -> list[dict[str, Any]]:
    """Read a COCO JSON as one label record per image.

    Args:
        path: the JSON; `images[].file_name` is looked for beside it, in `pdf` and in `images` beside it.
        names: class names by id; the file's categories are matched to them by name.

    Returns:
        Records with `im_file` (str), `shape` (height, width of the label frame), `cls` (n, 1) float32, `bboxes` (n, 4)
        float32 normalised centre xywh, and the fields that ultralytics expects beside them.

    Raises:
        DatasetError: not COCO JSON, a category that is not in `names`, a missing image, a broken box, or a page that is
            not the first of its PDF.
    """
    data = coco.read(path)
    ids = {name: index for index, name in names.items()}
    unknown = [name for name in data.names if name not in ids]
    if unknown:
        raise UnknownClassError(f"{path} has categories {unknown} that the class list {list(ids)} does not have")
    for page in data.pages:
        if page.number > 1:
            raise LabelFileError(
                f"{page.where} is page {page.number} of {page.name}, but training takes a file for each page; "
                f"`doclayout convert from=coco to=coco source={path} out=FOLDER` makes them"
            )
    return [_record(page, ids) for page in data.pages]


def _record(page: LabelledPage, ids: dict[str, int]) -> dict[str, Any]:
    corners = np.array([label.bbox for label in page.labels], np.float64).reshape(-1, 4)
    xywh = np.hstack([(corners[:, :2] + corners[:, 2:]) / 2, corners[:, 2:] - corners[:, :2]])
    return {
        "im_file": str(page.file),
        "shape": (page.height, page.width),
        "cls": np.array([ids[label.name] for label in page.labels], np.float32).reshape(-1, 1),
        "bboxes": (xywh / np.array([page.width, page.height] * 2)).astype(np.float32),
        "segments": [],
        "keypoints": None,
        "normalized": True,
        "bbox_format": "xywh",
    }
