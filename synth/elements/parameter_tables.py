"""What parameter tables say: symbols, conditions, limits, units."""

from __future__ import annotations

import numpy as np

from synth.elements import words
from synth.elements.dice import pick, sample
from synth.elements.ranges import Ranges
from synth.elements.tables import Row, Table, header_row, text_row

_R = Ranges("typesetting", "parameter_tables")


def parameter_table(rng: np.random.Generator, count: int) -> Table:
    """Return a parameter table of about `count` rows in one of the usual column sets."""
    maker = pick(rng, (_full, _full, _full, _ratings, _ratings, _key_value, _two_parts, _thermal))
    return maker(rng, count)


def _full(rng: np.random.Generator, count: int) -> Table:
    symbol, name = (
        pick(rng, ("Symbol", "SYMBOL", "Sym.")),
        pick(rng, ("Parameter", "PARAMETER", "Characteristic", "Rating")),
    )
    cond = pick(rng, ("Conditions", "Test Conditions", "CONDITIONS", "Test Condition"))
    numbers = pick(rng, (["Min", "Typ", "Max"], ["Min.", "Typ.", "Max."], ["MIN", "TYP", "MAX"], ["Min", "Max"]))
    unit = pick(rng, ("Units", "Unit", "UNIT"))
    order = pick(rng, ("snc", "nsc", "nc", "sn", "nc"))
    lead = {"s": (symbol, 1.1), "n": (name, 3.2), "c": (cond, 3.0)}
    head = [lead[key][0] for key in order] + numbers + [unit]
    weights = [lead[key][1] for key in order] + [0.9] * len(numbers) + [0.9]
    aligns = "".join("l" if key != "s" else pick(rng, ("l", "c")) for key in order) + "c" * len(numbers) + "c"
    rows, chosen = [], sample(rng, words.vocabulary("parameters"), count)
    groups = _R.chance(rng, "has_groups")
    for label, sign, unit_name, low, high in chosen:
        if groups and _R.chance(rng, "group_begins"):
            title = words.heading(rng, "electrical")
            rows.append(Row([(title, len(head))], group=True))
        for repeat in range(_R.pick(rng, "rows_per_parameter")):
            values = sorted((words.number(rng, low, high) for _ in range(3)), key=lambda v: float(v.replace("−", "-")))
            keep = _R.pick(rng, "limits_given")
            cells = [value if flag else pick(rng, ("", "", "–", "—")) for value, flag in zip(values, keep, strict=True)]
            first = {"s": sign, "n": label, "c": pick(rng, words.vocabulary("conditions"))}
            text = [first[key] if key == "c" or repeat == 0 else "" for key in order]
            joined = frozenset(i for i, key in enumerate(order) if key != "c") if repeat else frozenset()
            rows.append(Row([(t, 1) for t in [*text, *cells[: len(numbers)], unit_name]], joined=joined))
    return Table(
        "parameter_table", weights, aligns, _numbers_head(rng, head, len(order), len(numbers)), rows[: max(count, 2)]
    )


def _numbers_head(rng: np.random.Generator, head: list[str], lead: int, numbers: int) -> list[Row]:
    if not _R.chance(rng, "limits_share_title"):
        return header_row(head)
    top = Row([*[("", 1)] * lead, (pick(rng, ("Limits", "Value", "LIMITS", words.part_number(rng))), numbers), ("", 1)])
    return [top, Row([(text, 1) for text in head], joined=frozenset([*range(lead), lead + numbers]))]


def _ratings(rng: np.random.Generator, count: int) -> Table:
    unit = pick(rng, ("Unit", "Units", "UNIT"))
    shape = pick(rng, ("nsvu", "snvu", "nvu", "snvu", "nsmmu", "snmmu"))
    titles = {
        "s": "Symbol",
        "n": pick(rng, ("Parameter", "Rating", "Characteristic")),
        "v": pick(rng, ("Value", "Ratings", "Limit")),
        "u": unit,
    }
    head, weights, aligns = [], [], ""
    for place, key in enumerate(shape):
        head.append(titles.get(key) or ("Min" if shape[place - 1] != "m" else "Max"))
        weights.append({"n": 3.6, "v": 1.4}.get(key, 1.0))
        aligns += "l" if key == "n" else "c"
    rows = []
    for label, sign, unit_name, low, high in sample(rng, words.vocabulary("parameters"), max(3, count)):
        span = "v" in shape and _R.chance(rng, "rating_is_span")
        value = (
            f"{words.number(rng, low, low + 1)} to {words.number(rng, high - 1, high)}"
            if span
            else words.number(rng, low, high)
        )
        low_text = words.number(rng, low, low + 1) if _R.chance(rng, "rating_has_minimum") else "–"
        texts = {"s": sign, "n": label, "v": value, "u": unit_name}
        cells = [
            texts.get(key) or ((low_text if shape[i - 1] != "m" else value) if key == "m" else "")
            for i, key in enumerate(shape)
        ]
        rows.append(text_row(*cells))
    return Table("parameter_table", weights, aligns, header_row(head), rows)


def _key_value(rng: np.random.Generator, count: int) -> Table:
    rows = []
    for label, sign, unit, low, high in sample(rng, words.vocabulary("parameters"), max(3, min(count, 12))):
        name = f"{label} ({sign})" if _R.chance(rng, "key_has_symbol") else label
        rows.append(text_row(name, f"{words.number(rng, low, high)} {unit}"))
    head = (
        header_row([pick(rng, ("Parameter", "Rating", "Item")), pick(rng, ("Value", "Typical Value", "Limit"))])
        if _R.chance(rng, "keys_have_head")
        else []
    )
    return Table("parameter_table", [_R.uniform(rng, "key_width"), 1.0], "l" + pick(rng, ("r", "l")), head, rows)


def _two_parts(rng: np.random.Generator, count: int) -> Table:
    parts = _R.pick(rng, "parts_compared")
    labels = pick(
        rng,
        (
            [f"-{n}" for n in (6, 8, 10)],
            ["V_{CC} = 3.3 V", "V_{CC} = 5 V", "V_{CC} = 12 V"],
            [words.part_number(rng) for _ in range(3)],
        ),
    )
    top = Row([("", 1), ("", 1), *[(labels[i], 2) for i in range(parts)], ("", 1)])
    low = Row(
        [(t, 1) for t in ["Symbol", "Parameter", *["Min", "Max"] * parts, "Unit"]],
        joined=frozenset([0, 1, 2 + 2 * parts]),
    )
    rows = []
    for label, sign, unit, lo, hi in sample(rng, words.vocabulary("parameters"), count):
        cells = [words.number(rng, lo, hi) if _R.chance(rng, "part_has_value") else "" for _ in range(2 * parts)]
        rows.append(text_row(sign, label, *cells, unit))
    return Table(
        "parameter_table", [1.0, 3.0, *[0.8] * (2 * parts), 0.8], "cl" + "c" * (2 * parts + 1), [top, low], rows
    )


def _thermal(rng: np.random.Generator, count: int) -> Table:
    pool = [p for p in words.vocabulary("parameters") if p[2] in ("°C/W", "K/W", "W", "°C")]
    rows = [
        text_row(sign, label, pick(rng, words.vocabulary("conditions")), words.number(rng, lo, hi), unit)
        for label, sign, unit, lo, hi in sample(rng, pool, min(count, 6))
    ]
    return Table(
        "parameter_table",
        [1, 3, 2.4, 1, 0.9],
        "lllcc",
        header_row(["Symbol", "Parameter", "Conditions", "Value", "Unit"]),
        rows,
    )
