"""Other graphics: part pictures, photos, logos, icons, memory maps, protocol frames, board layouts."""

from __future__ import annotations

import numpy as np
from PIL import Image
from reportlab.lib.utils import ImageReader

from synth.elements import words
from synth.elements.dice import chance, pick, sample, uniform, whole
from synth.elements.look import Block, Look
from synth.elements.pen import BLACK, WHITE, Color, Pen


def figure(rng: np.random.Generator, look: Look, width: float, height: float, kind: str | None = None) -> Block:
    """Return a graphic; `kind` is `part`, `photo`, `logo`, `icon`, `map`, `frame` or `board`."""
    kind = kind or pick(rng, ("part", "part", "photo", "map", "map", "frame", "frame", "board", "icon"))
    seed = int(rng.integers(1 << 62))
    if kind in ("part", "photo"):
        width, height = min(width, uniform(rng, 50, 130)), min(height, uniform(rng, 40, 100))
    elif kind == "icon":
        width = height = min(width, height, uniform(rng, 22, 50))
    elif kind == "map":
        width = min(width, uniform(rng, 130, 240))
    elif kind == "frame":
        height = min(height, uniform(rng, 36, 70))
    elif kind == "logo":
        height = min(height, width * 0.5)
    draw = {"part": _part, "photo": _photo, "logo": logo, "icon": _icon, "map": _map, "frame": _frame, "board": _board}[
        kind
    ]

    def paint(pen: Pen, x: float, y: float) -> None:
        inner = np.random.default_rng(seed)
        pen.set(weight=look.figure_weight, color=BLACK, dash=())
        draw(inner, look, pen, x, y, width, height)
        pen.set(weight=0.6, color=BLACK)

    return Block("figure", width, height, paint)


def _part(rng: np.random.Generator, look: Look, pen: Pen, x: float, y: float, w: float, h: float) -> None:
    """A shaded package in oblique projection."""
    depth, dark = h * uniform(rng, 0.2, 0.4), uniform(rng, 0.15, 0.45)
    shades = [(dark * f, dark * f, dark * f) for f in (1.0, 1.6, 0.6)]
    bw, bh = w - depth - 6, (h - depth) * uniform(rng, 0.4, 0.6)
    left, top = x + 3, y + depth
    legs = whole(rng, 2, 8)
    metal: Color = (0.72, 0.72, 0.7)
    pen.set(weight=0.4)
    for i in range(legs):
        lx = left + bw * (i + 0.5) / legs
        pen.rect(lx - 2, top + bh, 4, min(h - depth - bh, 18), fill=metal)
        if chance(rng, 0.5):
            pen.path(
                [
                    (lx + depth * 0.6, top + bh - depth * 0.6),
                    (lx + depth * 0.6 + 4, top + bh - depth * 0.6),
                    (lx + depth * 0.6 + 4, top + bh),
                ],
                True,
                metal,
            )
    pen.path(
        [(left, top), (left + depth, top - depth), (left + bw + depth, top - depth), (left + bw, top)], True, shades[1]
    )
    pen.path(
        [
            (left + bw, top),
            (left + bw + depth, top - depth),
            (left + bw + depth, top + bh - depth),
            (left + bw, top + bh),
        ],
        True,
        shades[2],
    )
    pen.rect(left, top, bw, bh, fill=shades[0])
    pen.circle(left + depth * 0.5 + 4, top - depth * 0.35, 2, fill=(0.7, 0.7, 0.7))


