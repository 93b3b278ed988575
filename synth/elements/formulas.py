"""Display formulas: fractions, roots and their equation numbers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synth.elements import words
from synth.elements.dice import pick, uniform, whole
from synth.elements.fonts import family, text_width
from synth.elements.look import Block, Look
from synth.elements.pen import Pen

_VARIABLES = (
    "V_{OUT}",
    "V_{IN}",
    "V_{REF}",
    "R_{1}",
    "R_{2}",
    "C_{T}",
    "f_{OSC}",
    "I_{LIM}",
    "L",
    "T_{J}",
    "P_{D}",
    "θ_{JA}",
    "I_{OUT}",
    "D",
    "R_{SENSE}",
    "t_{ON}",
    "ΔI_{L}",
    "Q_{G}",
    "2 π f",
    "C_{OUT}",
    "V_{F}",
)


@dataclass(frozen=True)
class Piece:
    """Text, or a fraction when `under` is set, or text below a root sign."""

    text: str
    under: str = ""
    root: bool = False


def formula(rng: np.random.Generator, look: Look, width: float) -> Block:
    """Return one display formula of one or two lines, no wider than `width`, maybe with its number at the right."""
    size = look.size * uniform(rng, 0.95, 1.3)
    font = family(pick(rng, (look.body, "Times", "Times")))[pick(rng, (0, 2, 2, 1))]
    rows = [_fitting(rng, font, size, width * 0.82) for _ in range(pick(rng, (1, 1, 1, 2)))]
    number = pick(rng, ("", "", "", f"({whole(rng, 1, 30)})", f"Eq. {whole(rng, 1, 9)}"))
    inset = pick(rng, (0.0, 0.05, 0.12, -1.0, -1.0, -1.0))
    return display(rows, look, width, font, size, number, inset)


def display(
    rows: list[list[Piece]], look: Look, width: float, font: str, size: float, number: str = "", inset: float = -1.0
) -> Block:
    """Return a display formula.

    Args:
        rows: its lines.
        look: the house, whose body font the number is set in.
        width: of the column in points.
        font: of the formula.
        size: of its letters in points.
        number: equation number at the right edge, or empty.
        inset: left indent as a fraction of `width`; below zero the longest line is centred.
    """
    heights = [size * (2.5 if any(piece.under for piece in row) else 1.3) for row in rows]
    longest = max(_length(row, font, size) for row in rows)
    left = (width - longest) / 2 if inset < 0 else width * inset
    wide = width if number else longest + left

    def paint(pen: Pen, x: float, y: float) -> None:
        top = y
        for row, height in zip(rows, heights, strict=True):
            _row(pen, row, x + left, top + height / 2, font, size)
            top += height + size * 0.4
        if number:
            pen.text(x + width, y + heights[0] / 2 + size * 0.3, number, look.font(0), look.size, anchor="r")

    return Block("formula", wide, sum(heights) + size * 0.4 * (len(rows) - 1), paint)


def _fitting(rng: np.random.Generator, font: str, size: float, width: float) -> list[Piece]:
    row = _pieces(rng)
    while len(row) > 3 and _length(row, font, size) > width:
        row = row[:-1]
    return row


def _pieces(rng: np.random.Generator) -> list[Piece]:
    row = [Piece(pick(rng, _VARIABLES)), Piece(pick(rng, ("=", "=", "=", "≈", "≤")))]
    for index in range(whole(rng, 1, 3)):
        if index:
            row.append(Piece(pick(rng, ("×", "+", "−", "·"))))
        kind = pick(rng, ("fraction", "fraction", "sum", "root", "plain", "value"))
        if kind == "fraction":
            row.append(Piece(_product(rng), _product(rng)))
        elif kind == "sum":
            row += [Piece("("), Piece("1 +"), Piece(pick(rng, _VARIABLES), pick(rng, _VARIABLES)), Piece(")")]
        elif kind == "root":
            row.append(Piece(_product(rng), root=True))
        elif kind == "value":
            row.append(Piece(f"{words.number(rng, 0.1, 40)} {pick(rng, ('V', 'kΩ', 'µF', 'mA', 'W', 'kHz'))}"))
        else:
            row.append(Piece(_product(rng)))
    return row


def _product(rng: np.random.Generator) -> str:
    return pick(rng, (" × ", " · ", " + ", " − ", "")).join(pick(rng, _VARIABLES) for _ in range(whole(rng, 1, 2)))


def _length(row: list[Piece], font: str, size: float) -> float:
    return sum(_width(piece, font, size) + size * 0.35 for piece in row) - size * 0.35


def _width(piece: Piece, font: str, size: float) -> float:
    wide = text_width(piece.text, font, size)
    if piece.under:
        return max(wide, text_width(piece.under, font, size)) + size * 0.3
    return wide + (size * 0.8 if piece.root else 0.0)


def _row(pen: Pen, row: list[Piece], x: float, middle: float, font: str, size: float) -> None:
    pen.set(weight=size * 0.06)
    for piece in row:
        wide = _width(piece, font, size)
        if piece.under:
            pen.text(x + wide / 2, middle - size * 0.4, piece.text, font, size, anchor="c")
            pen.line(x, middle, x + wide, middle)
            pen.text(x + wide / 2, middle + size * 0.95, piece.under, font, size, anchor="c")
        elif piece.root:
            up = middle - size * 0.6
            pen.path(
                [
                    (x, middle + size * 0.1),
                    (x + size * 0.2, middle),
                    (x + size * 0.4, middle + size * 0.45),
                    (x + size * 0.65, up),
                    (x + wide, up),
                ]
            )
            pen.text(x + size * 0.75, middle + size * 0.35, piece.text, font, size)
        else:
            pen.text(x, middle + size * 0.35, piece.text, font, size)
        x += wide + size * 0.35
