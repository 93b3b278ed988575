"""What running headers and footers share: their wording, logo, rules, and the tab at the page's edge."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synth.elements.dice import pick
from synth.elements.fonts import family
from synth.elements.logos import logo
from synth.elements.look import Look
from synth.elements.pen import BLACK, WHITE, Color, Pen
from synth.elements.ranges import Ranges

_R = Ranges("furniture", "furniture")


@dataclass(frozen=True)
class Running:
    """What a document's headers and footers say and how large they are.

    Attributes:
        part: part number.
        section: name of the running section.
        device: what the part is.
        vendor: the house.
        date: of the document.
        number: page number.
        size: font size in points.
        left: left margin in points.
        right: right edge of the text area in points.
        seed: draws the same logo on every page.
    """

    part: str
    section: str
    device: str
    vendor: str
    date: str
    number: int
    size: float
    left: float
    right: float
    seed: int

    @property
    def site(self) -> str:
        """The maker's address on the web."""
        return f"www.{self.vendor.split()[0].lower()}.example"

    def dice(self, stream: int) -> np.random.Generator:
        """Return a source of choices that is the same on every page of a document; each `stream` is another."""
        return np.random.default_rng([self.seed, stream])


def mark(pen: Pen, look: Look, run: Running, x: float, y: float, w: float, h: float) -> None:
    """Draw the document's logo."""
    logo(np.random.default_rng(run.seed), look, pen, x, y, w, h)


def rule(pen: Pen, run: Running, y: float, weight: float, color: Color = BLACK) -> None:
    """Draw a rule over the width of the text area."""
    pen.rect(run.left, y, run.right - run.left, weight, fill=color, stroke=False)


def side_tab(pen: Pen, rng: np.random.Generator, look: Look, run: Running, top: float, height: float) -> None:
    """Draw a tab at the page's edge: bare it is decoration, lettered it is part of the running header."""
    wide = 14.0
    x = pen.width - wide
    grey = pick(rng, ((0.75, 0.75, 0.75), look.accent, (0.2, 0.2, 0.2)))
    if _R.chance(rng, "tab_is_bare"):
        pen.rect(x, top, wide, height, fill=grey, stroke=False)
        return
    with pen.element("header"):
        pen.rect(x, top, wide, height, fill=grey, stroke=False)
        color = WHITE if sum(grey) < 1.8 else BLACK
        pen.text(x + wide * 0.32, top + 8, run.part, family(look.head)[1], 9, color, angle=-90)
