"""Running headers of several lines: parts at different heights, frames, logos beside lines, bands, notes of numbers."""

from __future__ import annotations

from synth.elements import words
from synth.elements.dice import pick
from synth.elements.fonts import text_width
from synth.elements.furniture import Running, mark, rule
from synth.elements.look import Look
from synth.elements.pen import BLACK, WHITE, Pen
from synth.elements.ranges import Ranges
from synth.elements.text import Setting, set_lines, wrap

_R = Ranges("furniture", "headers_stacked")


def _number(run: Running) -> str:
    """Return the document's number, in one of the ways of writing it."""
    digits = run.seed % 90000 + 10000
    return (
        f"DS{digits}{chr(65 + run.seed % 4)}",
        f"{run.vendor[:3].upper()}S{digits % 1000} – {run.date.upper()}",
        f"Document Number: {digits}",
        f"{run.part}/D",
        f"Rev. {run.seed % 9}.{run.seed % 10}, {run.date}",
    )[run.seed % 5]


def _stepped(pen: Pen, look: Look, run: Running, y: float) -> float:
    """Words at the left, the part number lower at the right, and the document's number under a gap."""
    rng, size = run.dice(2), run.size
    low = y + size * (1 + _R.uniform(rng, "stepped_drop"))
    said = pick(rng, (run.vendor, run.section, run.site))
    with pen.element("header"):
        pen.text(run.left, y + size, said, look.font(pick(rng, (0, 1))), size)
        pen.text(run.right, low, run.part, look.head_font(1), size * 1.2, anchor="r")
        if run.seed % 3:
            low += size * _R.uniform(rng, "stepped_number_gap") + size * 0.7
            at, anchor = ((run.right, "r"), (run.left, "l"))[run.seed % 2]
            pen.text(at, low, _number(run), look.font(0), size * 0.75, anchor=anchor)
    if run.seed % 2:
        rule(pen, run, low + size * 0.5, 0.8)
    return low + size * 0.5 + 1


def _framed(pen: Pen, look: Look, run: Running, y: float) -> float:
    """One or two lines in a frame, the frame as wide as the text area or much less."""
    rng = run.dice(2)
    size, pad = run.size * _R.uniform(rng, "framed_size"), run.size * _R.uniform(rng, "framed_padding")
    wide = (run.right - run.left) * _R.uniform(rng, "framed_width")
    said = [run.part, run.section if run.seed % 2 else run.device][: _R.pick(rng, "framed_lines")]
    font = look.head_font(pick(rng, (0, 1, 1)))
    lines = [line for text in said for line in wrap(text, wide - 2 * pad, Setting(font, size, size))]
    wide = max(wide, max(text_width(line, font, size) for line in lines) + 2 * pad)
    x = pick(rng, (run.left, run.right - wide, (run.left + run.right - wide) / 2))
    high = len(lines) * size * 1.15 + 2 * pad
    with pen.element("header"):
        pen.set(weight=0.5 + run.seed % 3 * 0.5)
        pen.rect(x, y, wide, high, radius=3.0 * (run.seed % 4 == 0))
        set_lines(
            pen, lines, x + pad, y + pad, wide - 2 * pad, Setting(font, size, size * 1.15, align=pick(rng, "lcr"))
        )
    return y + high


def _lines(pen: Pen, look: Look, run: Running, y: float) -> float:
    """Two or three lines at one side, all but the first small; a logo at the other side, or nothing."""
    rng = run.dice(2)
    size, count = run.size * _R.uniform(rng, "lines_size"), int(_R.pick(rng, "lines_count"))
    step = size * _R.uniform(rng, "lines_leading")
    logo_left = run.seed % 3 > 0
    at, anchor = (run.right, "r") if logo_left else (run.left, "l")
    with pen.element("header"):
        pen.text(at, y + size, run.part, look.head_font(1), size * 1.1, anchor=anchor)
        for index, said in enumerate((run.device, _number(run))[: count - 1]):
            pen.text(at, y + size + (index + 1) * step, said, look.font(0), size * 0.85, anchor=anchor)
        if _R.chance(rng, "lines_have_logo"):
            high = step * count * 0.8
            mark(pen, look, run, run.left if logo_left else run.right - 90, y, 90, high)
    low = y + size + step * (count - 1) + size * 0.5
    if run.seed % 2:
        rule(pen, run, low, 0.6 + run.seed % 3 * 0.6, look.accent)
    return low + 2


def _continued(pen: Pen, look: Look, run: Running, y: float) -> float:
    """What the device is, "(continued)" under it, and a rule; in some documents the part number in the margin."""
    rng = run.dice(2)
    font, room = look.head_font(1), run.right - run.left
    size = min(run.size * _R.uniform(rng, "continued_size"), room / text_width(run.device, font, 1.0))
    low = y + size * 2.0
    with pen.element("header"):
        pen.text(run.left, y + size, run.device, font, size)
        pen.text(run.left, low, "(continued)", look.font(0), size * 0.7)
    rule(pen, run, low + size * 0.5, 1.0)
    if _R.chance(rng, "continued_has_side"):
        room = pen.width - run.right
        letters = min(run.size * _R.uniform(rng, "side_size"), room * 0.6)
        with pen.element("header"):
            pen.text(run.right + room * 0.35, y + size, run.part, font, letters, angle=-90)
    return low + size * 0.5 + 2


def _banded(pen: Pen, look: Look, run: Running, y: float) -> float:
    """White words, as the document's state, in a band over the text area, and an address or part number in a line."""
    rng = run.dice(2)
    high = run.size * _R.uniform(rng, "banded_height")
    dark = BLACK if _R.chance(rng, "banded_is_black") or sum(look.accent) > 1.8 else look.accent
    said = pick(rng, ("PRELIMINARY", run.section, "ADVANCE INFORMATION", f"{run.part} {run.device}"))
    site = f"http://{run.site}"
    other, align = pick(rng, (site, run.part, f"{run.vendor}  {site}")), pick(rng, "lcr")
    middle = (run.left + run.right) / 2
    band, line = (y, y + high + run.size * 1.5) if run.seed % 2 else (y + run.size * 1.6, y + run.size)
    at = {"l": run.left, "c": middle, "r": run.right}[align]
    with pen.element("header"):
        pen.text(at, line, other, look.font(1), run.size, anchor=align)
        pen.rect(run.left, band, run.right - run.left, high, fill=dark, stroke=False)
        pen.text(middle, band + high * 0.68, said, look.head_font(1), min(run.size * 1.1, high * 0.7), WHITE, "c")
    return max(line, band + high) + 1


def _reference(pen: Pen, look: Look, run: Running, y: float) -> float:
    """The kind of document and its number in a column at the right, the part and what it is at the left."""
    rng = run.dice(2)
    size, small = run.size * _R.uniform(rng, "reference_size"), run.size * _R.uniform(rng, "reference_number_size")
    kind = pick(rng, words.vocabulary("kinds"))
    with pen.element("header"):
        pen.text(run.left, y + size, run.part, look.head_font(1), size * 1.3)
        pen.text(run.left, y + size * 2.3, run.device, look.font(0), size)
        pen.text(run.right, y + small, kind, look.font(0), small, anchor="r")
        pen.text(run.right, y + small * 2.3, _number(run), look.font(0), small, anchor="r")
        if run.seed % 2:
            pen.text(run.right, y + small * 3.6, run.date, look.font(0), small, anchor="r")
    return y + max(size * 2.6, small * 4)


STACKED = {
    "stepped": _stepped,
    "framed": _framed,
    "lines": _lines,
    "continued": _continued,
    "banded": _banded,
    "reference": _reference,
}
