"""The sample's application circuit and pinout."""

from __future__ import annotations

from synth.elements import symbols
from synth.elements.look import Block
from synth.elements.pen import WHITE, Pen
from synth.sample.boxes import BOLD, FONT, TINT


def application() -> Block:
    """Return the typical application circuit, 300 by 150 points."""

    def paint(pen: Pen, x: float, y: float) -> None:
        pen.set(weight=0.8)
        pen.rect(x + 92, y + 22, 92, 102, fill=WHITE)
        pen.text(x + 138, y + 78, "ORN1216", BOLD, 8, anchor="c")
        left = {"VIN": 34, "EN": 54, "SCL": 84, "SDA": 100}
        right = {"BST": 34, "SW": 54, "FB": 84, "PG": 104}
        for name, at in left.items():
            pen.text(x + 95, y + at + 2.4, name, FONT, 6.5)
        for name, at in right.items():
            pen.text(x + 181, y + at + 2.4, name, FONT, 6.5, anchor="r")
        _input_side(pen, x, y)
        _output_side(pen, x, y)
        pen.text(x + 138, y + 119, "GND", FONT, 6.5, anchor="c")
        pen.line(x + 138, y + 124, x + 138, y + 138)
        symbols.ground(pen, x + 138, y + 138, 7)
        pen.set(weight=0.6)

    return Block("circuit_diagram", 300, 150, paint)


def _input_side(pen: Pen, x: float, y: float) -> None:
    pen.line(x + 12, y + 34, x + 92, y + 34)
    pen.circle(x + 10, y + 34, 2)
    pen.text(x, y + 27, "V_{IN} 4.5 V to 16 V", FONT, 6.5)
    symbols.dot(pen, x + 36, y + 34)
    symbols.two_terminal(pen, "capacitor", x + 36, y + 34, x + 36, y + 66, 9)
    pen.text(x + 23, y + 48, "C1", FONT, 6, anchor="r")
    pen.text(x + 28, y + 63, "10 µF", FONT, 6, anchor="r")
    symbols.ground(pen, x + 36, y + 66, 6)
    symbols.dot(pen, x + 74, y + 34)
    pen.path([(x + 74, y + 34), (x + 74, y + 54), (x + 92, y + 54)])
    for at in (84, 100):
        pen.line(x + 62, y + at, x + 92, y + at)
        pen.circle(x + 60, y + at, 2)
    pen.text(x + 54, y + 95, "to host", FONT, 6.5, anchor="r")


def _output_side(pen: Pen, x: float, y: float) -> None:
    pen.path([(x + 184, y + 34), (x + 202, y + 34)])
    symbols.two_terminal(pen, "capacitor", x + 202, y + 34, x + 202, y + 54, 8)
    pen.text(x + 210, y + 43, "C2  100 nF", FONT, 6)
    pen.line(x + 184, y + 54, x + 212, y + 54)
    symbols.dot(pen, x + 202, y + 54)
    symbols.two_terminal(pen, "inductor", x + 212, y + 54, x + 250, y + 54, 13)
    pen.text(x + 231, y + 66, "L1  4.7 µH", FONT, 6, anchor="c")
    pen.line(x + 250, y + 54, x + 288, y + 54)
    pen.circle(x + 290, y + 54, 2)
    pen.text(x + 299, y + 47, "V_{OUT} 3.3 V", FONT, 6.5, anchor="r")
    for cut, kind, name in ((258, "resistor", "R1"), (280, "capacitor", "C3")):
        symbols.dot(pen, x + cut, y + 54)
        symbols.two_terminal(pen, kind, x + cut, y + 54, x + cut, y + (84 if cut == 258 else 112), 9)
        pen.text(x + cut + 6, y + (75 if cut == 258 else 79), name, FONT, 6)
    symbols.dot(pen, x + 258, y + 84)
    pen.line(x + 184, y + 84, x + 258, y + 84)
    symbols.two_terminal(pen, "resistor", x + 258, y + 84, x + 258, y + 112, 9)
    pen.text(x + 264, y + 101, "R2", FONT, 6)
    for cut in (258, 280):
        symbols.ground(pen, x + cut, y + 112, 6)
    pen.line(x + 184, y + 104, x + 226, y + 104)
    pen.circle(x + 228, y + 104, 2)
    pen.text(x + 226, y + 116, "power good", FONT, 6.5, anchor="c")


def pinout() -> Block:
    """Return the MSOP-10 pinout seen from above, 190 by 110 points."""
    left, right = ("BST", "VIN", "SW", "GND", "FB"), ("SDA", "SCL", "ADR", "EN", "PG")

    def paint(pen: Pen, x: float, y: float) -> None:
        pen.set(weight=0.9)
        pen.rect(x + 48, y + 1, 94, 108, radius=4)
        pen.circle(x + 58, y + 11, 3)
        pen.text(x + 95, y + 58, "ORN1216", BOLD, 9, anchor="c")
        for index, (a, b) in enumerate(zip(left, right, strict=True)):
            at = y + 15 + 20 * index
            for edge, sign, name, number in ((x + 48, -1, a, index + 1), (x + 142, 1, b, 10 - index)):
                pen.rect(edge - (14 if sign < 0 else 0), at - 3, 14, 6, fill=TINT)
                pen.text(edge + sign * 18, at + 2.6, name, FONT, 7.5, anchor="r" if sign < 0 else "l")
                pen.text(
                    edge - sign * (5 if index else 8), at + (2.6 if index else 9), str(number), FONT, 6.5, anchor="c"
                )
        pen.set(weight=0.6)

    return Block("pinout_diagram", 190, 110, paint)
