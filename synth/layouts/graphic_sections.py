"""Sections of graphics: pinouts, curves, diagrams, packages, pictures, each with captions."""

from __future__ import annotations

from collections.abc import Callable

from synth.elements import words
from synth.elements.blocks import block_diagram
from synth.elements.captions import stacked
from synth.elements.curves import axes_title, curve
from synth.elements.dice import chance, pick, uniform, whole
from synth.elements.figures import figure
from synth.elements.flowcharts import flowchart
from synth.elements.look import Block, Cluster, single
from synth.elements.other_tables import other_table
from synth.elements.packages import package_drawing
from synth.elements.pinouts import pinout
from synth.elements.schematics import circuit
from synth.elements.timing import timing
from synth.layouts.writer import Writer

Draw = Callable[[float, float], Block]


def pinout_row(w: Writer, width: float, room: float) -> Cluster:
    """One to three pinouts side by side, each with its own caption or none."""
    rng = w.rng
    count = pick(rng, (1, 1, 2, 3)) if width > 300 else 1
    cell = (width - 14 * (count - 1)) / count
    out: Cluster | None = None
    for _ in range(count):
        high = min(uniform(rng, 70, 230), max(room - 20, 50), cell * 1.4)
        block = pinout(rng, w.look, min(cell, 260.0), high, w.part)
        item = Cluster(cell)
        style = pick(rng, ("above", "below", "numbered", "none", "both"))
        if style == "numbered":
            item = w.captioned(block, cell, f"{w.part} {pick(rng, ('Pinout', 'Pin Configuration', 'Top View'))}")
        else:
            name = pick(rng, words.vocabulary("packages"))
            if style in ("above", "both"):
                titles = (["TOP VIEW"], ["(Top View)"], [f"{name} PACKAGE", "(TOP VIEW)"], [w.part, name], [name])
                item.add(stacked(w.look, cell, pick(rng, titles)))
            item.add(block, 4.0, "c")
            if style in ("below", "both"):
                titles = ([name], ["TOP VIEW"], [f"{w.part} ({name})"], ["Bottom View"], [name, "(SIDE VIEW)"])
                item.add(stacked(w.look, cell, pick(rng, titles)), 4.0)
        out = item if out is None else out.beside(item, 14.0)
    assert out is not None
    return out


def _figures(w: Writer, width: float, room: float, topic: str, draw: Draw, span: tuple[float, float]) -> list[Cluster]:
    """Heading, maybe prose, and a captioned graphic `span` points high, or two of them side by side."""
    rng = w.rng
    headed = chance(rng, 0.5)
    out = [w.heading("registers" if topic == "figures" else topic, width, whole(rng, 1, 2))] if headed else []
    if chance(rng, 0.4):
        out += w.prose(width, whole(rng, 1, 2))
    left = room - sum(c.height + 10 for c in out)
    if left < span[0] + 24:
        return out
    size = min(uniform(rng, *span), left - 24)
    if width > 330 and chance(rng, 0.25):
        cell = (width - 18) / 2
        pair = [_one(w, topic, cell, size * 0.75, draw, False) for _ in range(2)]
        return [*out, pair[0].beside(pair[1], 18.0)]
    wide = width * pick(rng, (1.0, 1.0, 0.9, 0.75, 0.6)) if width > 300 else width
    cluster = w.noted(_one(w, topic, wide, size, draw, headed and chance(rng, 0.35)), 0.16)
    shift = (width - wide) / 2
    return [*out, Cluster(width, cluster.height, [(dx + shift, dy, block) for dx, dy, block in cluster.parts])]


def _one(w: Writer, topic: str, width: float, height: float, draw: Draw, bare: bool) -> Cluster:
    block = draw(width, height)
    return single(block, width, "c") if bare else w.captioned(block, width, words.figure_title(w.rng, topic))


def timings(w: Writer, width: float, room: float) -> list[Cluster]:
    """Timing diagrams."""
    return _figures(w, width, room, "timing", lambda a, b: timing(w.rng, w.look, a, b), (60, 300))


def circuits(w: Writer, width: float, room: float) -> list[Cluster]:
    """Circuit diagrams."""
    return _figures(w, width, room, "circuits", lambda a, b: circuit(w.rng, w.look, a, b, w.part), (75, 320))


def blocks(w: Writer, width: float, room: float) -> list[Cluster]:
    """A block diagram."""
    return _figures(w, width, room, "blocks", lambda a, b: block_diagram(w.rng, w.look, a, b, w.part), (130, 400))


def flows(w: Writer, width: float, room: float) -> list[Cluster]:
    """A flow chart or state diagram."""
    return _figures(w, width, room, "flow", lambda a, b: flowchart(w.rng, w.look, a, b), (160, 600))


