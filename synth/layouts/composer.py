"""One page: furniture, title or contents, and columns that sections are poured into."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from doclayout.config import load_cfg
from synth.elements import text as setting
from synth.elements import words
from synth.elements.contents import contents
from synth.elements.dice import chance, pick, uniform, whole
from synth.elements.figures import figure
from synth.elements.footers import footer
from synth.elements.furniture import Running, side_tab
from synth.elements.headers import UPRIGHT, header
from synth.elements.look import Cluster, single
from synth.elements.notes import footnote
from synth.elements.pen import Pen
from synth.layouts.graphic_sections import pinout_row
from synth.layouts.sections import SECTIONS
from synth.layouts.styles import House
from synth.layouts.writer import Writer


@dataclass(frozen=True)
class Area:
    """A rectangle of the page in points: left, top, width, height."""

    x: float
    y: float
    w: float
    h: float


class Composer:
    """One page being composed."""

    def __init__(
        self, rng: np.random.Generator, house: House, writer: Writer, pen: Pen, kind: str, number: int
    ) -> None:
        self.rng, self.house, self.writer, self.pen, self.kind, self.number = rng, house, writer, pen, kind, number
        self.entry = load_cfg("synth/pages.yaml")["kinds"][kind]
        self.sections = {name: float(weight) for name, weight in self.entry["sections"].items()}
        self.waiting: list[str] = list(pick(rng, self.entry.get("opening", [[]])))

    def draw(self) -> None:
        """Draw the page."""
        area = self._furniture()
        if self.kind == "cover":
            area = self._title(area)
        if self.kind == "contents":
            area = self._contents(area)
        short = self.kind != "cover" and chance(self.rng, load_cfg("synth/pages.yaml")["short"])
        if short:
            area = Area(area.x, area.y, area.w, area.h * uniform(self.rng, 0.4, 0.85))
        if area.h > 160 and chance(self.rng, 0.12):
            area = self._foot_notes(area)
        columns = pick(self.rng, self.entry["columns"]) or self.house.columns
        if area.h < 60:
            return
        if columns == 1 and self.kind != "cover":
            self._pour(area, 1)
            return
        if chance(self.rng, 0.45):
            cut = uniform(self.rng, 0.35, 0.65)
            used = self._pour(Area(area.x, area.y, area.w, area.h * cut), columns)
            top = used + self.house.look.gap * 1.6
            self._pour(Area(area.x, top, area.w, area.y + area.h - top), 1 if columns > 1 else 2)
        else:
            self._pour(area, columns)

    def _furniture(self) -> Area:
        """Draw header, footer, frame and tab; return the area that is left for the body."""
        house, pen, rng = self.house, self.pen, self.rng
        frame = 12.0 if house.frame else 0.0
        tab = house.tab or house.header in UPRIGHT
        right = pen.width - max(house.right, 46.0 if tab else 0.0)
        left = house.left if not house.frame else max(house.left, 40.0)
        section = (
            words.heading(rng, pick(rng, ("general", "electrical", "registers", "timing")))
            if chance(rng, 0.6)
            else house.device
        )
        run = Running(
            house.part,
            section[:44],
            house.device,
            house.vendor,
            house.date,
            self.number,
            house.furniture_size,
            left,
            right,
            house.seed,
        )
        kind = house.header if self.kind != "cover" or chance(rng, 0.75) else pick(rng, ("none", "logo_left", "stripe"))
        low = header(pen, house.look, kind, run, house.head_top if kind != "band" else 0.0)
        foot = pen.height - house.foot
        footer(pen, house.look, house.footer, run, foot - house.furniture_size)
        top = low + uniform(rng, 12, 26) + frame
        bottom = foot - house.furniture_size - 12 - uniform(rng, 0, 14) - frame
        bottom -= 12 if house.footer == "legal" else 0
        if house.frame:
            pen.set(weight=0.7)
            pen.rect(left - frame, top - frame, right - left + 2 * frame, bottom - top + 2 * frame)
        if house.tab and house.header not in UPRIGHT:
            side_tab(pen, rng, house.look, run, pen.height * uniform(rng, 0.12, 0.6), uniform(rng, 70, 140))
        return Area(left, top, right - left, bottom - top)

    def _title(self, area: Area) -> Area:
        """Draw the title block and what may stand beside or under it; return the rest."""
        house, rng, look = self.house, self.rng, self.house.look
        logo = chance(rng, 0.3)
        share = uniform(rng, 0.45, 0.75) if logo or chance(rng, 0.2) else 1.0
        block = setting.title(rng, look, area.w * share, house.part, house.device)
        head = single(block, area.w * share)
        if share < 1:
            mark = figure(
                rng, look, area.w * (1 - share) - 16, 46.0, "logo" if logo else pick(rng, ("photo", "photo", "banner"))
            )
            head = (
                single(mark, area.w * (1 - share) - 16).beside(head, 16.0)
                if chance(rng, 0.5)
                else head.beside(single(mark), 16.0)
            )
        head.paint(self.pen, area.x, area.y)
        y = area.y + head.height + uniform(rng, 8, 16)
        if chance(rng, 0.3):
            line = pick(
                rng,
                (
                    "Product specification",
                    "Data Sheet",
                    house.date,
                    "Preliminary data",
                    f"{house.vendor}, {house.date}",
                ),
            )
            note = setting.text_block(
                "text", line, area.w, setting.Setting(look.font(1), look.size * 1.1, look.size * 1.3)
            )
            with self.pen.element("text"):
                note.paint(self.pen, area.x, y)
            y += note.height + 9
        if chance(rng, 0.35):
            self.pen.rect(area.x, y, area.w, uniform(rng, 0.6, 2.4), fill=look.accent, stroke=False)
            y += 11
        return Area(area.x, y, area.w, area.y + area.h - y)

    def _foot_notes(self, area: Area) -> Area:
        """Set notes at the foot of the page, some under a short rule; return the area above them."""
        rng = self.rng
        lines = words.lines(rng, "notes", self.house.part, whole(rng, 1, 3))
        block = footnote(rng, self.house.look, area.w, lines)
        y = area.y + area.h - block.height
        with self.pen.element("footnote", last=True):
            single(block).paint(self.pen, area.x, y)
        if chance(rng, 0.5):
            self.pen.set(weight=0.5)
            self.pen.line(area.x, y - 5, area.x + area.w * pick(rng, (0.3, 1.0)), y - 5)
        return Area(area.x, area.y, area.w, area.h - block.height - 14)

    def _contents(self, area: Area) -> Area:
        head = self.writer.heading("contents", area.w)
        head.paint(self.pen, area.x, area.y)
        y = area.y + head.height + uniform(self.rng, 8, 18)
        block = contents(self.rng, self.house.look, area.w, area.y + area.h - y)
        with self.pen.element("contents"):
            block.paint(self.pen, area.x, y)
        y += block.height + self.house.look.gap * 2
        return Area(area.x, y, area.w, area.y + area.h - y)

    def _pour(self, area: Area, columns: int) -> float:
        """Fill columns with sections; return the lowest point reached."""
        gutter = uniform(self.rng, 14, 26)
        wide = (area.w - gutter * (columns - 1)) / columns
        lowest = area.y
        for column in range(columns):
            part = Area(area.x + column * (wide + gutter), area.y, wide, area.h)
            lowest = max(lowest, self._fill(part, columns > 1))
        return lowest

    def _fill(self, area: Area, narrow: bool) -> float:
        house, y = self.house, area.y
        bottom, gap, misses = area.y + area.h, house.look.gap, 0
        hang = house.hang if not narrow and self.kind == "text" else 0.0
        while misses < 3 and bottom - y > 40:
            made = self._section(area.w - hang, bottom - y)
            start = y
            for cluster in made:
                if y + cluster.height > bottom:
                    break
                _hung(cluster, hang).paint(self.pen, area.x, y)
                y += cluster.height + gap
            misses = misses + 1 if y == start else 0
        return y - gap

    def _section(self, width: float, room: float) -> list[Cluster]:
        """Return the next section that begins in the room left, its heading tied to what follows it."""
        for _ in range(4):
            name = self.waiting.pop(0) if self.waiting else weighted(self.rng, self.sections)
            if self.kind == "cover":
                self.sections[name] = self.sections.get(name, 0.0) * 0.1
            made = [c for c in SECTIONS[name](self.writer, width, room) if c.parts]
            made = _tie(made, self.house.look.gap * 0.7)
            if made and made[0].height <= room:
                return made
        return [pinout_row(self.writer, width, room)] if self.kind == "pins" and room > 120 else []


def _hung(cluster: Cluster, hang: float) -> Cluster:
    """Return a cluster with all but its headings and rules set in."""
    parts = [(dx + (0.0 if block.name in ("heading", None) else hang), dy, block) for dx, dy, block in cluster.parts]
    return replace(cluster, width=cluster.width + hang, parts=parts)


def _tie(clusters: list[Cluster], gap: float) -> list[Cluster]:
    """Join each cluster that is only a heading to the one after it; a heading at the end is dropped."""
    out: list[Cluster] = []
    held: Cluster | None = None
    for cluster in clusters:
        joined = held.below(cluster, max(gap, 4.5)) if held is not None else cluster
        held = None
        if all(block.name in ("heading", None) for _, _, block in cluster.parts):
            held = joined
        else:
            out.append(joined)
    return out


def weighted(rng: np.random.Generator, weights: dict[str, float]) -> str:
    """Return a name, each as likely as its weight says."""
    at = rng.random() * sum(weights.values())
    for name, weight in weights.items():
        at -= weight
        if at < 0:
            return name
    return next(iter(weights))
