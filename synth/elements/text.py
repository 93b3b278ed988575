"""Text-like elements: paragraph, list, heading, title, caption."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from synth.elements.dice import pick
from synth.elements.fonts import FAR_EASTERN, family, text_width
from synth.elements.look import Block, Look
from synth.elements.pen import BLACK, WHITE, Color, Pen
from synth.elements.ranges import Ranges

_R = Ranges("typesetting", "text")

_STOPS = "\u3001\u3002\uff01\uff09\uff0c\uff1a\uff1b\uff1f"
_BREAKS = re.compile(f"(?:{FAR_EASTERN.pattern}|[!-~\u00a0-\u2bff]+)[{_STOPS}]*|.")


@dataclass(frozen=True)
class Setting:
    """How to set lines: font, size and leading in points, letter scale, alignment `l`, `c`, `r` or `j`, colour."""

    font: str
    size: float
    leading: float
    scale: float = 1.0
    align: str = "l"
    color: Color = BLACK


def wrap(text: str, width: float, setting: Setting) -> list[str]:
    """Break a text into lines that fit `width` points, between words and between Chinese characters."""
    out: list[str] = []
    line, used = "", 0.0
    blank = text_width(" ", setting.font, setting.size, setting.scale)
    for word in text.split():
        for index, piece in enumerate(_pieces(word)):
            wide = text_width(piece, setting.font, setting.size, setting.scale)
            gap = blank if line and index == 0 else 0.0
            if line and used + gap + wide > width:
                out.append(line)
                line, used = piece, wide
            else:
                line, used = f"{line}{' ' if gap else ''}{piece}", used + gap + wide
    if line:
        out.append(line)
    return out


def _pieces(word: str) -> list[str]:
    """Return the parts of a word that a line may end after; Chinese stops stay with what they follow."""
    return _BREAKS.findall(word) if FAR_EASTERN.search(word) else [word]


def set_lines(pen: Pen, lines: list[str], x: float, y: float, width: float, setting: Setting) -> None:
    """Write lines from the top edge y down; justified text stretches its blanks."""
    base = y + 0.78 * setting.size
    for index, line in enumerate(lines):
        space = 0.0
        if setting.align == "j" and index < len(lines) - 1 and " " in line:
            free = width - text_width(line, setting.font, setting.size, setting.scale)
            space = max(0.0, free / line.count(" ")) if free < 0.25 * width else 0.0
        anchor = setting.align if setting.align in "cr" else "l"
        at = {"l": x, "c": x + width / 2, "r": x + width}[anchor]
        pen.text(at, base, line, setting.font, setting.size, setting.color, anchor, scale=setting.scale, space=space)
        base += setting.leading


def height_of(lines: int, setting: Setting) -> float:
    """Return the height in points that `set_lines` covers."""
    return (lines - 1) * setting.leading + setting.size


def text_block(name: str | None, text: str, width: float, setting: Setting, first: float = 0.0) -> Block:
    """Return a block of wrapped text; `first` indents its first line (as blanks, in points)."""
    lines = wrap(text, width - first, setting)
    wide = max((text_width(line, setting.font, setting.size, setting.scale) for line in lines), default=0.0)
    keep = width if setting.align in "jcr" else min(width, wide)

    def paint(pen: Pen, x: float, y: float) -> None:
        if first > 0:
            set_lines(pen, lines[:1], x + first, y, width - first, setting)
            set_lines(pen, lines[1:], x, y + setting.leading, width, setting)
        else:
            set_lines(pen, lines, x, y, width, setting)

    return Block(name, keep, height_of(len(lines), setting), paint)


def body_setting(look: Look, face: int = 0, align: str | None = None) -> Setting:
    """Return the setting of running text."""
    chosen = align or ("j" if look.justify else "l")
    return Setting(look.font(face), look.size, look.size * look.leading, look.scale, chosen)


def paragraph(look: Look, width: float, text: str) -> Block:
    """Return a paragraph of running text."""
    return text_block("text", text, width, body_setting(look), look.indent)


def bullet_list(
    rng: np.random.Generator, look: Look, width: float, items: list[str], style: str | None = None
) -> Block:
    """Return a list; `style` is a bullet character, `1` (numbers) or the empty string (bare lines)."""
    mark = look.bullet if style is None else style
    setting = body_setting(look, 1 if _R.chance(rng, "list_is_bold") else 0, "l")
    step = look.size * (1.2 if mark == "1" else _R.uniform(rng, "bullet_step")) if mark else 0.0
    indent = pick(rng, (0.0, 0.0, look.size))
    extra = look.size * _R.pick(rng, "item_gap")
    closing = pick(rng, (".", ")", "."))
    nested = [mark not in ("", "1") and 0 < i and _R.chance(rng, "item_is_nested") for i in range(len(items))]
    insets = [indent + (step if deeper else 0.0) for deeper in nested]
    wrapped = [wrap(item, max(width - step - inset, 40.0), setting) for item, inset in zip(items, insets, strict=True)]
    height = sum(len(lines) * setting.leading + extra for lines in wrapped) - setting.leading + setting.size - extra

    def paint(pen: Pen, x: float, y: float) -> None:
        for index, lines in enumerate(wrapped):
            inset = insets[index]
            if mark:
                _bullet(
                    pen,
                    "–" if nested[index] else mark,
                    x + inset,
                    y + 0.78 * setting.size,
                    look,
                    setting,
                    f"{index + 1}{closing}",
                )
            set_lines(pen, lines, x + inset + step, y, width - step - inset, setting)
            y += len(lines) * setting.leading + extra

    return Block("list", width, height, paint)


def _bullet(pen: Pen, mark: str, x: float, base: float, look: Look, setting: Setting, label: str) -> None:
    size = setting.size
    if mark == "1":
        pen.text(x, base, label, setting.font, size, scale=setting.scale)
    elif mark == "square":
        side = size * 0.42
        pen.rect(x, base - side * 1.2, side, side, fill=look.accent, stroke=False)
    elif mark == "arrow":
        side = size * 0.45
        pen.path([(x, base - side * 1.4), (x + side, base - side * 0.7), (x, base)], True, BLACK, False)
    else:
        pen.text(x, base, mark, setting.font, size)


def heading(look: Look, width: float, text: str, level: int = 1) -> list[Block]:
    """Return a heading, with decorative rules (class None) before or after it as the house has them."""
    size = look.head_size * (1.0 if level == 1 else 0.85)
    label = text.upper() if look.head_upper else text
    color = look.head_color
    setting = Setting(look.head_font(), size, size * 1.15, look.scale, look.head_align, color)
    bar = look.head_rule == "bar" and level == 1
    if bar:
        return [_bar(label, width, Setting(setting.font, size, size * 1.15, look.scale, look.head_align, WHITE), look)]
    block = text_block("heading", label, width, setting)
    rule = _rule(width, pick_weight(look), look.accent)
    if look.head_rule == "below" and level == 1:
        return [block, rule]
    if look.head_rule == "above" and level == 1:
        return [rule, block]
    return [block]


def pick_weight(look: Look) -> float:
    """Return the weight of the house's heading rules in points."""
    return look.extra.get("rule", 0.8)


