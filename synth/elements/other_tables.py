"""What the other tables say: truth, ordering, registers, dimensions, revisions, selection, commands."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from synth.elements import words
from synth.elements.dice import pick, sample
from synth.elements.ranges import Ranges
from synth.elements.tables import Row, Table, header_row, text_row

_R = Ranges("typesetting", "other_tables")


def other_table(rng: np.random.Generator, count: int, kind: str | None = None) -> Table:
    """Return a truth, ordering, register, bit-field, dimension, revision, selection or command table."""
    makers: dict[str, Callable[[np.random.Generator, int], Table]] = {
        "truth": _truth,
        "ordering": _ordering,
        "register": _register_map,
        "bits": _bits,
        "fields": _fields,
        "dimensions": _dimensions,
        "revision": _revisions,
        "selection": _selection,
        "commands": _commands,
    }
    return makers[kind or pick(rng, tuple(makers))](rng, count)


def _truth(rng: np.random.Generator, count: int) -> Table:
    inputs, outputs = _R.whole(rng, "truth_inputs"), _R.whole(rng, "truth_outputs")
    names = sample(rng, ["A", "B", "C", "~{OE}", "EN", "S0", "S1", "CLK", "D", "~{CLR}", "~{LE}"], inputs)
    levels = pick(rng, (("H", "L", "X"), ("1", "0", "X"), ("HIGH", "LOW", "X"), ("L", "H", "Z")))
    rows = [text_row(*(pick(rng, levels) for _ in range(inputs + outputs))) for _ in range(max(2, min(count, 9)))]
    labels = sample(rng, ["Y", "Q", "~{Q}", "Output", "OUT"], outputs)
    low = Row([(t, 1) for t in [*names, *labels]])
    head = (
        [Row([("INPUTS", inputs), ("OUTPUTS" if outputs > 1 else "OUTPUT", outputs)]), low]
        if _R.chance(rng, "truth_has_groups")
        else [low]
    )
    return Table("table", [1.0] * (inputs + outputs), "c" * (inputs + outputs), head, rows)


def _ordering(rng: np.random.Generator, count: int) -> Table:
    part = words.part_number(rng)
    columns = sample(
        rng,
        ["Package", "Temp. Range", "Marking", "Packing", "Quantity", "Pins", "Lead Finish"],
        _R.whole(rng, "ordering_columns"),
    )
    values: dict[str, tuple[str, ...]] = {
        "Package": tuple(words.vocabulary("packages")),
        "Temp. Range": ("−40 to 85 °C", "0 to 70 °C", "−40 to 125 °C"),
        "Marking": ("A1", "XB7", "T3W", "HD"),
        "Packing": ("Tube", "Tape and reel", "Tray", "Bulk"),
        "Quantity": ("2500", "3000", "75", "1000"),
        "Pins": ("8", "14", "16", "5"),
        "Lead Finish": ("Sn", "NiPdAu", "SnPb"),
    }
    rows = [
        text_row(
            f"{part}{pick(rng, 'ABCDEFGH')}{pick(rng, ('', '-T', 'TR', 'G'))}", *(pick(rng, values[c]) for c in columns)
        )
        for _ in range(max(2, count))
    ]
    head = [pick(rng, ("Part Number", "Order Number", "Orderable Device", "Type number", "Ordering Code")), *columns]
    return Table(
        "table", [1.6, *[1.2] * len(columns)], pick(rng, ("l", "c")) + "c" * len(columns), header_row(head), rows
    )


def _register_map(rng: np.random.Generator, count: int) -> Table:
    base = _R.whole(rng, "first_address")
    wide = _R.chance(rng, "register_shows_bits")
    rows = []
    for index in range(max(3, count)):
        address = f"0x{base + index:02X}" if base % 2 else f"{base + index:02X}h"
        name = pick(rng, words.vocabulary("registers"))
        if wide:
            rows.append(text_row(address, name, *(pick(rng, words.vocabulary("bits")) for _ in range(8))))
        else:
            rows.append(
                text_row(
                    address,
                    name,
                    pick(rng, ("R/W", "R", "W")),
                    f"{_R.whole(rng, 'register_reset'):02X}H",
                    words.sentence(rng, "device")[:48],
                )
            )
    if wide:
        return Table(
            "table",
            [1, 1.4, *[1.0] * 8],
            "l" + "c" * 9,
            header_row(["Address", "Name", *[f"Bit {b}" for b in range(7, -1, -1)]]),
            rows,
        )
    return Table(
        "table",
        [0.9, 1.2, 0.8, 0.9, 3.6],
        "clccl",
        header_row(["Address", "Register", "Access", "Reset", "Description"]),
        rows,
    )


def _bits(rng: np.random.Generator, count: int) -> Table:
    wide = _R.pick(rng, "bits")
    names = sample(rng, words.vocabulary("bits"), wide)
    rows = [Row([(name, 1) for name in names]), Row([(pick(rng, ("R/W", "R", "R/W-0", "W")), 1) for _ in range(wide)])]
    if _R.chance(rng, "bits_show_reset"):
        rows.append(Row([(pick(rng, "01"), 1) for _ in range(wide)]))
    return Table("table", [1.0] * wide, "c" * wide, header_row([str(b) for b in range(wide - 1, -1, -1)]), rows)


def _fields(rng: np.random.Generator, count: int) -> Table:
    rows = []
    for bit in range(7, max(-1, 7 - count), -1):
        text = words.paragraph(rng, "device", _R.whole(rng, "field_sentences"))
        rows.append(
            text_row(
                f"{bit}", pick(rng, words.vocabulary("bits")), pick(rng, ("R/W", "R")), pick(rng, ("0", "1", "–")), text
            )
        )
    return Table(
        "table", [0.6, 1, 0.8, 0.8, 4.5], "cccll", header_row(["Bit", "Field", "Type", "Reset", "Description"]), rows
    )


def _dimensions(rng: np.random.Generator, count: int) -> Table:
    names = ["A", "A1", "A2", "B", "b", "C", "c", "D", "D1", "E", "E1", "e", "H", "L", "L1", "N", "P", "θ"][
        : max(5, min(count + 3, 18))
    ]
    both = _R.chance(rng, "in_inches_too")
    three = _R.chance(rng, "with_nominal")
    rows = []
    for name in names:
        base = _R.uniform(rng, "dimension")
        sizes = [base * 0.94, base, base * 1.06] if three else [base * 0.95, base * 1.05]
        inches = [f"{v / 25.4:.3f}" for v in sizes]
        if _R.chance(rng, "dimension_is_single"):
            sizes_text = [f"{base:.2f} {pick(rng, ('BSC', 'REF', 'TYP'))}"] + [""] * (len(sizes) - 1)
        else:
            sizes_text = [f"{v:.2f}" for v in sizes]
        rows.append(text_row(name, *sizes_text, *(inches if both else [])))
    limits = ["MIN", "NOM", "MAX"] if three else ["MIN", "MAX"]
    if both:
        top = Row([("", 1), ("MILLIMETERS", len(limits)), ("INCHES", len(limits))])
        low = Row([(t, 1) for t in ["DIM", *limits, *limits]], joined=frozenset([0]))
        return Table("table", [0.8, *[1.0] * (2 * len(limits))], "c" * (1 + 2 * len(limits)), [top, low], rows)
    return Table(
        "table",
        [1.0, *[1.0] * len(limits)],
        "c" * (1 + len(limits)),
        header_row([pick(rng, ("SYMBOL", "DIM", "Ref.")), *limits]),
        rows,
    )


def _revisions(rng: np.random.Generator, count: int) -> Table:
    style = pick(rng, ("rdp", "rd", "drp"))
    titles = {"r": "Revision", "d": "Date", "p": "Page"}
    rows = []
    for index in range(max(2, min(count, 10))):
        text = "; ".join(sample(rng, words.vocabulary("changes"), _R.whole(rng, "changes")))
        lead = {
            "r": f"{chr(65 + index)}" if style == "rdp" else f"{index + 1}.{_R.whole(rng, 'minor_revision')}",
            "d": words.date(rng),
            "p": str(_R.whole(rng, "changed_page")),
        }
        rows.append(text_row(*(lead[key] for key in style), text))
    return Table(
        "table",
        [*[1.0] * len(style), 4.0],
        "c" * len(style) + "l",
        header_row([*(titles[key] for key in style), pick(rng, ("Description", "Changes", "Comments"))]),
        rows,
    )


def _selection(rng: np.random.Generator, count: int) -> Table:
    columns = sample(
        rng,
        ["Channels", "Supply", "Package", "Flash", "RAM", "I/O", "Speed", "Shutdown", "Timers", "Gain"],
        _R.whole(rng, "selection_columns"),
    )
    part = words.part_number(rng)
    cell = ("Yes", "No", "8K", "16K", "32", "2", "4", "+5 V", "3.3 V", "20 MHz", "SOIC-8", "–")
    rows = [
        text_row(f"{part}{_R.whole(rng, 'device_digit')}", *(pick(rng, cell) for _ in columns))
        for _ in range(max(2, min(count, 14)))
    ]
    return Table(
        "table",
        [1.4, *[1.0] * len(columns)],
        "l" + "c" * len(columns),
        header_row([pick(rng, ("Device", "MODEL", "Part", "Product")), *columns]),
        rows,
    )


def _commands(rng: np.random.Generator, count: int) -> Table:
    names = [
        "NOP",
        "WREN",
        "WRDI",
        "RDSR",
        "READ",
        "FAST READ",
        "PAGE PROGRAM",
        "SECTOR ERASE",
        "CHIP ERASE",
        "SLEEP",
        "ACTIVE",
        "PRECHARGE",
        "REFRESH",
        "MOV A, Rn",
        "ADD A, #data",
        "JMP addr",
        "RET",
    ]
    rows = [
        text_row(
            name,
            f"{_R.whole(rng, 'command_code'):02X}h",
            pick(rng, ("0", "1", "3", "4")),
            f"{_R.whole(rng, 'command_opcode'):08b}",
            words.fill(rng, "The {noun} {verb} the {noun2}", "device"),
        )
        for name in sample(rng, names, max(3, count))
    ]
    return Table(
        "table",
        [1.6, 0.8, 0.8, 1.2, 3.6],
        "lcccl",
        header_row(["Instruction", "Code", "Bytes", "Opcode", "Description"]),
        rows,
    )
