"""Characteristic curves: one plot with axes, grid, traces, labels and legend; also oscilloscope captures."""

from __future__ import annotations

import math

import numpy as np

from synth.elements import words
from synth.elements.curve_shapes import SHAPES
from synth.elements.dice import chance, pick, sample, whole
from synth.elements.look import Block, Look
from synth.elements.pen import BLACK, WHITE, Color, Pen, Point
from synth.elements.ranges import Ranges
from synth.elements.scopes import scope

_R = Ranges("plots", "curves")

_COLORS: tuple[Color, ...] = (
    (0.8, 0.1, 0.1),
    (0.1, 0.2, 0.8),
    (0.0, 0.5, 0.2),
    (0.8, 0.5, 0.0),
    (0.5, 0.1, 0.6),
    (0.0, 0.5, 0.6),
)


def curve(rng: np.random.Generator, look: Look, width: float, height: float) -> Block:
    """Return one plot of the given outer size, axis labels included."""
    if _R.chance(rng, "is_scope"):
        return scope(rng, look, width, height)
    seed = int(rng.integers(1 << 62))

    def paint(pen: Pen, x: float, y: float) -> None:
        _Plot(np.random.default_rng(seed), look, pen, x, y, width, height).draw()

    return Block("characteristic_curve", width, height, paint)


def axes_title(rng: np.random.Generator) -> str:
    """Return a curve's title, such as `Gain vs. Frequency`."""
    a, b = sample(rng, words.vocabulary("axes"), 2)
    return f"{a[0]} {pick(rng, ('vs.', 'vs', 'versus', 'as a function of'))} {b[0]}"


