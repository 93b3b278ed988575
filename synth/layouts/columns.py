"""Datasheet pages typeset in columns: a house style, kinds of pages, and sections poured into them.

`make_page` gives one page, `make_datasheet` a document of one style; both give exact ground truth.
"""

from __future__ import annotations

import io
from collections.abc import Sequence

import numpy as np
from reportlab.pdfgen.canvas import Canvas

from doclayout.config import load_cfg
from synth.elements import words
from synth.elements.dice import chance, whole
from synth.elements.pen import Pen
from synth.layouts.composer import Composer, weighted
from synth.layouts.styles import House, draw_house
from synth.layouts.truth import read_truth
from synth.layouts.writer import Writer, new_writer
from synth.page import SynthPage


def page_kinds() -> list[str]:
    """Return the names of the kinds of pages."""
    return list(load_cfg("synth/pages.yaml")["kinds"])


def make_page(rng: np.random.Generator, kind: str | None = None, house: str | None = None) -> SynthPage:
    """Return one page of a randomly drawn house and kind, as a vector PDF and as an image of 1280 pixels.

    Args:
        rng: source of all choices; the same state gives the same page to the byte.
        kind: one of `page_kinds()`, or None to draw it.
        house: a house style by name, or None to draw it.
    """
    return make_datasheet(rng, 1, house, [kind or draw_kind(rng)])[0]


def draw_kind(rng: np.random.Generator, inner: bool = False) -> str:
    """Return a kind of page by the weights of the configuration; an `inner` page is no cover."""
    kinds = load_cfg("synth/pages.yaml")["kinds"]
    return weighted(
        rng, {name: float(entry["weight"]) for name, entry in kinds.items() if not (inner and name == "cover")}
    )


def make_datasheet(
    rng: np.random.Generator, pages: int, house: str | None = None, kinds: Sequence[str] | None = None
) -> list[SynthPage]:
    """Return the pages of one document in one style.

    Each page's `pdf` is a PDF of that page alone. Without `kinds` the first page is a cover and the rest are drawn.
    """
    style = draw_house(rng, house)
    writer = new_writer(rng, style.look, style.part)
    wanted = list(kinds) if kinds is not None else ["cover", *(draw_kind(rng, True) for _ in range(pages - 1))]
    first = whole(rng, 1, 60) if wanted[0] != "cover" else 1
    with words.speaking(style.language):
        return [_finish(rng, style, writer, kind, first + index) for index, kind in enumerate(wanted[:pages])]


def _finish(rng: np.random.Generator, house: House, writer: Writer, kind: str, number: int) -> SynthPage:
    buffer = io.BytesIO()
    wide = kind != "cover" and chance(rng, load_cfg("synth/pages.yaml")["landscape"])
    width, height = (house.height, house.width) if wide else (house.width, house.height)
    canvas = Canvas(buffer, pagesize=(width, height), invariant=1)
    canvas.setTitle(f"{house.part} {house.device}")
    pen = Pen(canvas, width, height)
    Composer(rng, house, writer, pen, kind, number).draw()
    canvas.showPage()
    canvas.save()
    return read_truth(buffer.getvalue(), 0, pen.marks)
