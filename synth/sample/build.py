"""The sample's PDF and its COCO ground truth."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from doclayout.schema import load_schema
from synth.elements.pen import Mark
from synth.layouts.truth import read_truth
from synth.sample.pages import PAGES
from synth.sample.sheet import Sheet


def build_sample() -> tuple[bytes, dict[str, Any]]:
    """Return the sample's PDF and its COCO ground truth."""
    sheet = Sheet()
    for fill in PAGES:
        sheet.page(fill)
    sheet.canvas.save()
    pdf = sheet.buffer.getvalue()
    return pdf, _coco(pdf, sheet.marks)


def _coco(pdf: bytes, marks: list[list[Mark]]) -> dict[str, Any]:
    images: list[dict[str, Any]] = []
    annotations: list[dict[str, Any]] = []
    for index, on_page in enumerate(marks):
        page = read_truth(pdf, index, on_page)
        height, width = page.image.shape[:2]
        images.append({"id": index + 1, "file_name": "sample.pdf", "page": index + 1, "width": width, "height": height})
        for box, class_id in zip(page.boxes.tolist(), page.class_ids.tolist(), strict=True):
            x0, y0, x1, y1 = (int(v) for v in box)
            size = [x1 - x0, y1 - y0]
            annotations.append(
                {
                    "id": len(annotations) + 1,
                    "image_id": index + 1,
                    "category_id": class_id,
                    "bbox": [x0, y0, *size],
                    "area": size[0] * size[1],
                    "iscrowd": 0,
                }
            )
    categories = [{"id": index, "name": name} for index, name in enumerate(load_schema().names)]
    return {"images": images, "annotations": annotations, "categories": categories}


def write_sample(folder: Path) -> None:
    """Write `sample.pdf` and `sample.json` into a folder."""
    pdf, truth = build_sample()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "sample.pdf").write_bytes(pdf)
    lines = [
        f'"{key}": [\n' + ",\n".join(json.dumps(entry) for entry in entries) + "\n]" for key, entries in truth.items()
    ]
    (folder / "sample.json").write_text("{" + ",\n".join(lines) + "}\n", encoding="utf-8")
