"""Drawn panels: memory maps, protocol frames, bit fields, part markings, windows of software."""

from __future__ import annotations

import numpy as np

from synth.elements import words
from synth.elements.dice import pick, sample, whole
from synth.elements.fonts import text_width
from synth.elements.look import Look
from synth.elements.pen import BLACK, WHITE, Color, Pen
from synth.elements.ranges import Ranges

_R = Ranges("pictures", "panels")


def memory_map(rng: np.random.Generator, look: Look, pen: Pen, x: float, y: float, w: float, h: float) -> None:
    """A memory map: stacked areas with addresses beside them."""
    font, size = look.figure_font(), look.figure_size
    bx, bw = (x + w * 0.32, w * 0.66) if _R.chance(rng, "map_addresses_left") else (x + 1, w * 0.66)
    outside_left = bx > x + 2
    count = max(3, min(_R.whole(rng, "map_areas"), int(h / (size * 2))))
    shares = np.array([_R.uniform(rng, "region_share") for _ in range(count)])
    shares *= (h - size) / shares.sum()
    names = sample(
        rng,
        (
            "Flash",
            "SRAM",
            "Reserved",
            "Boot loader",
            "EEPROM",
            "I/O registers",
            "Stack",
            "External RAM",
            "Vector table",
            "Peripherals",
            "Interrupt table",
            "Data memory",
            "Bank 0",
            "Bank 1",
        ),
        count,
    )
    fills: tuple[Color | None, ...] = (
        (None, None, (0.85, 0.85, 0.85), (0.85, 0.92, 1.0)) if _R.chance(rng, "map_is_shaded") else (None,)
    )
    top, address = y + size * 0.5, 0xFFFF
    for name, share in zip(names, shares, strict=True):
        pen.rect(bx, top, bw, float(share), fill=pick(rng, fills))
        pen.text(bx + bw / 2, top + float(share) / 2 + size * 0.3, name, font, size, anchor="c")
        text = pick(rng, ("{:04X}H", "0x{:04X}", "${:04X}")).format(address)
        if outside_left:
            pen.text(bx - 3, top + size * 0.8, text, font, size * 0.9, anchor="r")
        else:
            pen.text(bx + bw + 3, top + size * 0.8, text, font, size * 0.9)
        address = max(0, address - _R.whole(rng, "map_step"))
        top += float(share)


def protocol_frame(rng: np.random.Generator, look: Look, pen: Pen, x: float, y: float, w: float, h: float) -> None:
    """A protocol frame: one row of fields with labels above or below."""
    font, size = look.figure_font(), look.figure_size
    count = _R.whole(rng, "frame_fields")
    shares = np.array([_R.uniform(rng, "field_share") for _ in range(count)])
    shares *= (w - 2) / shares.sum()
    top, bh = y + size * 1.5, h - size * 3
    left = x + 1
    names = (
        "S",
        "SLAVE ADDR",
        "R/W",
        "A",
        "DATA",
        "P",
        "CRC",
        "SOF",
        "ID",
        "DLC",
        "ACK",
        "CMD",
        "A7",
        "STOP",
        "0",
        "1",
    )
    shade = _R.chance(rng, "frame_is_shaded")
    for index, share in enumerate(shares):
        pen.rect(left, top, float(share), bh, fill=(0.8, 0.85, 0.95) if shade and index % 2 else None)
        text = pick(rng, names)
        fit = min(size, float(share) / max(len(text), 1) * 1.5)
        pen.text(left + float(share) / 2, top + bh / 2 + fit * 0.3, text, font, fit, anchor="c")
        pen.text(left + float(share) / 2, y + size, str(count - index), font, min(size, float(share) * 0.5), anchor="c")
        left += float(share)
    if _R.chance(rng, "frame_has_span"):
        base = top + bh + size * 0.5
        pen.line(x + w * 0.2, base, x + w * 0.7, base)
        pen.text(
            x + w * 0.45,
            base + size,
            pick(rng, ("8 bits", "Master to slave", "Data transferred (n bytes + acknowledge)")),
            font,
            size * 0.9,
            anchor="c",
        )