def _photo(rng: np.random.Generator, look: Look, pen: Pen, x: float, y: float, w: float, h: float) -> None:
    """A raster: a blurred object on a toned ground."""
    rows, columns = 60, max(20, int(60 * w / h))
    v, u = np.mgrid[0:rows, 0:columns].astype(np.float32)
    ground = rng.random(3) * 120 + 100 + (v / rows * 60)[..., None] * (rng.random(3) - 0.5)
    angle, a, b = rng.random() * 3.14, columns * 0.32, rows * 0.25
    du, dv = u - columns / 2, v - rows / 2
    pu, pv = du * np.cos(angle) + dv * np.sin(angle), dv * np.cos(angle) - du * np.sin(angle)
    inside = ((np.abs(pu) < a) & (np.abs(pv) < b))[..., None]
    pads = ((np.abs(pv) < b * 1.35) & (np.abs(pu) < a) & ((pu // (a / 4)) % 2 == 0))[..., None] & ~inside
    picture = np.where(inside, rng.random(3) * 60 + 10, np.where(pads, 190.0, ground))
    picture = np.clip(picture + rng.normal(0, 8, picture.shape), 0, 255).astype(np.uint8)
    pen.image(ImageReader(Image.fromarray(picture)), x, y, w, h)


def logo(rng: np.random.Generator, look: Look, pen: Pen, x: float, y: float, w: float, h: float) -> None:
    """A company mark: shape and name, or either."""
    name = pick(rng, words.vocabulary("vendors"))
    color = look.accent if chance(rng, 0.6) else BLACK
    font = look.head_font(pick(rng, (1, 3, 1)))
    kind = pick(rng, ("mark", "both", "both", "word", "box"))
    side = min(h, w * 0.35)
    if kind == "box":
        pen.rect(x, y, w, h, fill=color, stroke=False)
        pen.text(
            x + w / 2,
            y + h * 0.62,
            name,
            font,
            min(h * 0.5, w / len(name) * 1.4),
            WHITE if sum(color) < 2 else BLACK,
            "c",
        )
        return
    if kind != "word":
        shape = pick(rng, ("circle", "triangle", "bars", "diamond", "ring"))
        cx, cy, r = x + side / 2, y + h / 2, side * 0.48
        if shape == "circle":
            pen.circle(cx, cy, r, fill=color, stroke=False)
            pen.rect(cx - r * 0.5, cy - r * 0.15, r, r * 0.3, fill=WHITE, stroke=False)
        elif shape == "triangle":
            pen.path([(cx - r, cy + r), (cx, cy - r), (cx + r, cy + r)], True, color, False)
        elif shape == "bars":
            for i in range(3):
                pen.rect(
                    cx - r + i * r * 0.7, cy - r + i * r * 0.4, r * 0.5, 2 * r - i * r * 0.4, fill=color, stroke=False
                )
        elif shape == "ring":
            pen.set(weight=r * 0.25, color=color)
            pen.circle(cx, cy, r * 0.85)
        else:
            pen.path([(cx, cy - r), (cx + r, cy), (cx, cy + r), (cx - r, cy)], True, color, False)
    if kind != "mark":
        left = x + (side * 1.15 if kind == "both" else 0)
        room = x + w - left
        pen.text(left, y + h * 0.65, name, font, min(h * 0.62, room / len(name) * 1.6), color)


def _icon(rng: np.random.Generator, look: Look, pen: Pen, x: float, y: float, w: float, h: float) -> None:
    cx, cy, r = x + w / 2, y + h / 2, min(w, h) / 2 - 1
    color: Color = pick(rng, (BLACK, (0.1, 0.55, 0.2), look.accent))
    font = look.head_font(1)
    pen.set(weight=r * 0.1, color=color)
    kind = pick(rng, ("warning", "free", "round", "square"))
    if kind == "warning":
        pen.path([(cx, cy - r), (cx + r, cy + r * 0.8), (cx - r, cy + r * 0.8)], True)
        pen.text(cx, cy + r * 0.55, "!", font, r * 1.1, color, "c")
    elif kind == "square":
        pen.rect(cx - r, cy - r * 0.7, 2 * r, 1.4 * r, fill=color)
        pen.text(cx, cy + r * 0.2, pick(rng, ("RoHS", "ESD", "e3")), font, r * 0.6, WHITE, "c")
    else:
        pen.circle(cx, cy, r)
        pen.text(cx, cy + r * 0.3, pick(rng, ("Pb", "UL", "CE", "G")), font, r * 0.85, color, "c")
        if kind == "free":
            pen.line(cx - r * 0.7, cy + r * 0.7, cx + r * 0.7, cy - r * 0.7)


def _map(rng: np.random.Generator, look: Look, pen: Pen, x: float, y: float, w: float, h: float) -> None:
    """A memory map: stacked areas with addresses beside them."""
    font, size = look.figure_font(), look.figure_size
    bx, bw = (x + w * 0.32, w * 0.66) if chance(rng, 0.6) else (x + 1, w * 0.66)
    outside_left = bx > x + 2
    count = max(3, min(whole(rng, 3, 10), int(h / (size * 2))))
    shares = rng.random(count) + 0.4
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
        (None, None, (0.85, 0.85, 0.85), (0.85, 0.92, 1.0)) if chance(rng, 0.4) else (None,)
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
        address = max(0, address - whole(rng, 256, 9000))
        top += float(share)


def _frame(rng: np.random.Generator, look: Look, pen: Pen, x: float, y: float, w: float, h: float) -> None:
    """A protocol frame: one row of fields with labels above or below."""
    font, size = look.figure_font(), look.figure_size
    count = whole(rng, 4, 12)
    shares = rng.random(count) + 0.35
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
    shade = chance(rng, 0.4)
    for index, share in enumerate(shares):
        pen.rect(left, top, float(share), bh, fill=(0.8, 0.85, 0.95) if shade and index % 2 else None)
        text = pick(rng, names)
        fit = min(size, float(share) / max(len(text), 1) * 1.5)
        pen.text(left + float(share) / 2, top + bh / 2 + fit * 0.3, text, font, fit, anchor="c")
        pen.text(left + float(share) / 2, y + size, str(count - index), font, min(size, float(share) * 0.5), anchor="c")
        left += float(share)
    if chance(rng, 0.6):
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


def _board(rng: np.random.Generator, look: Look, pen: Pen, x: float, y: float, w: float, h: float) -> None:
    """A board layout: outline, traces, pads and part outlines."""
    copper: Color = pick(rng, (BLACK, (0.75, 0.2, 0.15), (0.1, 0.35, 0.6), (0.35, 0.35, 0.35)))
    pen.set(weight=1.0)
    pen.rect(x + 1, y + 1, w - 2, h - 2, fill=pick(rng, (None, None, (0.1, 0.35, 0.15))))
    pen.set(color=copper)
    for _ in range(whole(rng, 8, 22)):
        pen.set(weight=uniform(rng, 0.8, 4))
        px, py = x + w * uniform(rng, 0.08, 0.9), y + h * uniform(rng, 0.08, 0.9)
        qx, qy = x + w * uniform(rng, 0.08, 0.9), y + h * uniform(rng, 0.08, 0.9)
        pen.path([(px, py), (px, (py + qy) / 2), (qx, qy)])
    for _ in range(whole(rng, 10, 40)):
        px, py = x + w * uniform(rng, 0.06, 0.94), y + h * uniform(rng, 0.06, 0.94)
        if chance(rng, 0.5):
            pen.circle(px, py, uniform(rng, 1.2, 3), fill=copper, stroke=False)
        else:
            pen.rect(px - 2, py - 2, 4, 4, fill=copper, stroke=False)
