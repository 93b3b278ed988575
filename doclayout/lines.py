"""Words of a text layer put together: into lines, and lines into running text, list items or rows of cells."""

from __future__ import annotations

import re
from collections.abc import Container, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from doclayout.region import Box

Style = Literal["running", "items", "rows"]

_TALLER = 2.5  # heights of a word from which what is taller, as a brace over three lines, is not of its line
_SAME_LINE = 0.5  # share of the lower box's height that overlaps the other's on one line: more than scripts stand off
_CELL = 1.2  # the gap, in heights of the line, that parts two cells of a row
_BLANK = 0.15  # and the one that parts two words, where the file says nothing
_MARK = re.compile(r"[•●○■□▪▫◆◇►▶▸→·∙*†‡§]|[–—-](?![\d.])|(Notes?|NOTES?)\b|[(\[]?(\d{1,2}|[a-zA-Z])[.)\]:]\s")
_SPLIT = re.compile(r"([\w/-]*[^\W\d])[-\u2010\u00ad]$")
_START = re.compile(r"[^\W\d]+")
_EXPANDED = {
    0xAD: None, 0xA0: " ", 0x2010: "-", 0x2011: "-", 0xFB00: "ff", 0xFB01: "fi", 0xFB02: "fl", 0xFB03: "ffi",
    0xFB04: "ffl", 0xFB05: "st", 0xFB06: "st",
}  # fmt: skip
_COMPOUND = frozenset(
    ("low", "high", "single", "dual", "double", "triple", "quad", "two", "three", "four", "six", "eight", "self", "non")
)
"""What keeps its hyphen in compounds; none of them starts a longer word that is broken after it."""


@dataclass(frozen=True, slots=True)
class Word:
    """What stands between two blanks, or the part of it on one line.

    Attributes:
        text: as the file has it, ligatures and soft hyphens included.
        box: xyxy in the page as displayed, in its unit, origin top left; as high as the font.
        turn: quarter turns clockwise from upright, 0 to 3: at 1 it reads downwards, at 3 upwards.
        glued: whether the file has no blank between it and the word before.
    """

    text: str
    box: Box
    turn: int = 0
    glued: bool = False

    @property
    def upright(self) -> Box:
        """The box in a frame in which the word reads from left to right."""
        x0, y0, x1, y1 = self.box
        return ((x0, y0, x1, y1), (y0, -x1, y1, -x0), (-x1, -y1, -x0, -y0), (-y1, x0, -y0, x1))[self.turn]

    def runs_on(self, after: Word, apart: float) -> bool:
        """Tell whether another word goes on right after this one, with a gap under `apart` heights."""
        if self.turn != after.turn:
            return False
        a, b = self.upright, after.upright
        return _overlap(a, b) > _SAME_LINE and -apart < (b[0] - a[2]) / max(a[3] - a[1], 1e-6) < apart

    def joined(self, after: Word) -> Word:
        """Return one word made of this one and the one after it."""
        a, b = self.box, after.box
        box = min(a[0], b[0]), min(a[1], b[1]), max(a[2], b[2]), max(a[3], b[3])
        return Word(self.text + after.text, box, self.turn, self.glued)


def compose(words: Sequence[Word], style: Style, known: Container[str]) -> str:
    """Put the words of one region together, in reading order.

    Words that read in the same direction form lines, from top to bottom as one reads them; the direction of most words
    comes first. Lines become `running` text, a paragraph of its own for each direction; `items`, each on a line of its
    own where it starts with a bullet, a number or "Note"; or `rows`, one a line, with tabs between cells.

    Args:
        words: in the order of the file.
        style: what the lines are.
        known: words of the page, in lower case, by which hyphens are judged; `unhyphenate` tells how.
    """
    turns = [word.turn for word in words]
    blocks = []
    for turn in sorted(set(turns), key=lambda turn: (-turns.count(turn), turn)):
        lines = [_spell(line, style == "rows") for line in _lines([w for w in words if w.turn == turn])]
        blocks.append(flow(lines, style, known))
    return "\n".join(block for block in blocks if block)


