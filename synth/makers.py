"""The kinds of pages: from a kind's name to a function that makes a page from a random generator."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache

import numpy as np

from doclayout.errors import UsageError
from doclayout.letterbox import raster_size
from synth.augment import augment
from synth.effects.degrade import degrade
from synth.layouts.bestfit import BestFit
from synth.layouts.canvas import resize
from synth.layouts.columns import make_page
from synth.layouts.edit import Editor
from synth.layouts.recompose import Recomposer
from synth.page import SynthPage
from synth.pool import load_pool

Maker = Callable[[np.random.Generator], SynthPage]
KINDS = ("recompose", "bestfit", "datasheet", "mix")
_MIX = {"datasheet": 0.5, "recompose": 0.35, "bestfit": 0.15}
_EDITED = 0.4  # share of whole-page edits among recomposed pages


@cache
def page_maker(kind: str, pool: str, labels: str, imgsz: int, vector: bool, min_count: int) -> Maker:
    """Return the maker of a kind; built once per process.

    Args:
        kind: one of `KINDS`.
        pool: the COCO data set whose crops are used, or "".
        labels: digest of its annotations, so that a data set that has changed is read anew; "" without a pool.
        imgsz: longer side of the pages, in pixels.
        vector: keep the PDF of typeset pages, which are then not degraded.
        min_count: elements that a class of the pool has at least for BestFit pages, once rare ones are multiplied.

    Raises:
        UsageError: the kind needs a pool and none is given.
        SynthError: the pool cannot be used.
    """
    if kind == "datasheet":
        return _resized(_typeset if vector else _aged, imgsz)
    if not pool:
        raise UsageError(f"kind={kind} needs a pool; give pool=DIR, a data set with annotations.json")
    if kind == "bestfit":
        return BestFit(augment(load_pool(pool), min_count), imgsz)
    if kind == "recompose":
        return _resized(_recompose(pool), imgsz)
    parts = [page_maker(part, pool, labels, imgsz, vector, min_count) for part in _MIX]
    shares = list(_MIX.values())
    return lambda rng: parts[rng.choice(len(parts), p=shares)](rng)


def _typeset(rng: np.random.Generator) -> SynthPage:
    return make_page(rng)


def _aged(rng: np.random.Generator) -> SynthPage:
    return degrade(make_page(rng), rng)


def _recompose(pool: str) -> Maker:
    elements = load_pool(pool)
    recomposer, editor = Recomposer(elements), Editor(elements)
    return lambda rng: editor(rng) if rng.random() < _EDITED else recomposer(rng)


def _resized(maker: Maker, imgsz: int) -> Maker:
    def make(rng: np.random.Generator) -> SynthPage:
        page = maker(rng)
        height, width = page.image.shape[:2]
        size = raster_size(width, height, imgsz)
        if size == (width, height):
            return page
        factors = np.array([size[0] / width, size[1] / height] * 2, np.float32)
        return replace(page, image=resize(page.image, size), boxes=page.boxes * factors)

    return make
