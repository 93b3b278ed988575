"""Running headers that look like titles or pictures: large type, lists of parts, boxes, ribbons, upright lines."""

from __future__ import annotations

from synth.elements import words
from synth.elements.dice import pick, sample
from synth.elements.fonts import text_width
from synth.elements.furniture import Running, mark, rule
from synth.elements.look import Look
from synth.elements.pen import BLACK, WHITE, Pen
from synth.elements.ranges import Ranges
from synth.elements.text import Setting, set_lines, wrap

_R = Ranges("furniture", "headers_display")


def _large(pen: Pen, look: Look, run: Running, y: float) -> float:
    """What the device is, in letters of title size, one or two lines."""
    rng = run.dice(1)
    size = run.size * _R.uniform(rng, "large_size")
    said = pick(rng, (run.device, run.device, f"{run.part} {run.device}", run.part))
    setting = Setting(look.head_font(pick(rng, (0, 1, 2, 2, 3))), size, size * 1.12, align=pick(rng, "rrrlc"))
    lines = wrap(said, (run.right - run.left) * _R.uniform(rng, "large_width"), setting)
    with pen.element("header"):
        set_lines(pen, lines, run.left, y, run.right - run.left, setting)
    return y + len(lines) * size * 1.12


def _parts(pen: Pen, look: Look, run: Running, y: float) -> float:
    """A family's part numbers, the device in capitals and a small line with code and date."""
    rng = run.dice(1)
    align, size = pick(rng, "llrc"), run.size * _R.uniform(rng, "parts_size")
    family = [
        run.part,
        *(f"{run.part[:-1]}{digit}" for digit in sample(rng, "0123456789", _R.whole(rng, "parts_more"))),
    ]
    bold, small = look.head_font(1), size * 0.66
    lines = wrap(", ".join(family), (run.right - run.left) * 0.5, Setting(bold, size, size))
    code = f"{run.vendor[:3].upper()}S{run.seed % 900 + 100}{chr(65 + run.seed % 7)} – {run.date.upper()}"
    with pen.element("header"):
        wide = run.right - run.left
        set_lines(pen, [*lines, run.device.upper()], run.left, y, wide, Setting(bold, size, size * 1.12, align=align))
        low = y + (len(lines) + 1) * size * 1.12
        set_lines(pen, [code], run.left, low, wide, Setting(look.font(0), small, small, align=align))
    return _double(pen, run, low + small * 1.6) if run.seed % 3 else low + small


def _heavy(pen: Pen, look: Look, run: Running, y: float) -> float:
    """The part number in large bold type over a double rule."""
    size = run.size * _R.uniform(run.dice(1), "heavy_size")
    anchor = "r" if run.seed % 3 else ("l" if run.number % 2 else "r")
    with pen.element("header"):
        pen.text(run.right if anchor == "r" else run.left, y + size, run.part, look.head_font(1), size, anchor=anchor)
    return _double(pen, run, y + size * 1.5)


def _double(pen: Pen, run: Running, y: float) -> float:
    """Draw a thick rule over a thin one, or the reverse."""
    thick, thin = (2.6, 0.8) if run.seed % 2 else (0.8, 2.6)
    rule(pen, run, y, thick)
    rule(pen, run, y + thick + 1.6, thin)
    return y + 5.2


def _pill(pen: Pen, look: Look, run: Running, y: float) -> float:
    """A rounded shaded box with the logo at one end and the part number at the other."""
    high, grey = run.size * 3.4, _R.uniform(run.dice(1), "pill_grey")
    with pen.element("header"):
        pen.set(weight=1.2, color=(0.5, 0.5, 0.5))
        pen.rect(run.left, y, run.right - run.left, high, fill=(grey, grey, grey), radius=4)
        mark(pen, look, run, run.left + 6, y + high * 0.18, 90, high * 0.64)
        pen.text(run.right - 8, y + high * 0.66, run.part, look.head_font(1), run.size * 1.7, anchor="r")
    return y + high


