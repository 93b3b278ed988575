"""Pinout diagrams: DIP and SOIC, QFP and QFN, BGA, SOT, TO, and connectors."""

from __future__ import annotations

import numpy as np

from synth.elements import words
from synth.elements.dice import pick, sample
from synth.elements.fonts import text_width
from synth.elements.look import Block, Look
from synth.elements.pen import BLACK, Pen
from synth.elements.ranges import Ranges

_R = Ranges("pictures", "pinouts")


def pinout(rng: np.random.Generator, look: Look, width: float, height: float, part: str) -> Block:
    """Return a pinout that fits the given size and is often smaller."""
    seed = int(rng.integers(1 << 62))
    kind = pick(rng, ("dual", "dual", "dual", "dual", "quad", "quad", "bga", "sot", "sot", "to", "connector"))
    if kind in ("quad", "bga"):
        side = min(width, height)
        if side < 90:
            kind = "dual"
        else:
            width = height = side
    if kind == "to":
        width, height = min(width, 110.0), min(height, 110.0)
    if kind == "sot":
        width, height = min(width, 150.0), min(height, 95.0)
    if kind in ("dual", "connector"):
        width = min(width, _R.uniform(rng, "dual_width"))
    draw = {"dual": _dual, "quad": _quad, "bga": _bga, "sot": _sot, "to": _to, "connector": _connector}[kind]

    def paint(pen: Pen, x: float, y: float) -> None:
        inner = np.random.default_rng(seed)
        pen.set(weight=look.figure_weight * _R.uniform(inner, "line_weight"), color=BLACK, dash=())
        draw(inner, look, pen, x, y, width, height, part)
        pen.set(weight=0.6)

    return Block("pinout_diagram", width, height, paint)


def _names(rng: np.random.Generator, count: int) -> list[str]:
    style = pick(rng, ("pins", "pins", "ports", "short"))
    if style == "ports":
        return [f"{pick(rng, ('PA', 'PB', 'PC', 'P1.', 'D', 'A'))}{i % 8}" for i in range(count)]
    names = [row[0] for row in sample(rng, words.vocabulary("pins"), count)]
    return names if style == "pins" else [name.replace("~{", "").replace("}", "")[:4] for name in names]


def _label(pen: Pen, rng: np.random.Generator, look: Look, part: str, x: float, y: float, room: float) -> None:
    size = min(look.figure_size * 1.2, room / (len(part) * 0.62))
    if size > 3.5 and _R.chance(rng, "has_part_label"):
        pen.text(
            x,
            y,
            part,
            look.figure_font(_R.pick(rng, "label_face")),
            size,
            anchor="c",
            angle=_R.pick(rng, "label_angle") if room > 60 else 0,
        )


def _dual(rng: np.random.Generator, look: Look, pen: Pen, x: float, y: float, w: float, h: float, part: str) -> None:
    side = max(2, min(_R.pick(rng, "dual_pins"), int(h / 9)))
    pitch = h / side
    size = min(look.figure_size, pitch * 0.75)
    names = _names(rng, 2 * side)
    font = look.figure_font(_R.pick(rng, "dual_face"))
    inside = _R.chance(rng, "dual_names_inside")
    label = max(text_width(name, font, size) for name in names) + 3
    lead = _R.pick(rng, "dual_lead_length")
    number_out = _R.chance(rng, "dual_numbers_on_leads") and not inside
    outer = lead + (size * 1.5 if inside else label)
    left, right = x + outer, x + w - outer
    if right - left < 24:
        left, right = x + w * 0.35, x + w * 0.65
    pen.rect(
        left,
        y,
        right - left,
        h,
        fill=pick(rng, (None, None, None, (0.9, 0.9, 0.9))),
        radius=_R.pick(rng, "dual_radius"),
    )
    middle = (left + right) / 2
    if _R.chance(rng, "dual_has_notch"):
        pen.arc(middle, y, min(6.0, (right - left) / 8), 180, 180)
    else:
        pen.circle(left + 5, y + 5, 1.8)
    box = _R.chance(rng, "dual_leads_are_boxes")
    for index in range(2 * side):
        on_left = index < side
        row = index if on_left else 2 * side - 1 - index
        at = y + pitch * (row + 0.5)
        edge, sign = (left, -1) if on_left else (right, 1)
        _lead(pen, edge, at, sign * lead, min(pitch * 0.35, 4) if box else 0)
        near, far = ("l", "r") if on_left else ("r", "l")
        number_x = edge + sign * (lead + 2 if inside else -3)
        name_x = edge + sign * (-3 if inside else lead + 2)
        base = at + size * 0.32
        if number_out:
            pen.text(edge + sign * (lead / 2 + 1), at - 1.2, str(index + 1), font, size * 0.75, anchor="c")
        else:
            pen.text(number_x, base, str(index + 1), font, size, anchor=far if inside else near)
        pen.text(name_x, base, names[index], font, size, anchor=near if inside else far)
    if not inside:
        _label(pen, rng, look, part, middle, y + h / 2, right - left - size * 4)