class _Plot:
    """One plot being drawn; px, py, pw, ph is the plotting area."""

    def __init__(self, rng: np.random.Generator, look: Look, pen: Pen, x: float, y: float, w: float, h: float) -> None:
        self.rng, self.look, self.pen = rng, look, pen
        self.size = min(look.figure_size, h / 16, w / 20) * _R.uniform(rng, "letter_size")
        self.font = look.figure_font(_R.pick(rng, "face"))
        self.color = chance(rng, look.color_figures)
        self.x_axis, self.y_axis = sample(rng, words.vocabulary("axes"), 2)
        self.log_x = bool(self.x_axis[4]) and _R.chance(rng, "log_x_axis")
        self.log_y = bool(self.y_axis[4]) and _R.chance(rng, "log_y_axis")
        self.titled = _R.chance(rng, "has_axis_titles")
        left = self.size * (4.8 if self.titled else 3.2)
        self.px, self.py = x + left, y + self.size * 0.7
        self.pw, self.ph = w - left - self.size * 1.2, h - self.size * (4.2 if self.titled else 2.6)
        self.outer = (x, y, w, h)

    def draw(self) -> None:
        self._frame()
        steps_x = self._grid(True)
        steps_y = self._grid(False)
        self._labels(steps_x, steps_y)
        self._traces()
        if _R.chance(self.rng, "has_note"):
            self._note()
        self.pen.set(weight=0.6, color=BLACK, dash=())

    def _frame(self) -> None:
        pen, rng = self.pen, self.rng
        if self.look.figure_frame:
            x, y, w, h = self.outer
            pen.set(weight=self.look.figure_frame, color=BLACK)
            pen.rect(x + 0.5, y + 0.5, w - 1, h - 1)
        pen.set(weight=self.look.figure_weight * _R.uniform(rng, "frame_weight"), color=BLACK)
        if _R.chance(rng, "has_closed_frame"):
            fill = (0.95, 0.95, 0.95) if _R.chance(rng, "grey_plot") else None
            pen.rect(self.px, self.py, self.pw, self.ph, fill=fill)
        else:
            pen.line(self.px, self.py, self.px, self.py + self.ph)
            pen.line(self.px, self.py + self.ph, self.px + self.pw, self.py + self.ph)

    def _grid(self, horizontal: bool) -> list[float]:
        """Draw the grid across one axis and return the fractions where its labelled ticks are."""
        rng = self.rng
        log = self.log_x if horizontal else self.log_y
        count = _R.whole(rng, "decades") if log else _R.pick(rng, "x_divisions" if horizontal else "y_divisions")
        style = pick(rng, ("grid", "grid", "grid", "ticks", "dotted"))
        grey = _R.pick(rng, "grid_grey")
        fractions = [i / count for i in range(count + 1)]
        minor = [(i + math.log10(k)) / count for i in range(count) for k in range(2, 10)] if log else []
        if not log and _R.chance(rng, "has_minor_grid"):
            minor = [(i + k / 5) / count for i in range(count) for k in range(1, 5)]
        self.pen.set(
            weight=_R.uniform(rng, "grid_weight"), color=(grey, grey, grey), dash=(1, 1.5) if style == "dotted" else ()
        )
        for f in [*fractions[1:-1], *(minor if style == "grid" else [])]:
            self._stroke(horizontal, f, 1.0 if style != "ticks" else 0.03)
        self.pen.set(color=BLACK, dash=())
        if style == "ticks":
            for f in minor:
                self._stroke(horizontal, f, 0.015)
        return fractions

    def _stroke(self, horizontal: bool, f: float, part: float) -> None:
        if horizontal:
            x = self.px + f * self.pw
            self.pen.line(x, self.py + self.ph, x, self.py + self.ph * (1 - part))
        else:
            y = self.py + self.ph * (1 - f)
            self.pen.line(self.px, y, self.px + self.pw * part, y)

    def _labels(self, steps_x: list[float], steps_y: list[float]) -> None:
        pen, size, font = self.pen, self.size, self.font
        low, high, skip = self.x_axis[2], self.x_axis[3], 2 if len(steps_x) * size * 3 > self.pw else 1
        bottom = self.py + self.ph
        for index, f in enumerate(steps_x):
            if index % skip == 0:
                pen.text(
                    self.px + f * self.pw,
                    bottom + size * 1.1,
                    _tick(f, low, high, self.log_x, len(steps_x)),
                    font,
                    size,
                    anchor="c",
                )
        for f in steps_y:
            label = _tick(f, self.y_axis[2], self.y_axis[3], self.log_y, len(steps_y))
            pen.text(self.px - size * 0.4, bottom - f * self.ph + size * 0.3, label, font, size, anchor="r")
        if not self.titled:
            return
        x_text, y_text = _axis_text(self.rng, self.x_axis), _axis_text(self.rng, self.y_axis)
        upper = _R.chance(self.rng, "upper_case_titles")
        x_text, y_text = (x_text.upper(), y_text.upper()) if upper else (x_text, y_text)
        pen.text(self.px + self.pw / 2, bottom + size * 2.5, x_text, font, size, anchor="c")
        pen.text(self.px - size * 3.5, self.py + self.ph / 2, y_text, font, size, anchor="c", angle=90)

    def _traces(self) -> None:
        rng, pen = self.rng, self.pen
        count = _R.pick(rng, "traces")
        shape = pick(rng, SHAPES)
        dashes: list[tuple[float, ...]] = (
            [()] * 3 if _R.chance(rng, "all_traces_solid") else [(), (3, 2), (1, 1.5), (5, 2, 1, 2)]
        )
        ends: list[Point] = []
        for index in range(count):
            f = shape(rng, index, count)
            color = _COLORS[index % len(_COLORS)] if self.color else BLACK
            pen.set(
                weight=self.look.figure_weight * _R.uniform(rng, "trace_weight"),
                color=color,
                dash=dashes[index % len(dashes)],
            )
            points = [(t / 40, f(t / 40)) for t in range(41)]
            kept = [(self.px + t * self.pw, self.py + self.ph * (1 - v)) for t, v in points if 0.0 <= v <= 1.0]
            if len(kept) > 1:
                pen.path(kept)
                ends.append(kept[whole(rng, len(kept) // 3, len(kept) - 1)])
        pen.set(color=BLACK, dash=())
        if count > 1:
            self._name_traces(ends)

    def _name_traces(self, ends: list[Point]) -> None:
        rng, pen, size = self.rng, self.pen, self.size * 0.95
        base = pick(rng, ("T_{A} = ", "V_{CC} = ", "V_{GS} = ", "I_{O} = ", ""))
        unit = {"T": " °C", "V": " V", "I": " mA"}.get(base[:1], "")
        names = [
            f"{base}{value}{unit}"
            for value in sample(rng, ("-40", "25", "85", "125", "5", "10", "3.3", "12"), len(ends))
        ]
        if _R.chance(rng, "has_legend"):
            x, y = self.px + self.pw * _R.pick(rng, "legend_left"), self.py + self.ph * _R.pick(rng, "legend_top")
            pen.rect(
                x, y, size * 8, size * 1.3 * len(names) + 2, fill=WHITE, stroke=_R.chance(rng, "has_legend_border")
            )
            for index, name in enumerate(names):
                at = y + size * 1.3 * index + size
                pen.set(color=_COLORS[index % len(_COLORS)] if self.color else BLACK)
                pen.line(x + 2, at - size * 0.3, x + size * 1.8, at - size * 0.3)
                pen.set(color=BLACK)
                pen.text(x + size * 2.2, at, name, self.font, size)
            return
        for name, (x, y) in zip(names, ends, strict=True):
            anchor = "r" if x > self.px + self.pw * 0.6 else "l"
            pen.text(
                x - 2 if anchor == "r" else x + 2, max(y - 1.5, self.py + size), name, self.font, size, anchor=anchor
            )

    def _note(self) -> None:
        rng, size = self.rng, self.size
        notes = sample(rng, words.vocabulary("conditions"), _R.whole(rng, "note_lines"))
        x, y = self.px + self.pw * _R.uniform(rng, "note_left"), self.py + self.ph * _R.uniform(rng, "note_top")
        for index, note in enumerate(notes):
            self.pen.text(x, y + index * size * 1.2 + size, note[:22], self.font, size)


def _tick(f: float, low: float, high: float, log: bool, count: int) -> str:
    if log:
        power = math.floor(math.log10(max(low, high / 10 ** (count - 1), 1e-6))) + round(f * (count - 1))
        if 0 <= power <= 3:
            return str(10**power)
        return f"10^{{{power}}}" if power > 3 else f"{10.0**power:g}"
    value = low + f * (high - low)
    return f"{value:.3g}".replace("-", "−")


def _axis_text(rng: np.random.Generator, axis: list[str]) -> str:
    if not axis[1]:
        return str(axis[0])
    return str(
        pick(
            rng, (f"{axis[0]} ({axis[1]})", f"{axis[0]} [{axis[1]}]", f"{axis[0]} – {axis[1]}", f"{axis[0]}, {axis[1]}")
        )
    )
