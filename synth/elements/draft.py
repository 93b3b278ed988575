"""Schematic drafting: two-terminal parts with values, grounds, and named ports, in one house's manner."""

from __future__ import annotations

import numpy as np

from synth.elements import symbols
from synth.elements.dice import chance, pick
from synth.elements.look import Look
from synth.elements.pen import BLACK, Color, Pen
from synth.elements.ranges import Ranges

_R = Ranges("diagrams", "draft")

PASSIVE = (
    "resistor",
    "resistor",
    "capacitor",
    "capacitor",
    "inductor",
    "diode",
    "zener",
    "led",
    "switch",
    "source",
    "battery",
    "crystal",
)
_VALUES = {
    "resistor": ("10k", "4.7k", "100Ω", "R_{1}", "R_{2}", "1M", "R_{L}", "330"),
    "capacitor": ("0.1µF", "10µF", "C_{IN}", "C_{1}", "22pF", "C_{OUT}"),
    "inductor": ("L1", "10µH", "4.7µH"),
    "diode": ("D1", "1N4148"),
    "zener": ("D2", "5.1V"),
    "led": ("LED",),
    "switch": ("S1",),
    "source": ("I_{B}", "I_{REF}"),
    "battery": ("V_{BAT}", "9V"),
    "crystal": ("X1", "8MHz"),
}
_NETS = ("V_{IN}", "V_{OUT}", "V_{CC}", "INPUT", "OUTPUT", "EN", "TO µC", "+5V", "CONTROL", "A", "B", "LOAD", "V_{DD}")


class Draft:
    """Draws parts, grounds and ports with one house's symbols and lettering."""

    def __init__(self, rng: np.random.Generator, look: Look, pen: Pen, part: str) -> None:
        self.rng, self.look, self.pen, self.device = rng, look, pen, part
        self.size = look.figure_size * _R.uniform(rng, "letter_size")
        self.font = look.figure_font(_R.pick(rng, "face"))
        self.color: Color = (0.1, 0.1, 0.6) if chance(rng, look.color_figures * 0.5) else BLACK
        self.box = _R.chance(rng, "box_resistors")
        self.ground_style = _R.pick(rng, "ground_style")

    def part(self, kind: str, x0: float, y0: float, x1: float, y1: float, unit: float) -> None:
        """Draw a two-terminal part with a value beside it."""
        symbols.two_terminal(
            self.pen, "resistor-box" if kind == "resistor" and self.box else kind, x0, y0, x1, y1, unit
        )
        text = pick(self.rng, _VALUES[kind])
        mx, my = (x0 + x1) / 2, (y0 + y1) / 2
        if abs(x1 - x0) > abs(y1 - y0):
            self.pen.text(mx, my - unit * 0.75, text, self.font, self.size * 0.9, anchor="c")
        else:
            self.pen.text(mx + unit * 0.8, my + self.size * 0.3, text, self.font, self.size * 0.9)

    def ground(self, x: float, y: float, s: float) -> None:
        """Draw a ground in the house's manner."""
        symbols.ground(self.pen, x, y, s, self.ground_style)

    def port(self, x: float, y: float, anchor: str) -> None:
        """Draw a named terminal."""
        self.pen.circle(x, y, 1.6)
        self.pen.text(x, y - 3.2, pick(self.rng, _NETS), self.font, self.size, anchor=anchor)
