"""Circuits of separate parts: amplifiers, transistor stages, networks, gates, single symbols."""

from __future__ import annotations

from synth.elements import symbols
from synth.elements.dice import pick, whole
from synth.elements.draft import PASSIVE, Draft
from synth.elements.ranges import Ranges

_R = Ranges("diagrams", "part_circuits")


def amplifier(c: Draft, x: float, y: float, w: float, h: float) -> None:
    """An op-amp with its feedback network."""
    pen, rng = c.pen, c.rng
    s = min(h * 0.2, w * 0.14)
    cx, cy = x + w * 0.55, y + h * 0.55
    flip = _R.chance(rng, "amplifier_is_flipped")
    minus, plus, out = symbols.opamp(pen, cx, cy, s, flip)
    end = x + w - 4
    pen.line(*out, end, cy)
    c.port(end, cy, "r")
    node = minus[0] - s * 0.6
    top = y + h * 0.15 if not flip else y + h * 0.92
    pen.line(*minus, node, minus[1])
    symbols.dot(pen, node, minus[1])
    pen.line(node, minus[1], node, top)
    c.part(pick(rng, ("resistor", "resistor", "capacitor")), node, top, out[0] + s * 0.5, top, s * 0.45)
    pen.line(out[0] + s * 0.5, top, out[0] + s * 0.5, cy)
    symbols.dot(pen, out[0] + s * 0.5, cy)
    c.part(pick(rng, ("resistor", "resistor", "capacitor", "diode")), x + 6, minus[1], node, minus[1], s * 0.45)
    c.port(x + 4, minus[1], "l")
    pen.line(*plus, node, plus[1])
    foot = min(plus[1] + s * 1.6, y + h - s * 0.5)
    if flip:
        c.part("resistor", x + 6, plus[1], node, plus[1], s * 0.45)
    elif foot > plus[1]:
        c.part("resistor", node, plus[1], node, foot, s * 0.4)
        c.ground(node, foot, s * 0.4)


def stage(c: Draft, x: float, y: float, w: float, h: float) -> None:
    """One transistor with its load and drive."""
    pen, rng = c.pen, c.rng
    s = min(h * 0.16, w * 0.14)
    cx, cy = x + w * _R.uniform(rng, "stage_transistor_place"), y + h * 0.52
    draw = pick(rng, (symbols.bipolar, symbols.mosfet))
    base, upper, lower = draw(
        pen, cx, cy, s, _R.chance(rng, "stage_is_complementary"), _R.chance(rng, "stage_has_ring")
    )
    top, bottom = y + c.size * 1.8, y + h - s * 0.5
    c.part(pick(rng, ("resistor", "inductor", "led", "resistor")), upper[0], top, *upper, s * 0.5)
    symbols.supply(pen, upper[0], top, s * 0.6, pick(rng, ("V_{CC}", "V_{DD}", "+30V", "12V")), c.font, c.size)
    if _R.chance(rng, "stage_has_lower_resistor"):
        c.part("resistor", *lower, lower[0], bottom, s * 0.45)
    else:
        pen.line(*lower, lower[0], bottom)
    c.ground(lower[0], bottom, s * 0.45)
    c.part(pick(rng, ("resistor", "capacitor")), x + 4, base[1], *base, s * 0.5)
    c.port(x + 3, base[1], "l")
    pen.line(*upper, x + w - 4, upper[1])
    symbols.dot(pen, *upper)
    c.port(x + w - 4, upper[1], "r")
    if _R.chance(rng, "stage_has_output_part"):
        cut = x + w * 0.85
        c.part(pick(rng, ("capacitor", "diode", "resistor")), cut, upper[1], cut, bottom, s * 0.45)
        c.ground(cut, bottom, s * 0.45)


def single(c: Draft, x: float, y: float, w: float, h: float) -> None:
    """The symbol of one part with its terminals named."""
    pen, rng = c.pen, c.rng
    s = min(w, h) * 0.28
    if _R.chance(rng, "single_is_gate"):
        a, b, out = symbols.gate(pen, pick(rng, ("and", "nand", "or", "nor", "xor", "not")), x + w / 2, y + h / 2, s)
        for end, to, name in ((a, x, "A"), (b, x, "B"), (out, x + w, "Y")):
            pen.line(*end, to, end[1])
            pen.text(to, end[1] - 2, name, c.font, c.size, anchor="l" if to == x else "r")
        return
    draw, names = pick(rng, ((symbols.bipolar, "BCE"), (symbols.mosfet, "GDS")))
    ends = draw(
        pen, x + w / 2, y + h / 2, s, _R.chance(rng, "single_is_complementary"), _R.chance(rng, "single_has_ring")
    )
    for (ex, ey), name, step in zip(ends, names, ((-1, 0), (0, -1), (0, 1)), strict=True):
        pen.line(ex, ey, ex + step[0] * s * 0.3, ey + step[1] * s * 0.4)
        pen.text(
            ex + step[0] * s * 0.3 + (3 if step[1] else -3),
            ey + step[1] * s * 0.5 + c.size * 0.3,
            name,
            c.font,
            c.size,
            anchor="l" if step[1] else "r",
        )


