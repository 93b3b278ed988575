"""Graphics of the sample datasheet that show measurements: plots, bus timing, a bus frame."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from synth.elements.look import Block
from synth.elements.pen import BLACK, WHITE, Color, Pen

FONT, BOLD, SIZE = "Helvetica", "Helvetica-Bold", 6.5
INK: tuple[Color, ...] = ((0.0, 0.42, 0.45), (0.82, 0.36, 0.1), (0.25, 0.25, 0.3))


@dataclass(frozen=True)
class Axis:
    """A plot's axis: label, ends, number of divisions, and whether it is logarithmic in decades."""

    label: str
    low: float
    high: float
    steps: int
    log: bool = False

    def place(self, value: float) -> float:
        """Return where a value lies, as a fraction of the axis."""
        if self.log:
            return math.log(value / self.low) / math.log(self.high / self.low)
        return (value - self.low) / (self.high - self.low)

    def ticks(self) -> list[float]:
        """Return the labelled values."""
        if self.log:
            decades = round(math.log10(self.high / self.low))
            return [self.low * 10**i for i in range(decades + 1)]
        return [self.low + (self.high - self.low) * i / self.steps for i in range(self.steps + 1)]


@dataclass(frozen=True)
class Trace:
    """One curve: its name, where the name stands (fractions of the plot), and the function."""

    name: str
    at: tuple[float, float]
    f: Callable[[float], float]


def plot(x_axis: Axis, y_axis: Axis, traces: Sequence[Trace], width: float, height: float) -> Block:
    """Return one characteristic curve of the given outer size."""

    def paint(pen: Pen, x: float, y: float) -> None:
        left, top, w, h = x + 30, y + 4, width - 36, height - 27
        _grid(pen, x_axis, y_axis, left, top, w, h)
        pen.text(left + w / 2, top + h + 19, x_axis.label, FONT, SIZE, anchor="c")
        pen.text(left - 22, top + h / 2, y_axis.label, FONT, SIZE, anchor="c", angle=90)
        for index, trace in enumerate(traces):
            _trace(pen, x_axis, y_axis, trace, INK[index], (left, top, w, h))
        pen.set(weight=0.6, color=BLACK)

    return Block("characteristic_curve", width, height, paint)


def _grid(pen: Pen, x_axis: Axis, y_axis: Axis, left: float, top: float, w: float, h: float) -> None:
    pen.set(weight=0.3, color=(0.75, 0.75, 0.75))
    for tick in x_axis.ticks():
        at = left + x_axis.place(tick) * w
        pen.line(at, top, at, top + h)
        pen.text(at, top + h + 9, f"{tick:g}".replace("-", "\u2212"), FONT, SIZE, anchor="c")
    for tick in y_axis.ticks():
        at = top + h - y_axis.place(tick) * h
        pen.line(left, at, left + w, at)
        pen.text(left - 4, at + 2.2, f"{tick:g}", FONT, SIZE, anchor="r")
    pen.set(weight=0.8, color=BLACK)
    pen.rect(left, top, w, h)


def _trace(
    pen: Pen, x_axis: Axis, y_axis: Axis, trace: Trace, color: Color, area: tuple[float, float, float, float]
) -> None:
    left, top, w, h = area
    points = []
    for step in range(61):
        u = step / 60
        value = (
            x_axis.low * (x_axis.high / x_axis.low) ** u if x_axis.log else x_axis.low + (x_axis.high - x_axis.low) * u
        )
        v = min(max(y_axis.place(trace.f(value)), 0.0), 1.0)
        points.append((left + u * w, top + (1 - v) * h))
    pen.set(weight=1.2, color=color)
    pen.path(points)
    pen.text(left + trace.at[0] * w, top + (1 - trace.at[1]) * h, trace.name, FONT, SIZE, color)


