"""What a run's pages depend on, checked."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from doclayout.errors import SynthError, UsageError
from synth.elements.fonts import family, far_eastern
from synth.layouts.styles import house_fonts
from synth.makers import KINDS, Maker, page_maker
from synth.page import SynthPage
from synth.pool import labels_digest

FORMATS = ("webp", "png", "pdf")
_TYPESET = ("datasheet", "mix")
_LONGEST = 8192  # pixels; from about 12,000 up, a typeset page holds more than a WebP does


@dataclass(frozen=True)
class Recipe:
    """What a page depends on besides its index.

    Attributes:
        kind: one of `KINDS`.
        seed: of the run.
        pool: the COCO data set of real crops, or "" for kinds that need none.
        labels: digest of that data set's annotations; "" without a pool.
        imgsz: longer side of the pages, in pixels.
        format: `webp` (quality 90), `png`, or `pdf` (typeset pages with their text layer).
        min_count: elements that a class of the pool has at least, once rare ones are multiplied; 0 for none.
        fonts: the font for Chinese and Japanese, which machines may lack, for kinds that are typeset; empty for none.
    """

    kind: str
    seed: int
    pool: str
    labels: str
    imgsz: int
    format: str
    min_count: int = 0
    fonts: str = ""

    def maker(self) -> Maker:
        """Return what makes its pages, built once per process.

        Raises:
            SynthError: this machine has other fonts than the run, or its pool cannot be used.
        """
        if self.kind in _TYPESET and self.fonts != (far_eastern() or ""):
            raise SynthError(
                f"pages of this run are set in {self.fonts or 'no fonts but the usual ones'}, and this machine has "
                f"{far_eastern() or 'no others'}; install the same fonts on all machines"
            )
        return page_maker(self.kind, self.pool, self.labels, self.imgsz, self.format == "pdf", self.min_count)

    def page(self, index: int) -> SynthPage:
        """Make page `index`."""
        return self.maker()(np.random.default_rng([self.seed, index]))


def make_recipe(
    n: int,
    kind: str,
    seed: int,
    pool: str | Path | None,
    format: str = "webp",
    imgsz: int = 1280,
    min_count: int | None = None,
) -> Recipe:
    """Check the options of a run of n pages and return its recipe.

    Raises:
        UsageError: an option is wrong.
        SynthError: there is no such pool, or this machine lacks a font that a house is set in.
    """
    if kind not in KINDS:
        raise UsageError(f"unknown kind {kind!r}; known are {', '.join(KINDS)}")
    if format not in FORMATS:
        raise UsageError(f"unknown format {format!r}; known are {', '.join(FORMATS)}")
    if format == "pdf" and kind != "datasheet":
        raise UsageError(f"format=pdf needs kind=datasheet, got kind={kind}: crops of a pool have no text layer")
    if pool and kind == "datasheet":
        raise UsageError("kind=datasheet draws all of its pages and takes no pool; leave it out, or give kind=mix")
    if kind in ("bestfit", "mix"):
        min_count = 100 if min_count is None else min_count
    elif min_count is not None:
        raise UsageError(f"min_count is for kind=bestfit and kind=mix, got kind={kind}")
    bounds = (("n", n, 1), ("imgsz", imgsz, 160), ("seed", seed, 0), ("min_count", min_count or 0, 0))
    for name, value, least in bounds:
        if value < least:
            raise UsageError(f"{name} must be at least {least}, got {value}")
    if imgsz > _LONGEST:
        raise UsageError(f"imgsz must be at most {_LONGEST}, got {imgsz}")
    fonts = ""
    if kind in _TYPESET:
        for name in house_fonts():
            family(name)
        fonts = far_eastern() or ""
    where, labels = (str(Path(pool).resolve()), labels_digest(pool)) if pool else ("", "")
    return Recipe(kind, seed, where, labels, imgsz, format, min_count or 0, fonts)
