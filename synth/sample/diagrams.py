"""The sample's block diagram and flow chart."""

from __future__ import annotations

from itertools import pairwise

from synth.elements.look import Block
from synth.elements.pen import BLACK, WHITE, Pen
from synth.sample.boxes import BOLD, FONT, TINT, boxed, lettered

_BLOCKS = {
    "Under-voltage lockout": (0.16, 12, 0.15, 30),
    "Bias and 0.6 V reference": (0.40, 12, 0.18, 30),
    "High-side driver": (0.68, 12, 0.14, 30),
    "Error amplifier": (0.16, 68, 0.15, 30),
    "PWM comparator": (0.40, 68, 0.18, 30),
    "Control logic": (0.68, 68, 0.14, 48),
    "Slope compensation": (0.40, 116, 0.18, 28),
    "Low-side driver": (0.68, 136, 0.14, 28),
    "Two-wire interface and registers": (0.16, 160, 0.20, 34),
    "Telemetry ADC": (0.42, 162, 0.16, 30),
}


def block_diagram(width: float) -> Block:
    """Return the functional block diagram, 210 points high."""

    def paint(pen: Pen, x: float, y: float) -> None:
        pen.set(weight=0.8, dash=(4, 2))
        pen.rect(x + width * 0.1, y + 1, width * 0.8, 208)
        pen.set(dash=())
        for name, (u, v, w, h) in _BLOCKS.items():
            boxed(pen, name, x + u * width, y + v, w * width, h, TINT)
        for a, b in (
            ("Under-voltage lockout", "Bias and 0.6 V reference"),
            ("Error amplifier", "PWM comparator"),
            ("PWM comparator", "Control logic"),
            ("Two-wire interface and registers", "Telemetry ADC"),
        ):
            ax, ay, aw, ah = _BLOCKS[a]
            bx, *_ = _BLOCKS[b]
            pen.arrow(x + (ax + aw) * width, y + ay + ah / 2, x + bx * width, y + ay + ah / 2, 4)
        for u, low, high in ((0.75, 68, 42), (0.75, 116, 136), (0.49, 116, 98)):
            pen.arrow(x + u * width, y + low, x + u * width, y + high, 4)
        pen.path(
            [
                (x + 0.49 * width, y + 42),
                (x + 0.49 * width, y + 55),
                (x + 0.23 * width, y + 55),
                (x + 0.23 * width, y + 68),
            ]
        )
        pen.head(x + 0.23 * width, y + 55, x + 0.23 * width, y + 68, 4)
        pen.path(
            [
                (x + 0.58 * width, y + 177),
                (x + 0.63 * width, y + 177),
                (x + 0.63 * width, y + 105),
                (x + 0.68 * width, y + 105),
            ]
        )
        pen.head(x + 0.63 * width, y + 105, x + 0.68 * width, y + 105, 4)
        _block_pins(pen, x, y, width)
        pen.set(weight=0.6)

    return Block("block_diagram", width, 210, paint)


def _block_pins(pen: Pen, x: float, y: float, width: float) -> None:
    for name, at, inner in (("VIN", 27, 0.16), ("FB", 83, 0.16), ("SCL", 170, 0.16), ("SDA", 186, 0.16)):
        pen.text(x, y + at + 2.5, name, BOLD, 7)
        pen.rect(x + width * 0.1 - 3, y + at - 3, 6, 6, fill=WHITE)
        pen.line(x + width * 0.1 + 3, y + at, x + width * inner, y + at)
    for name, at, inner in (("BST", 27, 0.82), ("SW", 92, 0.82), ("GND", 150, 0.82)):
        pen.text(x + width, y + at + 2.5, name, BOLD, 7, anchor="r")
        pen.rect(x + width * 0.9 - 3, y + at - 3, 6, 6, fill=WHITE)
        pen.line(x + width * inner, y + at, x + width * 0.9 - 3, y + at)


def flowchart(width: float) -> Block:
    """Return the start-up sequence, 330 points high."""

    def paint(pen: Pen, x: float, y: float) -> None:
        pen.set(weight=0.8)
        middle, w = x + width * 0.46, width * 0.5
        rows = (
            ("Power on", 0, 24),
            ("V_{IN} above 4.5 V?", 42, 54),
            ("Write FREQ and TRIM", 114, 30),
            ("Set RUN, wait 2 ms", 162, 30),
            ("Status good?", 210, 54),
            ("Run", 300, 24),
        )
        for (_, top, high), (_, below, _) in pairwise(rows):
            pen.arrow(middle, y + top + high, middle, y + below, 5)
        for name, top, high in rows:
            if name.endswith("?"):
                pen.path(
                    [
                        (middle, y + top),
                        (middle + w / 2, y + top + high / 2),
                        (middle, y + top + high),
                        (middle - w / 2, y + top + high / 2),
                    ],
                    True,
                    TINT,
                )
                lettered(pen, name, middle - w * 0.32, y + top, w * 0.64, high)
            elif high == 24:
                pen.rect(middle - w * 0.3, y + top + 0.5, w * 0.6, high, fill=WHITE, radius=12)
                lettered(pen, name, middle - w * 0.3, y + top, w * 0.6, high)
            else:
                boxed(pen, name, middle - w / 2, y + top, w, high)
        _loops(pen, x, y, width, middle, w)
        pen.set(weight=0.6)

    return Block("flowchart", width, 326, paint)


def _loops(pen: Pen, x: float, y: float, width: float, middle: float, w: float) -> None:
    for at in (106, 278):
        pen.text(middle + 4, y + at - 2, "yes", FONT, 7)
    pen.path([(middle - w / 2, y + 69), (x + 6, y + 69), (x + 6, y + 33), (middle, y + 33)])
    pen.head(x + 6, y + 33, middle, y + 33, 5)
    pen.text(middle - w / 2 - 3, y + 66, "no", FONT, 7, anchor="r")
    right = x + width - 30
    pen.path([(middle + w / 2, y + 237), (right, y + 237), (right, y + 208)])
    pen.head(right, y + 237, right, y + 208, 5)
    pen.text(middle + w / 2 + 3, y + 234, "no", FONT, 7)
    boxed(pen, "Clear RUN, wait 100 ms", right - 28, y + 172, 56, 36)
    pen.path([(right, y + 172), (right, y + 109), (middle, y + 109)])
    pen.head(right, y + 109, middle, y + 109, 5)
    pen.set(color=BLACK)