def _ribbon(pen: Pen, look: Look, run: Running, y: float) -> float:
    """The maker's name between rows of slanted tiles, the part number above them."""
    size, high = run.size * 1.2, run.size * 1.4
    color = look.accent if look.accent != BLACK else (0.8, 0.1, 0.1)
    middle, name = (run.left + run.right) / 2, run.vendor.lower()
    font = look.head_font(3)
    half = text_width(name, font, high * 1.5) / 2 + 10
    with pen.element("header"):
        pen.text(run.right, y + size, run.part, look.head_font(1), size, anchor="r")
        top = y + size * 1.7
        for index in range(int((middle - half - run.left) / (high * 1.6))):
            fade = min(1.0, 0.25 + 0.15 * index)
            shade = (1 - (1 - color[0]) * fade, 1 - (1 - color[1]) * fade, 1 - (1 - color[2]) * fade)
            for x in (run.left + index * high * 1.6, run.right - (index + 1) * high * 1.6):
                pen.path(
                    [(x + high * 0.4, top), (x + high * 1.5, top), (x + high * 1.1, top + high), (x, top + high)],
                    True,
                    shade,
                    False,
                )
        pen.text(middle, top + high * 0.95, name, font, high * 1.5, color, "c")
    return top + high * 1.2


def _brand(pen: Pen, look: Look, run: Running, y: float) -> float:
    """The logo alone, small or large."""
    high = run.size * _R.uniform(run.dice(1), "brand_height")
    wide = high * _R.uniform(run.dice(1), "brand_aspect")
    x = (run.left, run.left, run.right - wide, (run.left + run.right - wide) / 2)[run.seed % 4]
    with pen.element("header"):
        mark(pen, look, run, x, y, wide, high)
    return y + high


def _contact(pen: Pen, look: Look, run: Running, y: float) -> float:
    """The maker's name and numbers in small type over a hairline."""
    site = f"http://{run.site}"
    said = (
        f"{run.vendor} Co., Ltd.   Tel: (020) 555-{run.seed % 9000 + 1000}   Fax: 555-{run.seed % 900 + 100}   {site}"
    )
    size = run.size * 0.8
    with pen.element("header"):
        pen.text((run.left + run.right) / 2, y + size, said, look.font(0), size, anchor="c")
    rule(pen, run, y + size * 1.6, 0.5)
    return y + size * 1.6 + 1


def _corner(pen: Pen, look: Look, run: Running, y: float) -> float:
    """One short text alone at a corner, small, some over a short rule or in a frame open to one side."""
    rng = run.dice(1)
    size, right = run.size * _R.uniform(rng, "corner_size"), run.number % 2 == 0 or run.seed % 2 == 0
    said = pick(rng, (run.part, run.part, run.section, f"{run.part} Series"))
    font = look.head_font(pick(rng, (0, 1, 1)))
    wide = text_width(said, font, size)
    x = run.right - wide if right else run.left
    with pen.element("header"):
        pen.text(x, y + size, said, font, size)
    if run.seed % 3 == 0:
        pen.rect(x, y + size * 1.5, wide, 0.7, fill=BLACK, stroke=False)
    return y + size * 1.5 + 1


def _upright(pen: Pen, look: Look, run: Running, y: float) -> float:
    """The part number running up or down the page's side, large."""
    rng = run.dice(1)
    at_left = run.seed % 2 == 0
    room = run.left if at_left else pen.width - run.right
    size = min(run.size * _R.uniform(rng, "upright_size"), room * 0.55)
    said = run.part if run.seed % 3 else f"{run.part} — {run.device}"
    font, wide = look.head_font(pick(rng, (1, 3))), text_width(said, look.head_font(3), size)
    top = y + _R.uniform(rng, "upright_top")
    with pen.element("header"):
        if at_left:
            pen.text(run.left * 0.62, top + wide, said, font, size, angle=90)
        else:
            pen.text(run.right + room * 0.38, top, said, font, size, angle=-90)
    return y


def _strip(pen: Pen, look: Look, run: Running, y: float) -> float:
    """A tall band at the page's edge with white upright letters."""
    wide, high = min(16.0, (pen.width - run.right) * 0.6), pen.height * _R.uniform(run.dice(1), "strip_height")
    grey = pick(run.dice(1), ((0.72, 0.72, 0.72), (0.2, 0.2, 0.2), look.accent))
    x = pen.width - wide * 1.3
    with pen.element("header"):
        pen.rect(x, y + 10, wide, high, fill=grey, stroke=False)
        said = f"{run.part} {pick(run.dice(1), words.vocabulary('kinds'))}".upper()
        color = WHITE if sum(grey) < 2.3 else BLACK
        pen.text(x + wide * 0.3, y + 10 + high * 0.2, said, look.head_font(0), wide * 0.5, color, angle=-90)
    return y


DISPLAY = {
    "large": _large,
    "parts": _parts,
    "heavy": _heavy,
    "pill": _pill,
    "ribbon": _ribbon,
    "brand": _brand,
    "contact": _contact,
    "corner": _corner,
    "upright": _upright,
    "strip": _strip,
}
