"""Circuits around chips: one chip with its parts, several chips, a regulator between two rails."""

from __future__ import annotations

from synth.elements import symbols, words
from synth.elements.dice import pick, sample
from synth.elements.draft import PASSIVE, Draft
from synth.elements.ranges import Ranges

_R = Ranges("diagrams", "chip_circuits")


def application(c: Draft, x: float, y: float, w: float, h: float) -> None:
    """A chip in the middle with parts, supplies and ports around it."""
    pen, rng = c.pen, c.rng
    cw, ch = w * _R.uniform(rng, "application_chip_width"), h * _R.uniform(rng, "application_chip_height")
    left, top = x + (w - cw) * _R.uniform(rng, "application_chip_place"), y + (h - ch) * 0.45
    _chip(c, left, top, cw, ch, (x + 4, x + w - 4), y + h)
    unit = min(11.0, h / 14)
    for _ in range(_R.whole(rng, "application_supplies")):
        at = left + cw * _R.uniform(rng, "application_supply_place")
        pen.line(at, top, at, y + c.size * 1.6)
        symbols.supply(
            pen,
            at,
            y + c.size * 1.6,
            unit,
            pick(rng, ("V_{CC}", "+5V", "V_{IN}", "+12V", "3.3V")),
            c.font,
            c.size,
        )
        if _R.chance(rng, "supply_has_capacitor"):
            foot = y + c.size * 1.6 + unit * 2
            c.part("capacitor", at, foot - unit, at + unit * 3, foot - unit, unit)
            c.ground(at + unit * 3, foot - unit, unit * 0.7)
    at = left + cw / 2
    pen.line(at, top + ch, at, min(top + ch + unit, y + h - unit))
    c.ground(at, min(top + ch + unit, y + h - unit), unit)


def system(c: Draft, x: float, y: float, w: float, h: float) -> None:
    """Two or three chips side by side, wired to one another and to parts."""
    pen, rng = c.pen, c.rng
    count = 2 if w < 300 else _R.pick(rng, "system_chips_when_wide")
    cell = w / count
    for index in range(count):
        cw, ch = cell * _R.uniform(rng, "system_chip_width"), h * _R.uniform(rng, "system_chip_height")
        left, top = x + cell * index + (cell - cw) / 2, y + (h - ch) * 0.45
        ends = (
            x + cell * index + (3 if index == 0 else 0),
            x + cell * (index + 1) - (3 if index == count - 1 else 0),
        )
        _chip(c, left, top, cw, ch, ends, y + h, index > 0, index < count - 1)
        at = left + cw * _R.uniform(rng, "system_supply_place")
        pen.line(at, top, at, y + c.size * 1.6)
        symbols.supply(pen, at, y + c.size * 1.6, 6.0, pick(rng, ("V_{CC}", "+5V", "3V3", "V_{DD}")), c.font, c.size)
        pen.line(at, top + ch, at, min(top + ch + 6, y + h - 5))
        c.ground(at, min(top + ch + 6, y + h - 5), 5.0)
        c.device = words.part_number(rng)


def _chip(
    c: Draft,
    left: float,
    top: float,
    cw: float,
    ch: float,
    ends: tuple[float, float],
    bottom: float,
    joined_left: bool = False,
    joined_right: bool = False,
) -> None:
    """A chip with named pins and a branch from each pin; on a joined side the branches run on as wires."""
    pen, rng = c.pen, c.rng
    pen.rect(left, top, cw, ch, fill=(0.92, 0.92, 0.92) if _R.chance(rng, "chip_is_grey") else None)
    unit = min(11.0, ch / 9)
    label = c.size * 1.15
    if cw > len(c.device) * label * 0.6 + c.size * 8:
        pen.text(left + cw / 2, top + ch / 2, c.device, c.look.figure_font(1), label, anchor="c")
    else:
        pen.text(left + 2, top - 3, c.device, c.look.figure_font(1), label)
    for side in (-1, 1):
        joined = joined_left if side < 0 else joined_right
        count = max(2, min(_R.whole(rng, "pins_on_side"), int(ch / (c.size * (1.25 if joined else 2.0)))))
        names = sample(rng, words.vocabulary("pins"), count)
        for index in range(count):
            at = top + ch * (index + 0.5) / count
            edge = left if side < 0 else left + cw
            end = ends[0] if side < 0 else ends[1]
            pen.text(
                edge - side * 3,
                at + c.size * 0.3,
                names[index][0],
                c.font,
                c.size,
                anchor="l" if side < 0 else "r",
            )
            pen.text(
                edge + side * 2,
                at - 1.5,
                str(_R.whole(rng, "pin_number")),
                c.font,
                c.size * 0.8,
                anchor="r" if side < 0 else "l",
            )
            if joined and _R.chance(rng, "pin_is_wired_on"):
                pen.line(edge, at, end, at)
            else:
                _branch(c, edge, at, end, side, unit, bottom, ch / count)


def _branch(c: Draft, edge: float, at: float, end: float, side: int, unit: float, bottom: float, room: float) -> None:
    pen, rng = c.pen, c.rng
    span = abs(end - edge)
    kind = pick(rng, ("port", "series", "shunt", "shunt", "ground", "stub"))
    if kind == "stub":
        end = edge + side * span * _R.uniform(rng, "stub_length")
    if kind == "series":
        c.part(pick(rng, PASSIVE[:6]), edge, at, end, at, unit)
    else:
        pen.line(edge, at, end, at)
    if kind == "shunt":
        cut = edge + side * span * _R.uniform(rng, "shunt_place")
        symbols.dot(pen, cut, at)
        foot = min(at + max(room * 0.9, unit * 3.5), bottom - unit)
        c.part(pick(rng, PASSIVE[:8]), cut, at, cut, foot, unit)
        c.ground(cut, foot, unit * 0.8)
    elif kind == "ground":
        foot = min(at + unit * 1.5, bottom - unit)
        pen.line(end, at, end, foot)
        c.ground(end, foot, unit * 0.8)
    if kind in ("port", "series", "shunt"):
        c.port(end, at, "l" if side < 0 else "r")


def rails(c: Draft, x: float, y: float, w: float, h: float) -> None:
    """A regulator between an input and an output rail, with capacitors to ground."""
    pen, rng = c.pen, c.rng
    top, bottom, unit = y + h * 0.3, y + h - 8, min(h * 0.1, 9.0)
    cw, ch = w * 0.24, h * 0.34
    left = x + w * 0.38
    pen.rect(left, top - ch * 0.4, cw, ch)
    pen.text(left + cw / 2, top + ch * 0.15, c.device, c.look.figure_font(1), c.size, anchor="c")
    pen.line(x + 4, top, left, top)
    pen.line(left + cw, top, x + w - 4, top)
    c.port(x + 3, top, "l")
    c.port(x + w - 3, top, "r")
    for f in (0.14, 0.28, 0.72, 0.86):
        if _R.chance(rng, "rails_part_is_there"):
            at = x + w * f
            symbols.dot(pen, at, top)
            c.part(pick(rng, ("capacitor", "capacitor", "resistor", "diode", "zener")), at, top, at, bottom, unit)
            symbols.dot(pen, at, bottom)
    pen.line(left + cw / 2, top + ch * 0.6, left + cw / 2, bottom)
    pen.line(x + 4, bottom, x + w - 4, bottom)
    c.ground(left + cw / 2, bottom, unit * 0.8)