def _rule(width: float, weight: float, color: Color) -> Block:
    def paint(pen: Pen, x: float, y: float) -> None:
        pen.rect(x, y + 1.0, width, weight, fill=color, stroke=False)

    return Block(None, width, weight + 2.0, paint)


def _bar(label: str, width: float, setting: Setting, look: Look) -> Block:
    tint = look.extra.get("bar_grey", 0.0)
    fill = look.accent if tint == 0 else (tint, tint, tint)
    setting = Setting(
        setting.font, setting.size, setting.leading, setting.scale, setting.align, WHITE if sum(fill) < 1.8 else BLACK
    )
    lines = wrap(label, width - 8, setting)
    height = height_of(len(lines), setting) + setting.size * 0.5

    def paint(pen: Pen, x: float, y: float) -> None:
        pen.rect(x, y, width, height, fill=fill, stroke=False)
        set_lines(pen, lines, x + 4, y + setting.size * 0.25, width - 8, setting)

    return Block("heading", width, height, paint)


def title(rng: np.random.Generator, look: Look, width: float, part: str, device: str) -> Block:
    """Return a document's title block: part number and device name, in any of the usual orders."""
    align = pick(rng, ("l", "l", "c", "r"))
    big = _R.uniform(rng, "title_size")
    small = big * _R.uniform(rng, "device_size")
    color = look.accent if _R.chance(rng, "title_in_color") else BLACK
    font = family(look.head)[_R.pick(rng, "title_face")]
    series = part + pick(rng, ("", "", " Series", f", {part[:-1]}7", f"/{_R.whole(rng, 'second_part_suffix')}"))
    name = Setting(font, big, big * 1.15, look.scale, align, color)
    what = Setting(
        family(look.head)[_R.pick(rng, "device_face")],
        small,
        small * 1.18,
        look.scale,
        align,
        color if _R.chance(rng, "device_in_title_color") else BLACK,
    )
    order = [(series, name), (device, what)]
    if _R.chance(rng, "device_above_title"):
        order.reverse()
    if _R.chance(rng, "title_on_one_line"):
        order = [(f"{series} {device}", name)]
    wrapped = [(wrap(text, width, setting), setting) for text, setting in order]
    gap = _R.uniform(rng, "title_gap")
    height = sum(height_of(len(lines), setting) + gap for lines, setting in wrapped)

    def paint(pen: Pen, x: float, y: float) -> None:
        for lines, setting in wrapped:
            set_lines(pen, lines, x, y, width, setting)
            y += height_of(len(lines), setting) + gap

    return Block("title", width, height - gap, paint)


def caption(look: Look, width: float, text: str, align: str | None = None) -> Block:
    """Return a caption."""
    size = look.caption_size
    setting = Setting(family(look.body)[look.caption_face], size, size * 1.15, look.scale, align or look.caption_align)
    return text_block("caption", text, width, setting)