def _lead(pen: Pen, edge: float, at: float, length: float, thick: float) -> None:
    if thick:
        pen.rect(min(edge, edge + length), at - thick / 2, abs(length), thick)
    else:
        pen.line(edge, at, edge + length, at)


def _quad(rng: np.random.Generator, look: Look, pen: Pen, x: float, y: float, w: float, h: float, part: str) -> None:
    side = max(3, min(_R.pick(rng, "quad_pins"), int(h / 9)))
    names = [name.split("(")[0][:8] if "{" not in name else name for name in _names(rng, 4 * side)]
    size = min(look.figure_size, 0.55 * h / side * 0.8)
    font = look.figure_font()
    label = max(text_width(name, font, size) for name in names) + 7
    size *= min(1.0, 0.28 * h / label)
    body = h - 2 * min(label, h * 0.28)
    left, top = x + (w - body) / 2, y + (h - body) / 2
    pitch = body / (side + 0.8)
    pen.rect(left, top, body, body)
    pad = _R.chance(rng, "quad_has_pad")
    if pad:
        pen.set(dash=(2, 2))
        pen.rect(left + body * 0.28, top + body * 0.28, body * 0.44, body * 0.44)
        pen.set(dash=())
    pen.circle(left + 5, top + 5, 1.6)
    for index in range(4 * side):
        edge, place = divmod(index, side)
        shift = pitch * (place + 0.9)
        _quad_pin(pen, edge, left, top, body, shift, min(pitch * 0.5, 4), str(index + 1), names[index], font, size)
    _label(pen, rng, look, part, x + w / 2, y + h / 2, body * 0.5)


def _quad_pin(
    pen: Pen,
    edge: int,
    left: float,
    top: float,
    body: float,
    shift: float,
    thick: float,
    number: str,
    name: str,
    font: str,
    size: float,
) -> None:
    long, base = 4.0, size * 0.32
    if edge in (0, 2):
        sign, at, x0 = (-1, top + shift, left) if edge == 0 else (1, top + body - shift, left + body)
        pen.rect(min(x0, x0 + sign * long), at - thick / 2, long, thick)
        pen.text(x0 + sign * (long + 2), at + base, name, font, size, anchor="r" if edge == 0 else "l")
        pen.text(x0 - sign * 2, at + base, number, font, size * 0.8, anchor="l" if edge == 0 else "r")
        return
    sign, at, y0 = (1, left + shift, top + body) if edge == 1 else (-1, left + body - shift, top)
    pen.rect(at - thick / 2, min(y0, y0 + sign * long), thick, long)
    pen.text(at + base, y0 + sign * (long + 2), name, font, size, anchor="r" if edge == 1 else "l", angle=90)
    pen.text(at + base, y0 - sign * 2, number, font, size * 0.8, anchor="l" if edge == 1 else "r", angle=90)


def _bga(rng: np.random.Generator, look: Look, pen: Pen, x: float, y: float, w: float, h: float, part: str) -> None:
    count = _R.pick(rng, "bga_balls")
    size = min(look.figure_size, h / (count + 1) * 0.4)
    font = look.figure_font()
    body = h - size * 2
    left, top, pitch = x + size * 2, y + size * 2, body / count
    pen.rect(left, top, body - size * 0.5, body - size * 0.5)
    pitch = (body - size * 0.5) / count
    named = pitch > size * 3
    for row in range(count):
        at = top + pitch * (row + 0.5)
        pen.text(x + size * 0.8, at + size * 0.3, "ABCDEFGHJKLMNP"[row], font, size, anchor="c")
        for column in range(count):
            cx = left + pitch * (column + 0.5)
            if row == 0:
                pen.text(cx, y + size, str(column + 1), font, size, anchor="c")
            pen.circle(
                cx,
                at,
                pitch * (0.42 if named else 0.28),
                fill=(0.85, 0.85, 0.85) if _R.chance(rng, "ball_is_filled") else None,
            )
            if named:
                pen.text(
                    cx,
                    at + size * 0.3,
                    _names(rng, 1)[0][:5].replace("~{", "").replace("}", ""),
                    font,
                    size * 0.7,
                    anchor="c",
                )