def bus_timing(width: float, height: float) -> Block:
    """Return the timing of the two-wire interface: start, data, stop, with setup and hold marks."""

    def paint(pen: Pen, x: float, y: float) -> None:
        left, w = x + 28, width - 30
        rows = {"SDA": y + height * 0.22, "SCL": y + height * 0.66}
        swing = height * 0.22
        for name, top in rows.items():
            pen.text(x, top + swing / 2 + 2.5, name, BOLD, 7.5)
        pen.set(weight=1.0)
        data, clock = rows["SDA"], rows["SCL"]
        pen.path(_levels(left, w, data, swing, ((0, 1), (0.1, 0))))
        for start, stop in ((0.24, 0.42), (0.42, 0.6), (0.6, 0.78)):
            _cell(pen, left + start * w, left + stop * w, data, swing)
        pen.path(_levels(left + 0.78 * w, 0.22 * w, data, swing, ((0, 0), (0.62, 1))))
        pen.path(_levels(left, w, clock, swing, tuple(_clock())))
        _marks(pen, left, w, data, clock, swing)
        pen.set(weight=0.6)

    return Block("timing_diagram", width, height, paint)


def _clock() -> list[tuple[float, int]]:
    edges = [(0.0, 1), (0.17, 0)]
    for start in (0.29, 0.47, 0.65):
        edges += [(start, 1), (start + 0.09, 0)]
    return [*edges, (0.85, 1)]


def _levels(
    x: float, w: float, top: float, swing: float, edges: Sequence[tuple[float, int]]
) -> list[tuple[float, float]]:
    """Return the corners of a signal that takes each level from its fraction of the width on."""
    points: list[tuple[float, float]] = []
    for at, level in edges:
        high = top if level else top + swing
        if points:
            points += [(x + at * w, points[-1][1]), (x + at * w + 4, high)]
        else:
            points.append((x + at * w, high))
    return [*points, (x + w, points[-1][1])]


def _cell(pen: Pen, a: float, b: float, top: float, swing: float) -> None:
    middle = top + swing / 2
    pen.path([(a, middle), (a + 4, top), (b - 4, top), (b, middle), (b - 4, top + swing), (a + 4, top + swing)], True)
    pen.text((a + b) / 2, middle + 2.4, "DATA", FONT, SIZE, anchor="c")


def _marks(pen: Pen, left: float, w: float, data: float, clock: float, swing: float) -> None:
    pen.set(weight=0.4)
    spans = (
        (0.24, 0.29, data + swing + 9, "t_{SU;DAT}"),
        (0.38, 0.42, data + swing + 9, "t_{HD;DAT}"),
        (0.47, 0.56, clock + swing + 8, "t_{HIGH}"),
        (0.56, 0.65, clock + swing + 8, "t_{LOW}"),
        (0.1, 0.17, data - 7, "t_{HD;STA}"),
        (0.85, 0.92, data - 7, "t_{SU;STO}"),
    )
    for start, stop, at, name in spans:
        a, b = left + start * w + 2, left + stop * w + 2
        for edge in (a, b):
            pen.line(edge, at - 3, edge, at + 3)
        pen.arrow(a, at, b, at, 3, both=True)
        if name == "t_{HIGH}":
            pen.text(a - 3, at + 2, name, FONT, SIZE, anchor="r")
        else:
            pen.text(b + 3, at + 2, name, FONT, SIZE)


def bus_frame(width: float, height: float) -> Block:
    """Return a picture of the frame that writes one register."""
    fields = (
        ("S", 1, 0),
        ("ADDRESS", 7, 0),
        ("W", 1, 0),
        ("A", 1, 1),
        ("REGISTER", 8, 0),
        ("A", 1, 1),
        ("DATA", 8, 0),
        ("A", 1, 1),
        ("P", 1, 0),
    )
    total = sum(size for _, size, _ in fields)

    def paint(pen: Pen, x: float, y: float) -> None:
        at, top, high = x + 0.5, y + 10, height - 22
        pen.set(weight=0.7)
        for name, size, reply in fields:
            wide = (width - 1) * size / total
            pen.rect(at, top, wide, high, fill=(0.86, 0.92, 0.93) if reply else WHITE)
            pen.text(at + wide / 2, top + high / 2 + 2.5, name, FONT, 7, anchor="c")
            if size > 1:
                pen.text(at + wide / 2, y + 7, f"{size} bits", FONT, 6, anchor="c")
            at += wide
        pen.rect(x + 1, y + height - 8, 9, 7, fill=(0.86, 0.92, 0.93))
        pen.text(x + 14, y + height - 2, "from device to host", FONT, 6.5)

    return Block("figure", width, height, paint)