def flow(lines: Sequence[str], style: Style, known: Container[str]) -> str:
    """Join lines, without hyphens that the ends of lines brought; spell out ligatures, and drop blanks that are many.

    Args:
        lines: from top to bottom, with tabs between cells.
        style: what they are; items without any mark are lines that start with no small letter.
        known: words of the page, in lower case, by which hyphens are judged.
    """
    marked = style == "items" and any(_MARK.match(line) for line in lines)
    out = ""
    for line in lines:
        begins = _MARK.match(line) is not None if marked else style == "rows" or not line[:1].islower()
        if not out:
            out = line
        elif style != "running" and begins:
            out = f"{out}\n{line}"
        else:
            out = unhyphenate(out, line, known)
    text = out.translate(_EXPANDED)
    if style != "rows":
        text = text.replace("\t", " ")
    return "\n".join(line for line in (re.sub(r" +", " ", line).strip() for line in text.split("\n")) if line)


def unhyphenate(first: str, second: str, known: Container[str]) -> str:
    """Join two parts of a text, the first of which may end in a hyphen that the end of its line brought.

    A soft hyphen goes. Another goes where a small letter follows a letter, unless the page says otherwise: a word that
    is on the page without the hyphen loses it, one that is there with it, or whose halves both are words of the page,
    keeps it, as do compounds of numbers and of a few words such as "low" and "self".
    """
    split, start = _SPLIT.search(first), _START.match(second)
    if split is None or start is None:
        blank = "" if (_unspaced(first[-1:]) and _unspaced(second[:1])) or first.endswith("-") else " "
        return first + blank + second
    head, tail = split[1].lower(), start[0].lower()
    plain = first[:-1] + second
    if first.endswith("\u00ad") or head + tail in known:
        return plain
    compound = f"{head}-{tail}" in known or (head in known and tail in known) or head in _COMPOUND
    keep = not start[0][0].islower() or not head.isalpha() or compound
    return first[:-1] + "-" + second if keep else plain


def _lines(words: Sequence[Word]) -> list[list[Word]]:
    """Gather words of one direction into lines: the highest first, so that scripts join the line that they stand off.

    Lines come from top to bottom, the words of a line from left to right, those of overlapping boxes in file order.
    """
    lines: list[list[Word]] = []
    for word in sorted(words, key=lambda w: w.upright[1] - w.upright[3]):
        tall = _TALLER * (word.upright[3] - word.upright[1])
        shares = [
            _overlap(word.upright, line[0].upright) if line[0].upright[3] - line[0].upright[1] <= tall else 0.0
            for line in lines
        ]
        best = max(range(len(lines)), key=shares.__getitem__, default=None)
        if best is None or shares[best] <= _SAME_LINE:
            lines.append([word])
        else:
            lines[best].append(word)
    lines.sort(key=lambda line: (line[0].upright[1] + line[0].upright[3], line[0].upright[0]))
    return [sorted(line, key=lambda w: w.upright[0]) for line in lines]


def _overlap(a: Box, b: Box) -> float:
    """Return how much of the lower of two boxes the other overlaps downwards, 0 to 1."""
    return max(0.0, min(a[3], b[3]) - max(a[1], b[1])) / max(min(a[3] - a[1], b[3] - b[1]), 1e-6)


def _spell(line: Sequence[Word], cells: bool) -> str:
    """Write the words of a line, with blanks between, or with tabs where they are cells."""
    height = max(word.upright[3] - word.upright[1] for word in line)
    out = line[0].text
    for before, word in pairwise(line):
        gap = (word.upright[0] - before.upright[2]) / max(height, 1e-6)
        blank = "\t" if cells and gap > _CELL else "" if word.glued and gap < _BLANK else " "
        out += blank + word.text
    return out


def _unspaced(letter: str) -> bool:
    """Tell whether a letter's script has no blanks between words: Chinese and Japanese, not Korean."""
    return letter > "\u2e7f" and not "\uac00" <= letter <= "\ud7a3"
