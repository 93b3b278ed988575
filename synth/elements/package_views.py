"""Views of packages, each drawn with its dimensions into a rectangle (left, top, width, height) in points."""

from __future__ import annotations

from synth.elements.dice import pick
from synth.elements.pen import BLACK
from synth.elements.ranges import Ranges
from synth.elements.sketch import Sketch

_R = Ranges("pictures", "package_views")


def gull(d: Sketch, x: float, y: float, w: float, h: float) -> None:
    """Leads on two or four sides, from above."""
    pen, rng = d.pen, d.rng
    bx, by, bw, bh = d.body(x, y, w, h, 0.52)
    pen.set(weight=d.heavy)
    pen.rect(bx, by, bw, bh)
    pen.circle(bx + 6, by + bh - 6, 2.2)
    count, lead = _R.pick(rng, "gull_leads"), min(bh * 0.22, 16)
    pitch = bw / count
    thick = min(pitch * 0.4, 6)
    for i in range(count):
        cx = bx + pitch * (i + 0.5)
        pen.rect(cx - thick / 2, by - lead, thick, lead)
        pen.rect(cx - thick / 2, by + bh, thick, lead)
    if _R.chance(rng, "gull_on_four_sides"):
        for i in range(max(2, int(bh / pitch) - 1)):
            cy = by + bh * (i + 0.5) / max(2, int(bh / pitch) - 1)
            pen.rect(bx - lead, cy - thick / 2, lead, thick)
            pen.rect(bx + bw, cy - thick / 2, lead, thick)
    d.center(bx, by, bw, bh, lead)
    d.across(bx, bx + bw, max(by - lead - 10, y + d.size + 1), by - lead)
    d.up(by, by + bh, min(bx + bw + lead + 10, x + w - d.size * 3), bx + bw + (lead if count > 4 else 0))
    d.up(by - lead, by + bh + lead, max(bx - lead - 12, x + d.size), bx - 2)
    d.across(bx + pitch * 0.5, bx + pitch * 1.5, min(by + bh + lead + 9, y + h - 4), by + bh + lead)


def leadless(d: Sketch, x: float, y: float, w: float, h: float) -> None:
    """Pads under the body and a thermal pad, from below."""
    pen, rng = d.pen, d.rng
    side = min(w, h) * 0.6
    bx, by = x + (w - side) / 2, y + (h - side) / 2
    pen.set(weight=d.heavy)
    pen.rect(bx, by, side, side)
    count = _R.whole(rng, "leadless_pads")
    pitch, fill = side / (count + 1), (0.85, 0.85, 0.85) if _R.chance(rng, "leadless_is_shaded") else None
    for i in range(count):
        at = pitch * (i + 1)
        for px, py, pw, ph in (
            (bx, by + at - 2, 9, 4),
            (bx + side - 9, by + at - 2, 9, 4),
            (bx + at - 2, by, 4, 9),
            (bx + at - 2, by + side - 9, 4, 9),
        ):
            pen.rect(px, py, pw, ph, fill=fill)
    pen.rect(bx + side * 0.27, by + side * 0.27, side * 0.46, side * 0.46, fill=fill)
    d.center(bx, by, side, side, 8)
    d.across(bx, bx + side, max(by - 12, y + d.size + 1), by)
    d.up(by, by + side, min(bx + side + 12, x + w - d.size * 3), bx + side)
    d.across(bx + side * 0.27, bx + side * 0.73, min(by + side + 11, y + h - 3), by + side * 0.73)


def ball(d: Sketch, x: float, y: float, w: float, h: float) -> None:
    """Balls from below."""
    pen, rng = d.pen, d.rng
    side = min(w, h) * 0.62
    bx, by, count = x + (w - side) / 2, y + (h - side) / 2, _R.whole(rng, "balls")
    pen.set(weight=d.heavy)
    pen.rect(bx, by, side, side)
    pitch = side / (count + 0.6)
    for i in range(count):
        for j in range(count):
            pen.circle(bx + pitch * (i + 0.8), by + pitch * (j + 0.8), pitch * 0.28)
        pen.text(bx - 4, by + pitch * (i + 0.8) + 2, "ABCDEFGHJK"[i], d.font, d.size * 0.8, anchor="r")
    d.across(bx, bx + side, max(by - 10, y + d.size + 1), by)
    d.up(by, by + side, min(bx + side + 12, x + w - d.size * 3), bx + side)
    d.across(bx + pitch * 0.8, bx + pitch * 1.8, min(by + side + 10, y + h - 3), by + side)


