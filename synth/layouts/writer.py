"""What one document says next: headings, paragraphs, captioned graphics and tables in its house's style."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synth.elements import text as setting
from synth.elements import words
from synth.elements.captions import stacked, tabbed
from synth.elements.dice import chance, pick, uniform, whole
from synth.elements.look import Block, Cluster, Look, single
from synth.elements.notes import footnote
from synth.elements.tables import Ruling, Table, draw_ruling, table_block


@dataclass
class Writer:
    """What one document says next: its style, part and running numbers of sections, figures and tables."""

    rng: np.random.Generator
    look: Look
    part: str
    ruling: Ruling
    chapter: int = 0
    section: int = 0
    figures: int = 0
    tables: int = 0
    numbered_captions: bool = True
    caption_style: str = "flowing"

    def heading(self, topic: str, width: float, level: int = 1, text: str | None = None) -> Cluster:
        """Return a section heading."""
        label = text or words.heading(self.rng, topic)
        if self.look.numbered:
            if level == 1 or not self.chapter:
                self.chapter, self.section = self.chapter + 1, 0
            self.section += level > 1
            number = f"{self.chapter}" + (f".{self.section}" if level > 1 else "")
            label = f"{number}{pick(self.rng, ('  ', '. '))}{label}"
        out = Cluster(width)
        for block in setting.heading(self.look, width, label, level):
            out.add(block, 3.0)
        return out

    def prose(self, width: float, count: int) -> list[Cluster]:
        """Return paragraphs."""
        return [
            single(
                setting.paragraph(
                    self.look, width, words.paragraph(self.rng, self.part, pick(self.rng, (1, 2, 3, 3, 4, 5, 6, 8)))
                )
            )
            for _ in range(count)
        ]

    def captioned(self, block: Block, width: float, title: str, table: bool = False) -> Cluster:
        """Return a block with its caption above or below."""
        look, rng = self.look, self.rng
        if table:
            self.tables += 1
        else:
            self.figures += 1
        word = look.table_word if table else look.caption_word
        number = self.tables if table else self.figures
        if chance(rng, 0.12):
            title += f". {words.sentence(rng, self.part)}"
        room = max(block.width, min(width, 150.0))
        if not self.numbered_captions:
            note = setting.caption(look, room, title)
        elif self.caption_style == "tabbed":
            note = tabbed(look, room, f"{word} {number}:", title.upper() if word.isupper() else title)
        elif self.caption_style == "stacked":
            note = stacked(look, room, [f"{word} {number}", title], look.caption_align)
        else:
            note = setting.caption(look, room, f"{word} {number}{pick(rng, ('.', ':', '', ' –', '—'))} {title}")
        out = Cluster(width)
        align = "l" if table else "c"
        above = look.caption_above or (table and chance(rng, 0.85))
        above = above or self.caption_style == "tabbed"
        for part in (note, block) if above else (block, note):
            out.add(part, uniform(rng, 3.5, 7.0), align if block.width > 0.85 * width or table else "c")
        return out

    def equation(self, formula: Cluster, width: float) -> Cluster:
        """Return a formula under a numbered caption."""
        label = f"{pick(self.rng, ('EQUATION', 'Equation'))} {whole(self.rng, 1, 12)}-{whole(self.rng, 1, 9)}:"
        note = tabbed(self.look, width, label, pick(self.rng, words.vocabulary("quantities")).upper())
        return single(note, width).below(formula, 5.0)

    def noted(self, cluster: Cluster, chances: float) -> Cluster:
        """Return a graphic's cluster, now and then with notes under it."""
        if chance(self.rng, chances):
            lines = words.lines(self.rng, "notes", self.part, pick(self.rng, (1, 1, 2, 3)))
            wide = cluster.width * pick(self.rng, (1.0, 0.75, 0.6))
            cluster.add(footnote(self.rng, self.look, wide, lines), uniform(self.rng, 3.5, 8.0), pick(self.rng, "llc"))
        return cluster

    def table(self, table: Table, width: float, room: float, title: str | None, notes: float = 0.3) -> Cluster:
        """Return a table, maybe with a caption and notes."""
        ruling = self.ruling if chance(self.rng, 0.8) else draw_ruling(self.rng, self.look)
        if len(table.weights) == 2 and not table.head and chance(self.rng, 0.6):
            ruling = Ruling(
                0.0, 0.0, 0.0, False, 0.0, pad_x=0.5, pad_y=uniform(self.rng, 0.4, 2.0), dots=chance(self.rng, 0.7)
            )
        wide = width if chance(self.rng, 0.85) or len(table.weights) > 6 else width * uniform(self.rng, 0.55, 0.95)
        block = table_block(table, self.look, ruling, wide, max(room - 46.0, 50.0))
        out = self.captioned(block, width, title, True) if title else single(block, width)
        if chance(self.rng, notes):
            lines = words.lines(self.rng, "notes", self.part, whole(self.rng, 1, 4))
            note = footnote(self.rng, self.look, wide, lines)
            if out.height + note.height + 6 < room:
                out.add(note, uniform(self.rng, 3.5, 7.0))
        return out


def new_writer(rng: np.random.Generator, look: Look, part: str) -> Writer:
    """Return a document's writer with one ruling of tables."""
    style = pick(rng, ("flowing",) * 7 + ("tabbed", "stacked"))
    return Writer(rng, look, part, draw_ruling(rng, look), numbered_captions=chance(rng, 0.7), caption_style=style)