def bit_field(rng: np.random.Generator, look: Look, pen: Pen, x: float, y: float, w: float, h: float) -> None:
    """A register's bits in a row, some explained below by arrows or under a brace."""
    font, size, count = look.figure_font(), look.figure_size, _R.pick(rng, "bits")
    cell, high, top = (w - 2) / count, min(h * 0.3, 24.0), y + size * 1.4
    shaded = whole(rng, 0, count // 2)
    dark: Color = pick(rng, ((0.8, 0.8, 0.8), (0.1, 0.4, 0.65), (0.85, 0.9, 1.0)))
    names = sample(rng, words.vocabulary("bits"), count)
    for index, name in enumerate(names):
        left = x + 1 + index * cell
        pen.rect(left, top, cell, high, fill=dark if index < shaded else None)
        if index >= shaded:
            fit = min(size, cell / max(len(name), 2) * 1.4)
            pen.text(left + cell / 2, top + high / 2 + fit * 0.35, name, font, fit, anchor="c")
        if index in (0, count - 1) or count == 8:
            label = f"Bit {count - 1 - index}" if count != 8 else f"{count - 1 - index}"
            pen.text(left + cell / 2, y + size, label, font, min(size, cell * 0.5), anchor="c")
    low = y + h - 1
    italic = look.figure_font(2)
    for step, index in enumerate(sorted(sample(rng, range(count), _R.whole(rng, "bits_explained")), reverse=True)):
        at = x + 1 + (index + 0.5) * cell
        base = top + high + (low - top - high) * (step + 1) / 5 + size
        if base > low:
            break
        role = pick(rng, ("Bit", "Flag", "Enable", "Select"))
        said = f"{names[index]}: {pick(rng, words.vocabulary('registers'))} {role}"
        wide = text_width(said, italic, size)
        left = at - wide - 8 > x
        pen.path([(at, top + high), (at, base - size * 0.3), (at - 6 if left else at + 6, base - size * 0.3)])
        pen.text(at - 8 if left else at + 8, base, said, italic, size, anchor="r" if left else "l")


def marking(rng: np.random.Generator, look: Look, pen: Pen, x: float, y: float, w: float, h: float) -> None:
    """A package seen from above with the lines printed on it, leads, and arrows that name the lines."""
    font, size, lines = look.figure_font(), look.figure_size, _R.whole(rng, "marking_lines")
    bw, bh = min(w * 0.42, h * 1.4), min(h * 0.7, size * 1.6 * lines + 8)
    left, top = x + (1 + 8 if _R.chance(rng, "marking_at_left") else w * 0.3), y + (h - bh) / 2
    pins = _R.pick(rng, "marking_pins")
    for i in range(pins):
        px = left + bw * (i + 0.5) / pins
        pen.rect(px - 2, top - 6, 4, bh + 12)
    if not pins:
        for edge in (left - 8, left + bw):
            pen.rect(edge, top + bh * 0.4, 8, bh * 0.2)
    pen.rect(left, top, bw, bh, fill=WHITE)
    if _R.chance(rng, "marking_has_dot"):
        pen.circle(left + 5, top + bh - 5, 2, fill=BLACK if _R.chance(rng, "dot_is_filled") else None)
    texts = sample(
        rng, ("XXXX", "AWLYYWW", "YWW", f"{_R.whole(rng, 'lot_number')}B", "ALYW", "12345", "G", "XXXXXX"), lines
    )
    for index, text in enumerate(texts):
        base = top + bh * (index + 0.5) / lines + size * 0.3
        fit = min(size, bw / (len(text) * 0.75))
        pen.text(left + bw / 2, base, text, font, fit, anchor="c")
        if left + bw + 20 < x + w and _R.chance(rng, "line_is_named"):
            pen.arrow(left + bw + 16, base - size * 0.3, left + bw * 0.8, base - size * 0.3, 3)
            said = pick(rng, ("Lot code", "Date code", "Part number", "Pin 1 mark", "Assembly site", "Week, year"))
            pen.text(left + bw + 18, base, said, font, min(size, (x + w - left - bw - 18) / len(said) * 1.8))


def window(rng: np.random.Generator, look: Look, pen: Pen, x: float, y: float, w: float, h: float) -> None:
    """A window of evaluation software: title bar, buttons, fields, a list."""
    font, size = look.figure_font(), min(look.figure_size, h / 12)
    face: Color = pick(rng, ((0.83, 0.82, 0.78), (0.94, 0.94, 0.94)))
    pen.set(weight=0.5)
    pen.rect(x, y, w, h, fill=face)
    pen.rect(x, y, w, size * 1.7, fill=pick(rng, ((0.0, 0.1, 0.5), (0.2, 0.45, 0.8))), stroke=False)
    pen.text(x + 4, y + size * 1.2, f"{pick(rng, words.vocabulary('vendors'))} Evaluation", font, size, WHITE)
    top, step = y + size * 2.6, size * 2.0
    while top + step < y + h - 2:
        kind = pick(rng, ("field", "buttons", "bar", "field"))
        if kind == "buttons":
            for index in range(3):
                left = x + w * (0.06 + 0.31 * index)
                pen.rect(left, top, w * 0.26, size * 1.5, fill=WHITE, radius=1.5)
                said = pick(rng, ("Read", "Write", "Reset", "Start", "Save", "Connect"))
                pen.text(left + w * 0.13, top + size * 1.1, said, font, size * 0.85, anchor="c")
        elif kind == "bar":
            pen.rect(x + w * 0.06, top + size * 0.3, w * 0.88, size * 0.8, fill=WHITE)
            pen.rect(
                x + w * 0.06,
                top + size * 0.3,
                w * _R.uniform(rng, "bar_progress"),
                size * 0.8,
                fill=(0.1, 0.5, 0.2),
                stroke=False,
            )
        else:
            pen.text(x + w * 0.06, top + size * 1.1, f"{pick(rng, words.vocabulary('registers'))}:", font, size * 0.85)
            pen.rect(x + w * 0.4, top, w * 0.54, size * 1.5, fill=WHITE)
            pen.text(x + w * 0.42, top + size * 1.1, f"0x{_R.whole(rng, 'register_value'):02X}", font, size * 0.85)
        top += step
