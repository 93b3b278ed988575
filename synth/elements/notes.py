"""Notes under tables and figures and at the foot of pages: numbered, starred, with labels, legends, shaded boxes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synth.elements import words
from synth.elements.dice import pick, sample
from synth.elements.fonts import text_width
from synth.elements.look import Block, Look
from synth.elements.pen import Pen
from synth.elements.ranges import Ranges
from synth.elements.text import Setting, height_of, wrap

_R = Ranges("typesetting", "notes")

Piece = tuple[float, str, int]
"""Indent in points, text, font face: a part of a line."""

_MARKERS = ("1.", "1.", "(1)", "(1)", "*", "Note 1:", "NOTE 1:", "[1]", "1)", "1:", "A.", "a.", "†")
_LABELS = ("", "", "Notes:", "NOTES:", "Note", "NOTE:", "Notes", "Remark:", "NOTE", "Note to the table:")


@dataclass(frozen=True)
class _Manner:
    """How notes are set: page width they may take, letters, leading and the gap between notes, all in points."""

    look: Look
    width: float
    setting: Setting
    gap: float
    bold: bool

    def long(self, text: str, face: int = 0) -> float:
        """Return the length of a text in points."""
        return text_width(text, self.look.font(face), self.setting.size, self.setting.scale)


def footnote(rng: np.random.Generator, look: Look, width: float, notes: list[str]) -> Block:
    """Return the notes of a table, a figure or a page."""
    size = look.note_size * _R.pick(rng, "size")
    setting = Setting(look.font(0), size, size * _R.uniform(rng, "leading"), look.scale)
    boxed = _R.chance(rng, "is_boxed")
    pad = 5.0 if boxed else 0.0
    bold = _R.chance(rng, "bold_labels")
    manner = _Manner(look, width - 2 * pad, setting, _R.pick(rng, "gap") * size, bold)
    rows = pick(rng, (_numbered, _numbered, _numbered, _run_in, _plain, _legend))(rng, manner, notes)
    wide = max(dx + manner.long(text, face) for row, _ in rows for dx, text, face in row)
    height = height_of(len(rows), setting) + sum(gap for _, gap in rows[1:])

    def paint(pen: Pen, x: float, y: float) -> None:
        if boxed:
            pen.set(weight=0.5)
            pen.rect(x, y, width, height + 2 * pad, fill=(0.92, 0.92, 0.92))
        base = y + pad + 0.78 * size
        for index, (row, gap) in enumerate(rows):
            base += gap if index else 0.0
            for dx, text, face in row:
                pen.text(x + pad + dx, base, text, look.font(face), size, scale=look.scale)
            base += setting.leading

    return Block("footnote", width if boxed else min(width, wide), height + 2 * pad, paint)


Rows = list[tuple[list[Piece], float]]
"""Lines, each with the extra space above it in points."""


def _numbered(rng: np.random.Generator, m: _Manner, notes: list[str]) -> Rows:
    """Markers before notes whose lines hang; the label on a line of its own or in a column at the left."""
    kind, label = pick(rng, _MARKERS), pick(rng, _LABELS)
    if "ote" in kind.lower():
        label = ""
    face, em = int(m.bold), m.setting.size
    column = m.long(label, face) + em if label and _R.chance(rng, "label_in_column") else 0.0
    markers = [_marker(kind, index) for index in range(len(notes))]
    hang = column + max(m.long(marker, face) for marker in markers) + em * _R.uniform(rng, "hang")
    rows: Rows = [([(0.0, label, face)], 0.0)] if label and not column else []
    for index, (marker, note) in enumerate(zip(markers, notes, strict=True)):
        first: list[Piece] = [(0.0, label, face)] if column and not index else []
        lines = wrap(note, max(m.width - hang, 60.0), m.setting)
        rows.append(([*first, (column, marker, face), (hang, lines[0], 0)], m.gap))
        rows += [([(hang, line, 0)], 0.0) for line in lines[1:]]
    return rows


def _run_in(rng: np.random.Generator, m: _Manner, notes: list[str]) -> Rows:
    """Markers that run into their notes, whose further lines begin at the margin."""
    kind = pick(rng, _MARKERS)
    rows: Rows = []
    for index, note in enumerate(notes):
        marker = _marker(kind, index)
        lines = wrap(f"{marker} {note}", m.width, m.setting)
        rows.append(([(0.0, lines[0], 0)], m.gap))
        rows += [([(0.0, line, 0)], 0.0) for line in lines[1:]]
    return rows


def _plain(rng: np.random.Generator, m: _Manner, notes: list[str]) -> Rows:
    """One note after a word, or a bare sentence."""
    label = pick(rng, ("Note:", "NOTE:", "Note :", "", "", "Remark:", "*"))
    return _labelled(m, label, int(m.bold), notes[0])


def _legend(rng: np.random.Generator, m: _Manner, notes: list[str]) -> Rows:
    """What signs mean: on one line after a word, or one sign a line with its equals sign in a column."""
    signs = sample(rng, words.vocabulary("legend"), _R.whole(rng, "legend_signs"))
    if _R.chance(rng, "legend_on_one_line"):
        said = ", ".join(f"{sign} = {meaning}" for sign, meaning in signs)
        return _labelled(m, pick(rng, ("Legend:", "", "Note:", "Legend:")), 1, said)
    column = max(m.long(str(sign)) for sign, _ in signs) + m.setting.size
    return [([(0.0, str(sign), 0), (column, f"= {meaning}", 0)], m.gap) for sign, meaning in signs]


def _labelled(m: _Manner, label: str, face: int, said: str) -> Rows:
    """Return a text hanging from its label, or from the margin when the label is empty."""
    indent = m.long(label, face) + m.setting.size * 0.6 if label else 0.0
    lines = wrap(said, max(m.width - indent, 60.0), m.setting)
    first: list[Piece] = [(0.0, label, face)] if label else []
    return [([*first, (indent, lines[0], 0)], 0.0), *(([(indent, line, 0)], 0.0) for line in lines[1:])]


def _marker(kind: str, index: int) -> str:
    if kind in "*†":
        return kind * (index + 1)
    if kind[0] in "Aa":
        return chr(ord(kind[0]) + index) + kind[1:]
    return kind.replace("1", str(index + 1))
