"""Contact sheets: a grid of synthetic pages with their boxes, to be looked at before a long run."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from doclayout.overlay import Mark, draw_overlay
from doclayout.saving import png_bytes, write_atomic
from doclayout.schema import Schema, load_schema
from synth.page import SynthPage, UInt8
from synth.recipe import make_recipe
from synth.shards import disk_errors

_GAP = 12


def preview(
    sheet: str | Path,
    n: int = 12,
    kind: str = "datasheet",
    seed: int = 0,
    pool: str | Path | None = None,
    imgsz: int = 1280,
    min_count: int | None = None,
    columns: int = 4,
    tile: int = 720,
) -> Path:
    """Draw the first n pages of a run, with their boxes, on one PNG.

    Args:
        sheet: the picture to write.
        n: number of pages.
        kind: `recompose`, `bestfit`, `datasheet` or `mix`; all but `datasheet` need a pool.
        seed: of the run.
        pool: COCO data set of real pages; see `generate`.
        imgsz: longer side of the pages, in pixels.
        min_count: see `generate`.
        columns: pages in a row.
        tile: longer side of a page on the sheet, in pixels.

    Returns:
        The path of the sheet.

    Raises:
        UsageError: an option is wrong.
        SynthError: the pool cannot be used, or the sheet cannot be written.
    """
    recipe, schema, target = make_recipe(n, kind, seed, pool, "png", imgsz, min_count), load_schema(), Path(sheet)
    tiles = [_tile(recipe.page(index), schema, tile) for index in range(n)]
    width, height = max(t.shape[1] for t in tiles), max(t.shape[0] for t in tiles)
    columns = min(columns, n)
    rows = -(-n // columns)
    canvas = np.full((rows * (height + _GAP) + _GAP, columns * (width + _GAP) + _GAP, 3), 128, np.uint8)
    for index, picture in enumerate(tiles):
        y, x = _GAP + (index // columns) * (height + _GAP), _GAP + (index % columns) * (width + _GAP)
        canvas[y : y + picture.shape[0], x : x + picture.shape[1]] = picture
    with disk_errors(target.parent):
        write_atomic(target, png_bytes(canvas))
    return target


def _tile(page: SynthPage, schema: Schema, side: int) -> UInt8:
    """Return the page with its boxes, its longer side `side` pixels."""
    boxes = [(b[0], b[1], b[2], b[3]) for b in page.boxes.tolist()]
    marks = [Mark(bbox, class_id) for bbox, class_id in zip(boxes, page.class_ids.tolist(), strict=True)]
    drawn = draw_overlay(page.image, marks, schema, legend=False)
    scale = side / max(drawn.shape[:2])
    return np.asarray(cv2.resize(drawn, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)