def tabbed(d: Sketch, x: float, y: float, w: float, h: float) -> None:
    """A tab with a hole and long leads."""
    pen, rng = d.pen, d.rng
    bw, tab, body, legs = min(w * 0.42, h * 0.45), h * 0.18, h * 0.24, h * 0.34
    bx, by = x + (w - bw) / 2, y + d.size * 2 + 6
    pen.set(weight=d.heavy)
    pen.rect(bx, by, bw, tab)
    pen.circle(bx + bw / 2, by + tab / 2, tab * 0.28)
    pen.rect(bx, by + tab, bw, body)
    count = _R.pick(rng, "tab_leads")
    for i in range(count):
        cx = bx + bw * (i + 0.5) / count
        pen.rect(cx - 5, by + tab + body, 10, legs * 0.35)
        pen.rect(cx - 2.5, by + tab + body + legs * 0.35, 5, legs * 0.65)
    d.across(bx, bx + bw, by - 6, by)
    d.up(by, by + tab + body, max(bx - 16, x + d.size), bx)
    d.up(by + tab + body, by + tab + body + legs, max(bx - 16, x + d.size), bx + 4)
    d.up(by, by + tab, min(bx + bw + 14, x + w - d.size * 3), bx + bw)
    d.across(
        bx + bw * 0.5 / count,
        bx + bw * 1.5 / count,
        min(by + tab + body + legs + 9, y + h - 3),
        by + tab + body + legs,
    )


def through(d: Sketch, x: float, y: float, w: float, h: float) -> None:
    """A row of pins for holes."""
    pen, rng = d.pen, d.rng
    bx, by, bw, bh = x + w * 0.14, y + h * 0.2, w * 0.62, h * 0.24
    count = _R.whole(rng, "through_pins")
    pen.set(weight=d.heavy)
    pen.rect(bx, by, bw, bh)
    for i in range(count):
        cx = bx + bw * (i + 0.5) / count
        pen.path(
            [
                (cx - 4, by + bh),
                (cx + 4, by + bh),
                (cx + 4, by + bh + 10),
                (cx + 1.5, by + bh + 15),
                (cx + 1.5, by + h * 0.6),
                (cx - 1.5, by + h * 0.6),
                (cx - 1.5, by + bh + 15),
                (cx - 4, by + bh + 10),
            ],
            True,
        )
    d.across(bx, bx + bw, max(by - 10, y + d.size + 1), by)
    d.up(by, by + bh, min(bx + bw + 12, x + w - d.size * 3), bx + bw)
    d.up(by + bh, by + h * 0.6, max(bx - 12, x + d.size), bx + 3)
    d.across(bx + bw * 0.5 / count, bx + bw * 1.5 / count, min(by + h * 0.6 + 10, y + h - 3), by + h * 0.6)


def axial(d: Sketch, x: float, y: float, w: float, h: float) -> None:
    """A body on a wire."""
    pen, rng = d.pen, d.rng
    cy, bh = y + h * 0.45, min(h * 0.26, 40)
    bx, bw = x + w * 0.38, w * 0.24
    pen.set(weight=d.heavy)
    pen.rect(bx, cy - bh / 2, bw, bh, radius=pick(rng, (0, 0, bh / 2)))
    pen.rect(bx + bw * 0.75, cy - bh / 2, bw * 0.12, bh, fill=BLACK)
    pen.rect(x + 6, cy - 2, bx - x - 6, 4)
    pen.rect(bx + bw, cy - 2, w - 6 - (bx + bw - x) - d.size * 3, 4)
    low = min(cy + bh / 2 + 16, y + h - d.size)
    d.across(bx, bx + bw, low, cy + bh / 2)
    d.across(x + 6, bx, low, cy + 2)
    d.across(bx + bw, x + w - d.size * 3, low, cy + 2)
    d.up(cy - bh / 2, cy + bh / 2, bx + bw + 12, bx + bw)


def land(d: Sketch, x: float, y: float, w: float, h: float) -> None:
    """Pads of a land pattern."""
    pen, rng = d.pen, d.rng
    bx, by, bw, bh = d.body(x, y, w, h, 0.6)
    rows, hatch = _R.whole(rng, "land_rows"), _R.chance(rng, "land_is_shaded")
    pitch = bw / rows
    pen.set(weight=d.heavy)
    for i in range(rows):
        for top in (by, by + bh * 0.74):
            pen.rect(bx + pitch * i + pitch * 0.2, top, pitch * 0.6, bh * 0.26, fill=(0.8, 0.8, 0.8) if hatch else None)
    d.across(bx + pitch * 0.5, bx + pitch * 1.5, max(by - 10, y + d.size + 1), by)
    d.up(by, by + bh, min(bx + bw + 10, x + w - d.size * 3), bx + bw - pitch * 0.2)
    d.up(by + bh * 0.26, by + bh * 0.74, max(bx - 12, x + d.size), bx + pitch * 0.2)
    d.across(bx + pitch * 0.2, bx + pitch * 0.8, min(by + bh + 10, y + h - 3), by + bh)


