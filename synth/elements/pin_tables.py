"""What pin tables say: numbers, names, directions, functions."""

from __future__ import annotations

import numpy as np

from synth.elements import words
from synth.elements.dice import pick, sample
from synth.elements.ranges import Ranges
from synth.elements.tables import Row, Table, header_row, text_row

_R = Ranges("typesetting", "pin_tables")


def pin_table(rng: np.random.Generator, count: int) -> Table:
    """Return a pin table of about `count` rows."""
    return pick(rng, (_pins, _pins, _pins, _pins_packages, _pin_matrix, _pins_short))(rng, count)


def _pins(rng: np.random.Generator, count: int) -> Table:
    number = pick(rng, ("Pin", "Pin No.", "PIN", "No.", "Pin Number", "PIN NO."))
    name = pick(rng, ("Name", "Symbol", "Pin Name", "NAME", "Mnemonic", "SYMBOL"))
    kind = pick(rng, ("Type", "I/O", "TYPE", "Dir."))
    what = pick(rng, ("Description", "Function", "DESCRIPTION", "Name and Function", "Pin Function", "FUNCTION"))
    order = pick(rng, ("pnf", "npf", "pntf", "nptf", "ntf", "nf", "ptnf"))
    parts = {
        "p": (number, 0.8, "c"),
        "n": (name, 1.1, pick(rng, ("l", "c"))),
        "t": (kind, 0.7, "c"),
        "f": (what, _R.uniform(rng, "function_width"), "l"),
    }
    long = _R.chance(rng, "has_long_functions")
    rows = []
    for index, (label, direction, function) in enumerate(sample(rng, words.vocabulary("pins"), count)):
        text = function + "."
        if long and _R.chance(rng, "function_is_long"):
            text += " " + words.paragraph(rng, "device", _R.whole(rng, "further_sentences"))
        pin = f"{index + 1}" if _R.chance(rng, "one_pin_number") else f"{index + 1}, {index + 9}"
        row = {"p": pin, "n": label, "t": direction, "f": text}
        rows.append(text_row(*(row[key] for key in order)))
    return Table(
        "pin_table",
        [parts[k][1] for k in order],
        "".join(parts[k][2] for k in order),
        header_row([parts[k][0] for k in order]),
        rows,
    )


def _pins_short(rng: np.random.Generator, count: int) -> Table:
    table = _pins(rng, min(count, 6))
    return Table(
        "pin_table",
        table.weights,
        table.aligns,
        table.head,
        [Row([(t[:26], s) for t, s in row.cells]) for row in table.rows],
    )


def _pins_packages(rng: np.random.Generator, count: int) -> Table:
    packs = sample(rng, words.vocabulary("packages"), _R.whole(rng, "packages"))
    turned = _R.chance(rng, "turned_head")
    extra = _R.chance(rng, "has_alternates")
    low = [*packs, "Pin name", "Type", *(["Alternate functions"] if extra else []), "Description"]
    rows = []
    for index, (label, direction, function) in enumerate(sample(rng, words.vocabulary("pins"), count)):
        numbers = [str(index + 1 + 3 * k) if _R.chance(rng, "in_package") else "–" for k in range(len(packs))]
        alternates = ", ".join(
            sample(
                rng,
                ["TIM1_CH1", "USART2_TX", "SPI1_SCK", "ADC_IN3", "EVENTOUT", "I2C1_SDA"],
                _R.whole(rng, "alternates"),
            )
        )
        rows.append(text_row(*numbers, label, direction, *([alternates] if extra else []), function))
    weights = [0.8] * len(packs) + [1.2, 0.8, *([2.2] if extra else []), 2.6]
    aligns = "c" * len(packs) + "lc" + ("l" if extra else "") + "l"
    if turned:
        return Table("pin_table", weights, aligns, header_row(low), rows, turned=True)
    span = len(low) - len(packs)
    top = Row([("Pin number", len(packs)), *[("", 1)] * span])
    joined = frozenset(range(len(packs), len(low)))
    return Table("pin_table", weights, aligns, [top, Row([(t, 1) for t in low], joined=joined)], rows)


def _pin_matrix(rng: np.random.Generator, count: int) -> Table:
    groups = _R.pick(rng, "matrix_groups")
    names = sample(rng, words.vocabulary("pins"), count * groups)
    rows = []
    for row in range(count):
        cells: list[str] = []
        for group in range(groups):
            cells += [str(row + 1 + group * count), names[row * groups + group][0]]
        rows.append(text_row(*cells))
    head = [pick(rng, ("Pin", "Pin #", "No.")), pick(rng, ("Signal", "Signal Name", "Name"))] * groups
    return Table("pin_table", [0.7, 1.5] * groups, "cl" * groups, header_row(head), rows)
