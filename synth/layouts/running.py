"""Running headers and footers, taken from a pool's pages as full-width strips with their rules."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synth.layouts.canvas import Canvas
from synth.pool import Pool, PoolPage

_RULE = 16  # pixels beyond the element in which its rule may lie


@dataclass(frozen=True)
class _Strip:
    """A running header or footer: its page, the full-width rectangle (xyxy) with its rules, and the element in it."""

    page: int
    rect: tuple[float, float, float, float]
    member: int


class Running:
    """Puts a header and a footer on pages.

    Args:
        pool: where they come from; landscape pages and pages with several headers or footers are left out.
    """

    def __init__(self, pool: Pool) -> None:
        self.pool = pool
        self.headers = _strips(pool, "header")
        self.footers = _strips(pool, "footer")

    def __call__(self, canvas: Canvas, rng: np.random.Generator) -> tuple[float, float]:
        """Paste a header and a footer, mostly of one page, and return the top and bottom of the body, in pixels."""
        height, width = canvas.image.shape[:2]
        top, bottom = rng.uniform(0.03, 0.08) * height, rng.uniform(0.92, 0.96) * height
        page = -1
        if self.headers and rng.random() < 0.88:
            strip = self.headers[rng.integers(len(self.headers))]
            page, scale = strip.page, width / self.pool.pages[strip.page].width
            canvas.paste(strip.page, strip.rect, [strip.member], (0, 0), scale)
            top = strip.rect[3] * scale + rng.uniform(0.008, 0.03) * height
        if self.footers and rng.random() < 0.93:
            same = [s for s in self.footers if s.page == page] if rng.random() < 0.7 else []
            strip = same[0] if same else self.footers[rng.integers(len(self.footers))]
            source = self.pool.pages[strip.page]
            scale = width / source.width
            bottom = height - (source.height - strip.rect[1]) * scale
            canvas.paste(strip.page, strip.rect, [strip.member], (0, bottom), scale)
            bottom -= rng.uniform(0.008, 0.025) * height
        return top, bottom


def _strips(pool: Pool, name: str) -> list[_Strip]:
    """Return the headers or footers that stand alone in a full-width strip at the page's edge."""
    strips = []
    for index, page in enumerate(pool.pages):
        found = np.flatnonzero(page.class_ids == pool.schema.id_of(name))
        if len(found) == 1 and page.width <= page.height:
            member = int(found[0])
            rect = _rect(page, member, name)
            if rect is not None:
                strips.append(_Strip(index, rect, member))
    return strips


def _rect(page: PoolPage, member: int, name: str) -> tuple[float, float, float, float] | None:
    """Return the strip (xyxy) between the page's edge and the next element, or None where another is in the way."""
    others, own = np.delete(page.boxes, member, axis=0), page.boxes[member]
    if name == "header":
        end = float(min(others[:, 1].min(initial=page.height) - 2, own[3] + _RULE))
        return (0.0, 0.0, float(page.width), end) if own[3] <= end < 0.25 * page.height else None
    end = float(max(others[:, 3].max(initial=0) + 2, own[1] - _RULE))
    return (0.0, end, float(page.width), float(page.height)) if own[1] >= end > 0.75 * page.height else None