def figures(w: Writer, width: float, room: float) -> list[Cluster]:
    """Memory maps, frames, pictures, boards."""
    return _figures(w, width, room, "figures", lambda a, b: figure(w.rng, w.look, a, b), (50, 220))


def pictures(w: Writer, width: float, room: float) -> list[Cluster]:
    """Part pictures, photos, icons or a single-part symbol in a row, some with short captions."""
    rng = w.rng
    count = pick(rng, (1, 1, 2, 3)) if width > 220 else pick(rng, (1, 1, 2))
    cell = (width - 12 * (count - 1)) / count
    row: Cluster | None = None
    kind = pick(rng, ("part", "part", "photo", "icon", "icon", "banner", "marking", "symbol", "pin"))
    for _ in range(count):
        item = Cluster(cell)
        if kind == "symbol":
            block = circuit(rng, w.look, min(cell, 95.0), 85.0, w.part)
        elif kind == "pin":
            block = pinout(rng, w.look, min(cell, 110.0), 90.0, w.part)
        else:
            block = figure(rng, w.look, cell, 90.0, kind)
        item.add(block, align="c")
        if kind not in ("icon", "banner") and chance(rng, 0.65):
            name = pick(rng, words.vocabulary("packages"))
            case = [name, f"CASE {whole(rng, 20, 980)}{pick(rng, 'ABCD')}", f"STYLE {whole(rng, 1, 30)}"]
            item.add(stacked(w.look, cell, case[: pick(rng, (1, 1, 1, 2, 3))]), 4.5)
        row = item if row is None else row.beside(item, 12.0)
    return [row] if row is not None else []


def curves(w: Writer, width: float, room: float) -> list[Cluster]:
    """Heading and a grid of plots, each with its caption."""
    rng = w.rng
    out = [w.heading("curves", width)] if chance(rng, 0.6) else []
    columns = 1 if width < 300 else pick(rng, (2, 2, 2, 3, 1))
    gutter = uniform(rng, 12, 30)
    cell = (width - gutter * (columns - 1)) / columns
    high = min(cell * uniform(rng, 0.6, 0.95), 230.0)
    used = sum(c.height for c in out) + 12
    above, split, align = chance(rng, 0.35), chance(rng, 0.25), pick(rng, "cccl")
    rows = max(1, min(whole(rng, 1, 5), int((room - used) / (high + 34))))
    if room - used < high + 34:
        high = room - used - 34
    if high < 0.42 * cell:
        return []
    for _ in range(rows):
        row: Cluster | None = None
        for _ in range(columns):
            block = curve(rng, w.look, cell * uniform(rng, 0.9, 1.0), high)
            label = axes_title(rng)
            if w.numbered_captions:
                w.figures += 1
                label = f"{w.look.caption_word} {w.figures}. {label}"
            lines = label.replace(" vs", "\nvs", 1).split("\n") if split else [label]
            note = stacked(w.look, cell, lines, align)
            item = Cluster(cell)
            for part in (note, block) if above else (block, note):
                item.add(part, 4.5, "c")
            row = item if row is None else row.beside(item, gutter)
        if row is not None:
            out.append(row)
    return out


def package(w: Writer, width: float, room: float) -> list[Cluster]:
    """Heading, package drawings with captions, their dimension table and notes."""
    rng = w.rng
    out = [w.heading("package", width)]
    left = room - out[0].height - 12
    name = pick(rng, words.vocabulary("packages"))
    titles = (name, *(f"{name} {words.figure_title(rng, 'package')}" for _ in range(4)))
    if left < 130:
        return []
    if width > 360 and chance(rng, 0.35):
        cell = width * uniform(rng, 0.5, 0.62)
        drawing = w.captioned(
            package_drawing(rng, w.look, cell, min(uniform(rng, 180, 330), left - 30)), cell, pick(rng, titles)
        )
        table = w.table(other_table(rng, whole(rng, 6, 16), "dimensions"), width - cell - 16, left, None, 0.2)
        out.append(drawing.beside(table, 16.0))
        left -= out[-1].height + 14
    for _ in range(whole(rng, 1, 2)):
        if left < 130:
            break
        block = package_drawing(
            rng, w.look, width * pick(rng, (1.0, 0.85, 0.65)), min(uniform(rng, 120, 380), left - 30)
        )
        out.append(w.captioned(block, width, pick(rng, titles)))
        left -= out[-1].height + 14
        if left > 120 and chance(rng, 0.4):
            out.append(w.table(other_table(rng, whole(rng, 4, 14), "dimensions"), width, left, None, 0.4))
            left -= out[-1].height + 14
    return out
