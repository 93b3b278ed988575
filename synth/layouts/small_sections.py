"""Sections of small parts whose labels are easily taken for one another: variants, equations, framed circuits."""

from __future__ import annotations

from synth.elements import text as setting
from synth.elements import words
from synth.elements.captions import stacked
from synth.elements.contents import KINDS as CONTENTS
from synth.elements.contents import contents
from synth.elements.dice import pick, sample
from synth.elements.formulas import formula
from synth.elements.look import Block, Cluster, single
from synth.elements.other_tables import other_table
from synth.elements.parameter_tables import parameter_table
from synth.elements.pen import Pen
from synth.elements.pinouts import pinout
from synth.elements.profiles import PROFILES, profile
from synth.elements.ranges import Ranges
from synth.elements.schematics import circuit
from synth.elements.tables import Row, Table, text_row
from synth.layouts.writer import Writer

_R = Ranges("pages", "small_sections")


def variants(w: Writer, width: float, room: float) -> list[Cluster]:
    """Tables of a family's members, or of its conditions, one under another, each with a short label for its title."""
    rng = w.rng
    names = [f"{w.part[:-1]}{digit}" for digit in sample(rng, "0123456789", 4)]
    polarities = [f"Tr{i} ({p})" for i, p in enumerate(("NPN", "PNP", "NPN", "PNP"), 1)]
    conditions = [f"({text})" for text in sample(rng, words.vocabulary("conditions"), 4)]
    labels = pick(rng, (names, polarities, conditions, sample(rng, words.vocabulary("packages"), 4)))
    out = [w.heading("electrical", width)] if _R.chance(rng, "variants_have_heading") else []
    face, align = _R.pick(rng, "variant_label_face"), pick(rng, "llcr")
    kind = pick(rng, ("parameters", "parameters", "truth", "selection")) if width > 330 else "parameters"
    left = room - sum(cluster.height + 10 for cluster in out)
    for label in labels[: _R.whole(rng, "variants")]:
        count = _R.whole(rng, "variant_rows")
        rows = parameter_table(rng, count) if kind == "parameters" else other_table(rng, count, kind)
        table = w.table(rows, width, left, None, 0.15)
        size = w.look.size * _R.uniform(rng, "variant_label_size")
        manner = setting.Setting(w.look.font(face), size, size * 1.2, align=align)
        note = setting.text_block("caption", label, table.parts[0][2].width, manner)
        item = single(note, width).below(table, _R.uniform(rng, "label_gap"))
        if item.height > left:
            break
        out.append(item)
        left -= item.height + 12
    return out


def equations(w: Writer, width: float, room: float) -> list[Cluster]:
    """Formulas and one-line texts in turns, closely set."""
    rng = w.rng
    out = [w.heading("formulas", width)] if _R.chance(rng, "equations_have_heading") else []
    for _ in range(_R.whole(rng, "equations")):
        plain = _R.chance(rng, "equation_has_sentence")
        said = words.sentence(rng, w.part) if plain else pick(rng, words.vocabulary("leads"))
        out += [single(setting.paragraph(w.look, width, said)), single(formula(rng, w.look, width), width)]
    return out


def framed(w: Writer, width: float, room: float) -> list[Cluster]:
    """Two or three small circuits or pinouts in the fields of a ruled frame, each with a label in its field."""
    rng = w.rng
    count = _R.pick(rng, "framed_fields") if width > 300 else 1
    cell, high = width / count, min(_R.uniform(rng, "framed_height"), room - 40)
    if high < 70:
        return []
    row: Cluster | None = None
    pinouts = _R.chance(rng, "framed_are_pinouts")
    below = _R.chance(rng, "framed_label_below")
    for index in range(count):
        size = (cell - 20, high - 30)
        block = pinout(rng, w.look, *size, w.part) if pinouts else circuit(rng, w.look, *size, w.part)
        title = pick(rng, words.vocabulary("packages")) if pinouts else words.figure_title(rng, "circuits")
        note = stacked(w.look, cell - 20, [f"{'abc'[index]}) {title}" if count > 1 else title])
        item = Cluster(cell)
        for part in (block, note) if below else (note, block):
            item.add(part, 5.0, "c")
        row = item if row is None else row.beside(item, 0.0)
    assert row is not None
    frame = _frame(row.width, row.height + 10.0, count)
    inside = [(dx, dy + 5.0, part) for dx, dy, part in row.parts]
    return [Cluster(frame.width, frame.height, [(0.0, 0.0, frame), *inside])]


def _frame(width: float, height: float, fields: int) -> Block:
    """Return a frame with rules between its fields: decoration."""

    def paint(pen: Pen, x: float, y: float) -> None:
        pen.set(weight=0.7)
        pen.rect(x, y, width, height)
        for index in range(1, fields):
            pen.line(x + width * index / fields, y, x + width * index / fields, y + height)

    return Block(None, width, height, paint)


def profiles(w: Writer, width: float, room: float) -> list[Cluster]:
    """A soldering or charging profile with its caption."""
    high = min(_R.uniform(w.rng, "profile_height"), room - 30)
    if high < 80:
        return []
    wide = min(width, high * _R.uniform(w.rng, "profile_aspect"))
    kind = pick(w.rng, tuple(PROFILES))
    plot = profile(w.rng, w.look, wide, high, kind)
    return [w.noted(w.captioned(plot, width, words.figure_title(w.rng, kind)), 0.2)]


def run_in(w: Writer, width: float, room: float) -> list[Cluster]:
    """Short labels close above their paragraphs."""
    out: list[Cluster] = []
    gap = _R.uniform(w.rng, "run_in_gap")
    for topic in sample(w.rng, ("general", "registers", "timing", "circuits", "features"), _R.whole(w.rng, "run_ins")):
        head = w.heading(topic, width, 2)
        out.append(head.below(w.prose(width, 1)[0], gap))
    return out


def lists(w: Writer, width: float, room: float) -> list[Cluster]:
    """Lists of contents, figures or tables, each under its heading."""
    out: list[Cluster] = []
    left = room
    for kind in sample(w.rng, CONTENTS, _R.whole(w.rng, "lists")):
        head = w.heading("contents", width, text=words.content("lists")[kind])
        high = min(left - head.height - 10, room * _R.uniform(w.rng, "list_share"))
        if high < 70:
            break
        out += [head, single(contents(w.rng, w.look, width, high, kind))]
        left -= head.height + out[-1].height + 30
    return out


def changes(w: Writer, width: float, room: float) -> list[Cluster]:
    """A revision history of several blocks: what changed since a revision, with the pages that it is on."""
    rng = w.rng
    rows: list[Row] = []
    for index in range(_R.whole(rng, "change_blocks"), 0, -1):
        label = words.content("changed").format(old=chr(64 + index), new=chr(65 + index), date=words.date(rng))
        rows.append(Row([(label, 2)], group=True))
        for text in sample(rng, words.vocabulary("changes"), _R.whole(rng, "change_rows")):
            rows.append(text_row(f"•  {text}", str(_R.whole(rng, "change_page"))))
    head = w.heading("history", width)
    return [head, w.table(Table("table", [9.0, 1.0], "lr", [], rows), width, room - head.height - 12, None, 0.0)]
