"""Rare classes of a pool multiplied: altered copies of their elements, until there are enough of each.

The recipe of DocLayout-YOLO's page synthesis (arXiv 2410.12628), without its mirror images, which no page has.
"""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from doclayout.cache import cache_dir, trim_cache
from doclayout.errors import SynthError
from doclayout.saving import replacing, write_atomic
from synth.page import UInt8
from synth.pool import Pool, PoolPage

_LEAST = 0.25  # of a cut-out part that has ink; less is a line of a drawing, or blank paper
_INK = 40  # a pixel this much darker than the paper, in any channel, is ink


def augment(pool: Pool, min_count: int = 100, seed: int = 0, cache: Path | None = None) -> Pool:
    """Return the pool with copies of its rare elements, each a page of its own in a second raster file.

    A class with some, but fewer than `min_count`, elements gets copies until it has that many; running headers and
    footers get none. The same pool, count and seed give the same copies, and a pool that has its copies is returned as
    it is.

    Args:
        pool: as loaded.
        min_count: elements that a class should have.
        seed: of the alterations; copy k of a class depends on (seed, class, k) alone.
        cache: folder for the raster file, by default the pools' own.

    Raises:
        SynthError: the raster file cannot be written.
    """
    if len(pool.banks) > 1:
        return pool
    home = cache or cache_dir("pools")
    stem = home / f"{pool.digest}-{min_count}-{seed}"
    raster_file, index_file = stem.with_suffix(".rgb"), stem.with_suffix(".json")
    try:
        if not (index_file.exists() and raster_file.exists()):
            if cache is None:
                trim_cache("pools")
            _write(pool, min_count, seed, raster_file, index_file)
        pages = [_page(row) for row in json.loads(index_file.read_text())]
        if not pages:
            return pool
        banks = (*pool.banks, np.memmap(raster_file, np.uint8, "r"))
    except OSError as error:
        raise SynthError(f"cannot keep augmented elements in {home}: {error}; give another folder as cache") from error
    return replace(pool, pages=(*pool.pages, *pages), banks=banks, digest=f"{pool.digest}-{min_count}-{seed}")


def _page(row: dict[str, Any]) -> PoolPage:
    boxes = np.array([row.pop("box")], np.float32)
    class_ids = np.array([row.pop("class_id")], np.int64)
    return PoolPage(bank=1, tone=tuple(row.pop("tone")), boxes=boxes, class_ids=class_ids, **row)


def _write(pool: Pool, min_count: int, seed: int, raster_file: Path, index_file: Path) -> None:
    rows: list[dict[str, Any]] = []
    with replacing(raster_file) as part, part.open("wb") as stream:
        for class_id, page, member, k in _wanted(pool, min_count):
            source = pool.pages[page]
            crop, _ = pool.crop(page, source.boxes[member].tolist())
            copy, box = alter(crop, np.random.default_rng([seed, class_id, k]))
            height, width = copy.shape[:2]
            rows.append(
                {"name": source.name, "doc": source.doc, "width": width, "height": height, "offset": stream.tell()}
                | {"class_id": class_id, "box": box, "tone": paper_tone(copy)}
            )
            stream.write(copy.tobytes())
    write_atomic(index_file, json.dumps(rows).encode())


def _wanted(pool: Pool, min_count: int) -> list[tuple[int, int, int, int]]:
    """List the copies to make: class id, page, element and the copy's number within the class."""
    found: dict[int, list[tuple[int, int]]] = {}
    for page, at in enumerate(pool.pages):
        for member, class_id in enumerate(at.class_ids.tolist()):
            found.setdefault(class_id, []).append((page, member))
    wanted = []
    for class_id, elements in sorted(found.items()):
        if pool.schema.names[class_id] not in ("header", "footer"):
            for k in range(min_count - len(elements)):
                wanted.append((class_id, *elements[k % len(elements)], k))
    return wanted


def alter(image: UInt8, rng: np.random.Generator) -> tuple[UInt8, list[float]]:
    """Return an altered copy of an element's picture, uint8 (h, w, 3) RGB, and the xyxy box of its ink.

    The copy may be smaller. Its noise lies within the box alone, where it cannot be taken for ink around it.
    """
    os.environ.setdefault("NO_ALBUMENTATIONS_UPDATE", "1")  # its import looks for a newer release online
    import albumentations as A

    if rng.random() < 0.7:
        height, width = (max(round(side * rng.uniform(0.5, 0.9) ** 0.5), 8) for side in image.shape[:2])
        y, x = (
            int(rng.integers(max(full - side, 0) + 1)) for full, side in zip(image.shape, (height, width), strict=False)
        )
        part = image[y : y + height, x : x + width]
        x0, y0, x1, y1 = ink_box(part)
        if np.ptp(part) > _INK and (x1 - x0) * (y1 - y0) > _LEAST * height * width:
            image = part
    if rng.random() < 0.2:
        image = edges(image)
    seed = int(rng.integers(2**31))
    bends = A.ElasticTransform(alpha=20, sigma=6, border_mode=cv2.BORDER_REPLICATE, p=0.2)
    clean = A.Compose([A.RandomBrightnessContrast(p=0.5), bends], seed=seed)(image=np.ascontiguousarray(image))["image"]
    noisy = A.Compose([A.GaussNoise(std_range=(0.02, 0.08), p=1.0)], seed=seed)(image=clean)["image"]
    box = ink_box(clean)
    x0, y0, x1, y1 = map(int, box)
    clean[y0:y1, x0:x1] = noisy[y0:y1, x0:x1]
    return np.ascontiguousarray(clean), box


def edges(image: UInt8) -> UInt8:
    """Return the strength of the Sobel edges, dark on white, uint8 (h, w, 3)."""
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    strength = np.hypot(cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1))
    dark = 255 - strength / max(float(strength.max()), 1.0) * 255
    return np.repeat(np.asarray(dark, np.uint8)[..., None], 3, axis=2)


def paper_tone(image: UInt8) -> list[int]:
    """Return the lightest common RGB of a picture."""
    return [int(v) for v in np.percentile(image, 85, axis=(0, 1))]


def ink_box(image: UInt8) -> list[float]:
    """Return the xyxy box of what is darker than the picture's lightest common tone; all of it where nothing is."""
    ink = image.min(axis=2) < int(np.percentile(image, 90)) - _INK
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    if not len(rows):
        return [0.0, 0.0, float(image.shape[1]), float(image.shape[0])]
    return [float(columns[0]), float(rows[0]), float(columns[-1] + 1), float(rows[-1] + 1)]
