"""Timing diagrams: buses, clocks, strobes, dimension arrows; and switching waveforms."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from synth.elements.dice import pick, sample, whole
from synth.elements.look import Block, Look
from synth.elements.pen import BLACK, WHITE, Pen
from synth.elements.ranges import Ranges

_R = Ranges("plots", "timing")

_SIGNALS = (
    "CLK",
    "~{CS}",
    "SCK",
    "MOSI",
    "MISO",
    "ALE",
    "~{RD}",
    "~{WR}",
    "ADDRESS",
    "DATA",
    "~{OE}",
    "D_{IN}",
    "D_{OUT}",
    "SDA",
    "SCL",
    "~{RESET}",
    "RDY/~{BSY}",
    "~{RAS}",
    "~{CAS}",
    "CKE",
    "DQ",
    "INPUT",
    "OUTPUT",
    "EN",
    "V_{CC}",
    "INT",
    "PORT 0",
    "~{PSEN}",
)
_TIMES = (
    "t_{SU}",
    "t_{H}",
    "t_{PD}",
    "t_{CYC}",
    "t_{W}",
    "t_{PLH}",
    "t_{PHL}",
    "t_{ACC}",
    "t_{OE}",
    "t_{DH}",
    "t_{AS}",
    "t_{r}",
    "t_{f}",
    "t_{LLAX}",
    "t_{RC}",
)
_WORDS = (
    "VALID",
    "DATA OUT",
    "A0–A7",
    "ADDRESS",
    "VALID DATA",
    "D7",
    "CMD",
    "DATA IN",
    "COL n",
    "BANK",
    "ROW",
    "1",
    "0",
    "PD",
)


def timing(rng: np.random.Generator, look: Look, width: float, height: float) -> Block:
    """Return a timing diagram of the given outer size."""
    seed = int(rng.integers(1 << 62))
    rows = max(1, min(9, int(height / _R.uniform(rng, "row_height"))))
    switching = (rows <= 4 or width < 260) and _R.chance(rng, "is_switching")

    def paint(pen: Pen, x: float, y: float) -> None:
        inner = np.random.default_rng(seed)
        if look.figure_frame:
            pen.set(weight=look.figure_frame)
            pen.rect(x + 0.5, y + 0.5, width - 1, height - 1)
            box = (x + 5, y + 5, width - 10, height - 10)
        else:
            box = (x, y, width, height)
        if switching:
            _Switching(inner, look, pen, *box).draw()
        else:
            _Chart(inner, look, pen, *box, rows).draw()
        pen.set(weight=0.6, color=BLACK, dash=())

    return Block("timing_diagram", width, height, paint)


class _Chart:
    """Rows of digital signals; `edges` collects (x, row) of the transitions for the arrows."""

    def __init__(
        self, rng: np.random.Generator, look: Look, pen: Pen, x: float, y: float, w: float, h: float, rows: int
    ) -> None:
        self.rng, self.look, self.pen, self.rows = rng, look, pen, rows
        self.size = min(look.figure_size, h / rows * 0.45)
        self.font = look.figure_font(_R.pick(rng, "face"))
        self.label = self.size * _R.uniform(rng, "label_width")
        self.x, self.y, self.w, self.h = x, y, w, h
        self.left, self.wide = x + self.label, w - self.label
        self.step = h / rows
        self.swing = self.step * _R.uniform(rng, "swing")
        self.slew = self.swing * _R.pick(rng, "slew")
        self.units = _R.whole(rng, "clock_periods")
        self.edges: list[tuple[float, float, float]] = []

    def draw(self) -> None:
        pen, rng = self.pen, self.rng
        pen.set(weight=self.look.figure_weight * _R.uniform(rng, "chart_weight"), color=BLACK, dash=())
        for row, name in enumerate(sample(rng, _SIGNALS, self.rows)):
            top = self.y + row * self.step + self.step * 0.32
            base = top + self.swing
            pen.text(
                self.x if row % 2 or _R.chance(rng, "even_label_flush") else self.x + 2,
                (top + base) / 2 + self.size * 0.3,
                name,
                self.font,
                self.size,
            )
            self._signal(name, top, base)
        self._arrows()
        if _R.chance(rng, "has_breaks"):
            self._breaks()

    def _signal(self, name: str, top: float, base: float) -> None:
        if name in ("CLK", "SCK", "SCL"):
            self._clock(top, base)
        elif name in ("ADDRESS", "DATA", "MOSI", "MISO", "D_{IN}", "D_{OUT}", "SDA", "DQ", "PORT 0"):
            self._bus(top, base)
        else:
            self._level(top, base)

    def _clock(self, top: float, base: float) -> None:
        count = self.units * 2
        step, points = self.wide / count, [(self.left, base)]
        for i in range(count):
            x = self.left + i * step
            a, b = (base, top) if i % 2 == 0 else (top, base)
            points += [(x + step * 0.2, a), (x + step * 0.2 + min(self.slew, step * 0.3), b)]
            if i % 4 == 0:
                self.edges.append((x + step * 0.2, top, base))
        points.append((self.left + self.wide, points[-1][1]))
        self.pen.path(points)

    def _level(self, top: float, base: float) -> None:
        rng = self.rng
        cuts = sorted(_R.uniform(rng, "level_edge") for _ in range(_R.whole(rng, "level_edges")))
        high = _R.chance(rng, "level_starts_high")
        points = [(self.left, top if high else base)]
        for cut in cuts:
            x = self.left + cut * self.wide
            points += [(x, top if high else base), (x + self.slew, base if high else top)]
            self.edges.append((x, top, base))
            high = not high
        points.append((self.left + self.wide, top if high else base))
        self.pen.path([(min(x, self.left + self.wide), y) for x, y in points])

    def _bus(self, top: float, base: float) -> None:
        rng, pen = self.rng, self.pen
        cuts = [0.0, *sorted(_R.uniform(rng, "bus_change") for _ in range(_R.whole(rng, "bus_changes"))), 1.0]
        middle = (top + base) / 2
        for start, stop in pairwise(cuts):
            a, b = self.left + start * self.wide, self.left + stop * self.wide
            slope = min(max(self.slew, 2.0), (b - a) / 2.2)
            self.edges.append((a, top, base))
            kind = pick(rng, ("word", "word", "word", "none", "hatch"))
            if kind == "none":
                pen.line(a, middle, b, middle)
                continue
            shape = [(a, middle), (a + slope, top), (b - slope, top), (b, middle), (b - slope, base), (a + slope, base)]
            pen.path(shape, True, (0.8, 0.8, 0.8) if kind == "hatch" and _R.chance(rng, "grey_hatch") else None)
            if kind == "hatch":
                for i in range(int((b - a - 2 * slope) / 4)):
                    pen.line(a + slope + i * 4, base, a + slope + i * 4 + 4, top)
            else:
                text = pick(rng, _WORDS)
                if (b - a) > len(text) * self.size * 0.65:
                    pen.text((a + b) / 2, middle + self.size * 0.32, text, self.font, self.size * 0.9, anchor="c")

    def _arrows(self) -> None:
        rng, pen = self.rng, self.pen
        if len(self.edges) < 2:
            return
        for _ in range(whole(rng, 1, 2 + self.rows)):
            a, b = pick(rng, self.edges), pick(rng, self.edges)
            x0, x1 = min(a[0], b[0]), max(a[0], b[0])
            if x1 - x0 < 6 or x1 - x0 > self.wide * 0.6:
                continue
            row = whole(rng, 0, self.rows - 1)
            y = self.y + row * self.step + self.step * 0.17
            pen.set(weight=self.look.figure_weight * 0.6)
            for edge in (a, b):
                pen.line(edge[0], min(y - 2, edge[1]), edge[0], max(y + 2, edge[1]))
            pen.arrow(x0, y, x1, y, 3.2, both=True)
            text = pick(rng, _TIMES)
            wide = pen.text
            if x1 - x0 > self.size * 2.6:
                pen.rect(
                    (x0 + x1) / 2 - self.size * 1.1,
                    y - self.size * 0.5,
                    self.size * 2.2,
                    self.size,
                    fill=WHITE,
                    stroke=False,
                )
                wide((x0 + x1) / 2, y + self.size * 0.3, text, self.font, self.size * 0.9, anchor="c")
            elif x1 + self.size * 3 < self.left + self.wide:
                wide(x1 + 2, y + self.size * 0.3, text, self.font, self.size * 0.9)

    def _breaks(self) -> None:
        x = self.left + self.wide * _R.uniform(self.rng, "break_at")
        pen = self.pen
        for row in range(self.rows):
            y = self.y + row * self.step + self.step * 0.3
            pen.rect(x, y, 3, self.swing + 4, fill=WHITE, stroke=False)
            pen.bezier([(x, y + self.swing + 2), (x - 3, y + self.swing / 2), (x + 3, y + self.swing / 2), (x, y)])
            pen.bezier([(x + 3, y + self.swing + 2), (x, y + self.swing / 2), (x + 6, y + self.swing / 2), (x + 3, y)])


class _Switching:
    """Input and output ramps with 10, 50 and 90 percent marks and delay arrows."""

    def __init__(self, rng: np.random.Generator, look: Look, pen: Pen, x: float, y: float, w: float, h: float) -> None:
        self.rng, self.look, self.pen = rng, look, pen
        self.x, self.y, self.w, self.h = x, y, w, h
        self.size = min(look.figure_size, h / 12)
        self.font = look.figure_font()

    def draw(self) -> None:
        rng, pen, size = self.rng, self.pen, self.size
        rows = 2 if self.h > 70 or _R.chance(rng, "two_ramps_when_low") else 1
        left, wide = self.x + size * 5, self.w - size * 8
        step = self.h / rows
        rise, fall = _R.uniform(rng, "rise_at"), _R.uniform(rng, "fall_at")
        marks: list[list[float]] = []
        for row in range(rows):
            top, base = self.y + row * step + step * 0.25, self.y + row * step + step * 0.8
            delay, slope = 0.1 * row, _R.uniform(rng, "ramp_width")
            flip = row == 1 and _R.chance(rng, "inverted_output")
            a, b = (top, base) if flip else (base, top)
            xs = [0.0, rise + delay, rise + delay + slope, fall + delay, fall + delay + slope, 1.0]
            ys = [a, a, b, b, a, a]
            pen.set(weight=self.look.figure_weight * 1.8, dash=())
            pen.path([(left + u * wide, v) for u, v in zip(xs, ys, strict=True)])
            pen.text(
                self.x,
                (top + base) / 2,
                ("INPUT", "OUTPUT")[row] if _R.chance(rng, "ramps_named_in_words") else ("V_{IN}", "V_{OUT}")[row],
                self.font,
                size,
            )
            pen.set(weight=self.look.figure_weight * 0.6, dash=(3, 2))
            middle = (top + base) / 2
            pen.line(left, middle, left + wide, middle)
            pen.set(dash=())
            pen.text(
                left + wide + 2, middle + size * 0.3, pick(rng, ("50%", "1.5 V", "0.5V_{CC}", "1.3 V")), self.font, size
            )
            pen.text(left + wide + 2, top + size * 0.3, pick(rng, ("V_{OH}", "3 V", "90%", "V_{CC}")), self.font, size)
            pen.text(left + wide + 2, base + size * 0.3, pick(rng, ("V_{OL}", "0 V", "10%", "GND")), self.font, size)
            marks.append([left + wide * (rise + delay + slope / 2), left + wide * (fall + delay + slope / 2)])
        y = self.y + step * 0.1
        for index, name in enumerate(sample(rng, ("t_{PLH}", "t_{PHL}", "t_{d(on)}", "t_{r}", "t_{f}", "t_{W}"), 2)):
            x0, x1 = marks[0][index], marks[-1][index] if rows == 2 else marks[0][index] + wide * 0.15
            for x in (x0, x1):
                pen.line(x, y - 2, x, self.y + step * (0.55 if x == x0 or rows == 1 else 1.5))
            pen.arrow(x0, y, x1, y, 3, both=True)
            pen.text((x0 + x1) / 2, y - 1.5 if y - 1.5 - size > self.y else y + size, name, self.font, size, anchor="c")
