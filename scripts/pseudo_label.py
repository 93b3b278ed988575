"""Label pages that nobody labelled, with the confident boxes of one model or several: the second half of self-training.

    python scripts/pseudo_label.py PAGES OUT [MODEL ...]

PAGES is a folder of PDFs or images. Each page is predicted by each model at several input sizes; boxes of one class
that agree are fused, and their score is the mean over all readings, so a box that only one finds counts for little.
Confident boxes become labels. What is doubtful, and words that no confident box holds, are painted over with paper, so
that training neither learns a guess nor learns that the place is empty. Writes OUT/images and OUT/annotations.json.
A page that has its record in OUT/pages is not predicted again, and a file that cannot be read is named and left out.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from command import read_positions, run_script
from tqdm import tqdm

from doclayout import DocLayoutModel
from doclayout.clean import clean_boxes, intersections
from doclayout.document import find_documents, open_document
from doclayout.errors import InputError
from doclayout.saving import png_bytes, unique_stem, write_atomic
from doclayout.schema import load_schema

SIZES = (0.9, 1.0, 1.1)  # of the size that a model was trained at
LONG_SIDE = 1280
SURE = 0.5  # least fused score of a label
SEEN = 0.08  # least fused score of what is painted over
AGREE = 0.6  # IoU from which boxes of one class are readings of the same element

FloatArray = npt.NDArray[np.float32]


def main() -> None:
    """Label each first page, and write the data set."""
    source, out, *rest = read_positions(2)
    models, folder = [DocLayoutModel(weights) for weights in rest or [None]], Path(out)
    images: list[dict[str, Any]] = []
    annotations: list[dict[str, Any]] = []
    taken: set[str] = set()
    for path in tqdm(find_documents(source), unit="page"):
        stem = unique_stem(str(path), taken)
        record = folder / "pages" / f"{stem}.json"
        try:
            if not record.exists():
                write_atomic(record, json.dumps(label(models, path, folder / "images" / f"{stem}.png")).encode())
        except InputError as error:
            tqdm.write(f"left out: {error}")
            continue
        page = json.loads(record.read_text())
        if not page["boxes"]:
            continue
        images.append({"id": len(images) + 1, "file_name": f"{stem}.png", **page["size"]})
        for (x0, y0, x1, y1), score, class_id in zip(page["boxes"], page["scores"], page["class_ids"], strict=True):
            box = [round(v, 1) for v in (x0, y0, x1 - x0, y1 - y0)]
            item = {"id": len(annotations) + 1, "image_id": len(images), "category_id": class_id, "bbox": box}
            annotations.append({**item, "area": box[2] * box[3], "iscrowd": 0, "score": score})
    categories = [{"id": i, "name": name} for i, name in enumerate(load_schema().names)]
    coco = {"images": images, "annotations": annotations, "categories": categories}
    write_atomic(folder / "annotations.json", json.dumps(coco).encode())
    print(f"{len(images)} pages, {len(annotations)} boxes")


def label(models: list[DocLayoutModel], path: Path, target: Path) -> dict[str, Any]:
    """Predict one page, write its picture with the doubtful places painted over, and return its labels in pixels."""
    boxes, scores, ids = fused(models, path)
    with open_document(path, pages=[1]) as document:
        page = document.load(document.numbers[0])
        image = page.render(LONG_SIDE)
        scale = image.shape[1] / page.width
        words = page.words() * scale
    boxes *= scale
    sure = scores >= SURE
    doubtful = np.concatenate([boxes[~sure & (scores >= SEEN)], words.reshape(-1, 4)])
    picture = paint(image, boxes[sure], doubtful)
    write_atomic(target, png_bytes(picture))
    labels = {"boxes": boxes[sure].tolist(), "scores": scores[sure].tolist(), "class_ids": ids[sure].tolist()}
    return {"size": {"width": image.shape[1], "height": image.shape[0]}, **labels}


def fused(models: list[DocLayoutModel], path: Path) -> tuple[FloatArray, FloatArray, npt.NDArray[np.int64]]:
    """Return the boxes (n, 4) xyxy in page units that the readings agree on, their mean scores and classes."""
    rows = [
        (*region.bbox, region.score, region.class_id)
        for model in models
        for size in (round(share * model.detector.imgsz / 32) * 32 for share in SIZES)
        for page in model.predict(path, pages=[1], imgsz=size, conf=0.02, rescore=False).pages
        for region in page.regions
    ]
    found = np.array(rows, np.float32).reshape(-1, 6)
    found = found[np.argsort(-found[:, 4], kind="stable")]
    boxes, scores, ids = found[:, :4], found[:, 4], found[:, 5].astype(np.int64)
    common = intersections(boxes, boxes)
    area = np.maximum(np.diag(common), 1e-6)
    same = (common / (area[:, None] + area[None] - common) > AGREE) & (ids[:, None] == ids[None])
    free = np.ones(len(boxes), bool)
    kept, means = [], []
    for i in range(len(boxes)):
        if free[i]:
            members = np.flatnonzero(same[i] & free)
            free[members] = False
            kept.append(i)
            means.append(scores[members].sum() / max(len(SIZES) * len(models), len(members)))
    chosen = np.array(kept, np.int64)
    left, final = clean_boxes(boxes[chosen], np.array(means, np.float32), ids[chosen])
    return boxes[chosen][left].copy(), final, ids[chosen][left]


def paint(image: npt.NDArray[np.uint8], sure: FloatArray, doubtful: FloatArray) -> npt.NDArray[np.uint8]:
    """Return the picture (H, W, 3) with paper over the doubtful boxes, but for what lies in sure ones."""
    keep = np.zeros(image.shape[:2], bool)
    for x0, y0, x1, y1 in np.rint(sure).astype(int):
        keep[max(y0 - 1, 0) : y1 + 1, max(x0 - 1, 0) : x1 + 1] = True
    picture = image.copy()
    for x0, y0, x1, y1 in np.rint(doubtful).astype(int):
        part = np.s_[max(y0 - 2, 0) : y1 + 2, max(x0 - 2, 0) : x1 + 2]
        if picture[part].size:
            paper = np.percentile(image[part].reshape(-1, 3), 90, axis=0).astype(np.uint8)
            picture[part] = np.where(keep[part][..., None], picture[part], paper)
    return picture


if __name__ == "__main__":
    run_script(main)