def _sot(rng: np.random.Generator, look: Look, pen: Pen, x: float, y: float, w: float, h: float, part: str) -> None:
    bottom, top_count = _R.pick(rng, "sot_pins")
    size = min(look.figure_size, h / 9)
    font = look.figure_font()
    names = _names(rng, bottom + top_count)
    lead, pad = h * 0.12, size * 1.3
    top, base = y + pad + lead, y + h - pad - lead
    pen.rect(x + w * 0.08, top, w * 0.84, base - top, radius=_R.pick(rng, "sot_radius"))
    for index in range(bottom + top_count):
        low = index < bottom
        count, place = (bottom, index) if low else (top_count, index - bottom)
        at = x + w * (place + 0.5) / count if count > 1 else x + w / 2
        width = min(w * 0.09, 9)
        pen.rect(at - width / 2, base if low else top - lead, width, lead)
        pen.text(
            at,
            y + h - size * 0.25 if low else y + size * 0.9,
            names[index].replace("~{", "").replace("}", "")[:6],
            font,
            size,
            anchor="c",
        )
        pen.text(at, base - 2 if low else top + size, str(index + 1), font, size * 0.9, anchor="c")
    _label(pen, rng, look, part, x + w / 2, (top + base) / 2 + size * 0.3, w * 0.5)


def _to(rng: np.random.Generator, look: Look, pen: Pen, x: float, y: float, w: float, h: float, part: str) -> None:
    size = min(look.figure_size, h / 12)
    font = look.figure_font()
    body, top = w * 0.45, y
    left = x + w * 0.05
    if _R.chance(rng, "to_has_tab"):
        pen.rect(left, top, body, h * 0.16)
        pen.circle(left + body / 2, top + h * 0.08, h * 0.04)
        top += h * 0.16
    else:
        pen.bezier(
            [
                (left, top + h * 0.1),
                (left + body * 0.2, top - h * 0.04),
                (left + body * 0.8, top - h * 0.04),
                (left + body, top + h * 0.1),
            ]
        )
    low = y + h * 0.48
    pen.rect(left, top, body, low - top)
    count = _R.pick(rng, "to_pins")
    names = sample(rng, ("GND", "OUT", "IN", "ADJ", "B", "C", "E", "G", "D", "S", "ON/OFF"), count)
    for index in range(count):
        at = left + body * (index + 0.5) / count
        end = low + (h * 0.95 - (low - y)) * (1 - 0.22 * index * 3 / count) - size
        pen.rect(at - 1.5, low, 3, max(end - low, 6))
        pen.line(at + 3, max(end, low + 6) - 2, x + w * 0.62, max(end, low + 6) - 2)
        pen.text(x + w * 0.64, max(end, low + 6), f"{index + 1}. {names[index]}", font, size)


def _connector(
    rng: np.random.Generator, look: Look, pen: Pen, x: float, y: float, w: float, h: float, part: str
) -> None:
    rows = max(3, min(_R.whole(rng, "connector_rows"), int(h / 8)))
    pitch = h / rows
    size = min(look.figure_size, pitch * 0.8)
    names, font = _names(rng, 2 * rows), look.figure_font()
    middle, wide = x + w / 2, min(pitch * 2.4, w * 0.3)
    pen.rect(middle - wide / 2, y, wide, h)
    square = _R.chance(rng, "connector_first_is_square")
    for index in range(2 * rows):
        row, right = divmod(index, 2)
        at, sign = y + pitch * (row + 0.5), 1 if right else -1
        cx, r = middle + sign * wide * 0.22, min(pitch * 0.28, wide * 0.12)
        if square and index == 0:
            pen.rect(cx - r, at - r, 2 * r, 2 * r)
        else:
            pen.circle(cx, at, r)
        pen.text(
            middle + sign * (wide / 2 + 3),
            at + size * 0.3,
            f"{names[index]}  {index + 1}" if not right else f"{index + 1}  {names[index]}",
            font,
            size,
            anchor="l" if right else "r",
        )