def tape(d: Sketch, x: float, y: float, w: float, h: float) -> None:
    """Carrier tape."""
    pen, rng = d.pen, d.rng
    top, th = y + h * 0.2, h * 0.5
    count = max(3, int(w / max(th, 40) * 1.2))
    pen.set(weight=d.heavy)
    pen.line(x + 4, top, x + w - d.size * 3, top)
    pen.line(x + 4, top + th, x + w - d.size * 3, top + th)
    pitch = (w - d.size * 4) / count
    for i in range(count):
        cx = x + 6 + pitch * (i + 0.5)
        pen.circle(cx, top + th * 0.16, th * 0.07)
        pen.rect(cx - pitch * 0.3, top + th * 0.34, pitch * 0.6, th * 0.5, radius=2)
        if _R.chance(rng, "tape_has_part"):
            pen.rect(cx - pitch * 0.2, top + th * 0.42, pitch * 0.4, th * 0.34)
    d.across(x + 6 + pitch * 0.5, x + 6 + pitch * 1.5, max(top - 10, y + d.size + 1), top + th * 0.1)
    d.up(top, top + th, x + w - d.size * 3 + 2, x + w - d.size * 3 - 2)
    pen.arrow(x + w * 0.3, y + h - d.size * 1.6, x + w * 0.6, y + h - d.size * 1.6, 5)
    pen.text(
        x + w * 0.45,
        y + h - d.size * 0.3,
        pick(rng, ("DIRECTION OF FEED", "User direction of feed")),
        d.font,
        d.size,
        anchor="c",
    )


def side(d: Sketch, x: float, y: float, w: float, h: float) -> None:
    """Body and bent leads from the side."""
    pen = d.pen
    bx, bw = x + w * 0.26, w * 0.46
    bh = min(h * 0.28, bw * 0.45)
    by = y + h * 0.42 - bh / 2
    foot = by + bh + bh * 0.3
    pen.set(weight=d.heavy)
    pen.path(
        [
            (bx, by + bh / 2),
            (bx + 4, by),
            (bx + bw - 4, by),
            (bx + bw, by + bh / 2),
            (bx + bw - 4, by + bh),
            (bx + 4, by + bh),
        ],
        True,
    )
    for sign, edge in ((-1, bx), (1, bx + bw)):
        reach = w * 0.1
        pen.path(
            [
                (edge, by + bh * 0.45),
                (edge + sign * reach * 0.4, by + bh * 0.45),
                (edge + sign * reach * 0.6, foot),
                (edge + sign * reach, foot),
            ]
        )
        pen.path(
            [
                (edge, by + bh * 0.6),
                (edge + sign * reach * 0.3, by + bh * 0.6),
                (edge + sign * reach * 0.5, foot + 3),
                (edge + sign * reach, foot + 3),
                (edge + sign * reach, foot),
            ]
        )
    pen.set(weight=d.thin)
    pen.line(x + w * 0.08, foot + 3, x + w * 0.9, foot + 3)
    d.up(by, foot + 3, x + w * 0.86, bx + bw + w * 0.1)
    d.across(bx, bx + bw, max(by - 10, y + d.size + 1), by)
    d.across(bx - w * 0.1, bx + bw + w * 0.1, min(foot + 14, y + h - 3), foot + 3)
    if _R.chance(d.rng, "names_seating_plane"):
        pen.text(x + w * 0.02, foot + 1, pick(d.rng, ("SEATING PLANE", "-C-", "0.10 C")), d.font, d.size * 0.85)


def detail(d: Sketch, x: float, y: float, w: float, h: float) -> None:
    """A magnified lead in a circle."""
    pen, r = d.pen, min(w, h) * 0.34
    cx, cy = x + w / 2, y + h * 0.45
    pen.set(weight=d.thin)
    pen.circle(cx, cy, r)
    pen.set(weight=d.heavy)
    pen.bezier(
        [
            (cx - r * 0.7, cy - r * 0.4),
            (cx, cy - r * 0.4),
            (cx - r * 0.1, cy + r * 0.4),
            (cx + r * 0.6, cy + r * 0.4),
        ]
    )
    pen.bezier(
        [
            (cx - r * 0.7, cy - r * 0.15),
            (cx - r * 0.2, cy - r * 0.15),
            (cx - r * 0.3, cy + r * 0.6),
            (cx + r * 0.6, cy + r * 0.6),
        ]
    )
    d.across(cx, cx + r * 0.6, min(cy + r * 0.8, y + h - 4), cy + r * 0.6)
    pen.text(
        cx,
        min(cy + r + d.size * 1.2, y + h - 1),
        pick(d.rng, ("DETAIL A", "SECTION A–A", "VIEW C")),
        d.font,
        d.size,
        anchor="c",
    )
