"""Sections of a datasheet: headings with what belongs under them, as clusters that a page can be filled with.

Each section takes the document's writer, the column's width and the room left in it, in points.
"""

from __future__ import annotations

from collections.abc import Callable

from synth.elements import text as setting
from synth.elements import words
from synth.elements.dice import chance, pick, sample, whole
from synth.elements.formulas import formula
from synth.elements.look import Cluster, single
from synth.elements.other_tables import other_table
from synth.elements.parameter_tables import parameter_table
from synth.elements.pin_tables import pin_table
from synth.layouts.graphic_sections import (
    blocks,
    circuits,
    curves,
    figures,
    flows,
    package,
    pictures,
    pinout_row,
    timings,
)
from synth.layouts.small_sections import changes, equations, framed, lists, profiles, run_in, variants
from synth.layouts.writer import Writer

Maker = Callable[[Writer, float, float], list[Cluster]]


def prose(w: Writer, width: float, room: float) -> list[Cluster]:
    """Heading and paragraphs, sometimes with a list or a second heading."""
    out = [w.heading("general", width, whole(w.rng, 1, 2)), *w.prose(width, whole(w.rng, 1, 3))]
    if chance(w.rng, 0.35):
        out.append(
            single(
                setting.bullet_list(w.rng, w.look, width, words.lines(w.rng, "features", w.part, whole(w.rng, 2, 5)))
            )
        )
    if chance(w.rng, 0.3):
        out += [w.heading("registers", width, 2), *w.prose(width, 1)]
    return out


def plain(w: Writer, width: float, room: float) -> list[Cluster]:
    """Paragraphs alone."""
    return w.prose(width, whole(w.rng, 1, 2))


def features(w: Writer, width: float, room: float) -> list[Cluster]:
    """Heading and list of features."""
    style = pick(w.rng, (None, None, None, "", "1"))
    count = min(pick(w.rng, (3, 5, 7, 9, 12, 18)), max(2, int(room / (w.look.size * 3))))
    items = words.lines(w.rng, "features", w.part, count)
    if chance(w.rng, 0.3):
        items = [f"{item}. {words.sentence(w.rng, w.part)}" if chance(w.rng, 0.6) else item for item in items]
    return [w.heading("features", width), single(setting.bullet_list(w.rng, w.look, width, items, style))]


def applications(w: Writer, width: float, room: float) -> list[Cluster]:
    """Heading and list of applications."""
    items = words.lines(w.rng, "applications", w.part, whole(w.rng, 2, 7))
    return [
        w.heading("applications", width),
        single(setting.bullet_list(w.rng, w.look, width, items, pick(w.rng, (None, None, "")))),
    ]


def ratings(w: Writer, width: float, room: float) -> list[Cluster]:
    """Heading, maybe a line on conditions, and a short parameter table."""
    return _parameters(w, width, room, "ratings", whole(w.rng, 3, 11))


def electrical(w: Writer, width: float, room: float) -> list[Cluster]:
    """Heading and a long parameter table."""
    return _parameters(w, width, room, "electrical", whole(w.rng, 6, 40))


def _parameters(w: Writer, width: float, room: float, topic: str, count: int) -> list[Cluster]:
    title = words.heading(w.rng, topic) if chance(w.rng, 0.35) else None
    table = w.table(parameter_table(w.rng, count), width, room - 24, title, 0.45)
    if chance(w.rng, 0.75 if title else 0.3):
        return [table]
    head = w.heading(topic, width)
    if chance(w.rng, 0.3):
        first, second = sample(w.rng, words.vocabulary("conditions"), 2)
        line = f"{first}, {second}, unless otherwise noted."
        head = head.below(single(setting.paragraph(w.look, width, line)), 4.0)
    return [head, table]


def pins(w: Writer, width: float, room: float) -> list[Cluster]:
    """Heading, pinouts and a pin table."""
    rng = w.rng
    out = [w.heading("pins", width)]
    if chance(rng, 0.65):
        out.append(pinout_row(w, width, room * 0.5))
    if chance(rng, 0.75):
        if chance(rng, 0.3):
            out.append(w.heading("pins", width, 2))
        table = pin_table(rng, whole(rng, 4, 40))
        title = words.heading(rng, "pins") if chance(rng, 0.4) else None
        out.append(w.table(table, width, room - sum(c.height + 10 for c in out), title, 0.15))
    return out


def registers(w: Writer, width: float, room: float) -> list[Cluster]:
    """Heading, prose, bit tables and field tables."""
    rng = w.rng
    out = [w.heading("registers", width), *w.prose(width, whole(rng, 0, 2))]
    for kind in sample(rng, ("bits", "fields", "register", "truth", "commands"), whole(rng, 1, 3)):
        left = room - sum(c.height + 12 for c in out)
        if left < 90:
            break
        title = words.heading(rng, "registers") if chance(rng, 0.6) else None
        out.append(w.table(other_table(rng, whole(rng, 3, 12), kind), width, left, title, 0.15))
    return out


def ordering(w: Writer, width: float, room: float) -> list[Cluster]:
    """Heading and an ordering or selection table."""
    kind = pick(w.rng, ("ordering", "ordering", "selection", "truth"))
    title = words.heading(w.rng, "ordering") if chance(w.rng, 0.3) else None
    return [
        w.heading("ordering", width),
        w.table(other_table(w.rng, whole(w.rng, 2, 14), kind), width, room - 24, title),
    ]


def formulas(w: Writer, width: float, room: float) -> list[Cluster]:
    """Prose with display formulas between the paragraphs."""
    out = [w.heading("formulas", width)]
    for _ in range(whole(w.rng, 1, 4)):
        if chance(w.rng, 0.75):
            out += w.prose(width, 1)
        block = single(formula(w.rng, w.look, width), width)
        out.append(block if chance(w.rng, 0.9) else w.equation(block, width))
    if chance(w.rng, 0.6):
        out.append(single(setting.paragraph(w.look, width, f"where {words.sentence(w.rng, w.part)}")))
    return out


def history(w: Writer, width: float, room: float) -> list[Cluster]:
    """Revision history."""
    return [
        w.heading("history", width),
        w.table(other_table(w.rng, whole(w.rng, 2, 9), "revision"), width, room - 24, None, 0.0),
    ]


def legal(w: Writer, width: float, room: float) -> list[Cluster]:
    """Disclaimers."""
    out = [w.heading("legal", width)]
    for line in sample(w.rng, words.vocabulary("legal"), whole(w.rng, 1, 4)):
        out.append(single(setting.paragraph(w.look, width, line)))
    return out


SECTIONS: dict[str, Maker] = {
    "prose": prose,
    "plain": plain,
    "features": features,
    "applications": applications,
    "ratings": ratings,
    "electrical": electrical,
    "pins": pins,
    "timings": timings,
    "circuits": circuits,
    "blocks": blocks,
    "flows": flows,
    "figures": figures,
    "pictures": pictures,
    "curves": curves,
    "package": package,
    "registers": registers,
    "ordering": ordering,
    "formulas": formulas,
    "history": history,
    "legal": legal,
    "variants": variants,
    "equations": equations,
    "framed": framed,
    "profiles": profiles,
    "run_in": run_in,
    "lists": lists,
    "changes": changes,
}