def network(c: Draft, x: float, y: float, w: float, h: float) -> None:
    """Parts on the edges of a grid: internal and equivalent circuits."""
    pen, rng = c.pen, c.rng
    columns, rows = (
        max(2, int(w / _R.uniform(rng, "network_cell_width"))),
        max(2, int(h / _R.uniform(rng, "network_cell_height"))),
    )
    dx, dy = w * 0.9 / columns, h * 0.88 / rows
    x, y, unit = x + w * 0.04, y + h * 0.06, min(w * 0.9 / columns, h * 0.88 / rows) * 0.22
    for row in range(rows + 1):
        for column in range(columns + 1):
            ax, ay = x + column * dx, y + row * dy
            rail = row in (0, rows)
            if column < columns and (rail or _R.chance(rng, "network_is_linked_across")):
                if rail or _R.chance(rng, "network_link_is_wire"):
                    pen.line(ax, ay, ax + dx, ay)
                else:
                    c.part(pick(rng, PASSIVE), ax, ay, ax + dx, ay, unit)
            if row < rows and _R.chance(rng, "network_is_linked_down"):
                _element(c, ax, ay, dx, dy, unit)
            if _R.chance(rng, "network_has_dot"):
                symbols.dot(pen, ax, ay)
    for at, anchor in ((x, "l"), (x + columns * dx, "r")):
        c.port(at, y + rows // 2 * dy, anchor)


def _element(c: Draft, ax: float, ay: float, dx: float, dy: float, unit: float) -> None:
    rng, pen = c.rng, c.pen
    kind = pick(rng, ("bipolar", "mosfet", "passive", "passive", "wire"))
    if kind == "wire":
        pen.line(ax, ay, ax, ay + dy)
    elif kind == "passive":
        c.part(pick(rng, PASSIVE), ax, ay, ax, ay + dy, unit)
    else:
        s = unit * 1.2
        draw = symbols.bipolar if kind == "bipolar" else symbols.mosfet
        base, upper, lower = draw(
            pen,
            ax - s * 0.4,
            ay + dy / 2,
            s,
            _R.chance(rng, "network_is_complementary"),
            _R.chance(rng, "network_has_ring"),
        )
        pen.line(ax, ay, *upper)
        pen.line(*lower, ax, ay + dy)
        if _R.chance(rng, "network_transistor_is_named"):
            pen.text(
                base[0],
                base[1] - 2,
                f"Q_{{{_R.whole(rng, 'network_transistor_number')}}}",
                c.font,
                c.size * 0.85,
                anchor="r",
            )


def logic(c: Draft, x: float, y: float, w: float, h: float) -> None:
    """Columns of gates wired from left to right."""
    pen, rng = c.pen, c.rng
    columns, rows = whole(rng, 1, max(1, int(w / 85))), max(1, min(8, int(h / _R.uniform(rng, "logic_row_height"))))
    s = min(h / rows * 0.3, w / columns * 0.16)
    last: list[tuple[float, float]] = [(x + 8, y + h * (i + 0.5) / (rows * 2)) for i in range(rows * 2)]
    for px, py in last:
        pen.text(px - 6, py + c.size * 0.3, pick(rng, ("A", "B", "1A", "2B", "D", "E", "~{G}")), c.font, c.size)
        px += 8
    last = [(px + 10, py) for px, py in last]
    for column in range(columns):
        count = max(1, rows - column)
        outputs = []
        cx = x + w * (column + 0.6) / columns
        for row in range(count):
            cy = y + h * (row + 0.5) / count
            kind = pick(rng, ("and", "nand", "or", "nor", "xor", "not"))
            a, b, out = symbols.gate(pen, kind, cx, cy, s)
            for end in (a, b):
                sx, sy = min(last, key=lambda p: abs(p[1] - end[1]) + 3 * float(rng.random()))
                bend = cx - s * _R.uniform(rng, "logic_bend_distance")
                pen.path([(sx, sy), (bend, sy), (bend, end[1]), end])
            outputs.append(out)
        last = outputs
    for ox, oy in last:
        pen.line(ox, oy, x + w - 12, oy)
        pen.text(x + w, oy + c.size * 0.3, pick(rng, ("Y", "Q", "1Y", "OUT")), c.font, c.size, anchor="r")
