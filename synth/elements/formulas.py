"""Display formulas: what they say, how their lines are set, their frames and equation numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from synth.elements import words
from synth.elements.dice import pick, sample, whole
from synth.elements.fonts import family
from synth.elements.look import Block, Look
from synth.elements.mathset import Fence, Node, Over, Root, Row, Words
from synth.elements.pen import Pen
from synth.elements.ranges import Ranges

_R = Ranges("typesetting", "formulas")

RELATIONS = ("=", "≈", "≤", "≥", "<", ">")


def formula(rng: np.random.Generator, look: Look, width: float) -> Block:
    """Return one display formula of one to three lines, no wider than `width`, maybe framed or numbered."""
    size = look.size * _R.uniform(rng, "size")
    font = family(pick(rng, (look.body, look.body, "Times")))[_R.pick(rng, "face")]
    say = pick(rng, _KINDS)
    rows = [_fitting(row, font, width * 0.8 / size) for row in say(rng)]
    number = pick(
        rng,
        (
            "",
            "",
            "",
            f"({_R.whole(rng, 'number_in_parentheses')})",
            f"(EQ. {_R.whole(rng, 'number_after_eq')})",
            f"[{_R.whole(rng, 'number_in_brackets')}]",
        ),
    )
    if max(row.width(font) for row in rows) * size > width * 0.8 - look.size:
        number = ""
    inset = _R.pick(rng, "inset")
    block = display(rows, look, width, font, size, number, inset)
    return framed(block, width) if not number and _R.chance(rng, "is_framed") else block


def display(
    rows: Sequence[Row], look: Look, width: float, font: str, size: float, number: str = "", inset: float = -1.0
) -> Block:
    """Return a display formula; its lines stand with their relation signs one under another.

    Args:
        rows: its lines.
        look: the house, whose body font the number is set in.
        width: of the column in points.
        font: of the formula.
        size: of its letters in points.
        number: equation number at the right edge, or empty.
        inset: left indent as a fraction of `width`; below zero the longest line is centred.
    """
    leads = [row.before(RELATIONS, font) for row in rows]
    furthest = max((lead for lead in leads if lead is not None), default=0.0)
    shifts = [0.0 if lead is None else (furthest - lead) * size for lead in leads]
    longest = max(row.width(font) * size + shift for row, shift in zip(rows, shifts, strict=True))
    if longest > width:  # smaller letters rather than a line that leaves the column
        return display(rows, look, width, font, 0.999 * size * width / longest, number, inset)
    left = (width - longest) / 2 if inset < 0 else min(width * inset, max(width - longest, 0.0))
    heights = [(row.up + row.down + 0.1) * size for row in rows]

    def paint(pen: Pen, x: float, y: float) -> None:
        top = y
        pen.set(weight=size * 0.06)
        for row, height, shift in zip(rows, heights, shifts, strict=True):
            row.draw(pen, x + left + shift, top + (row.up + 0.05) * size, font, size)
            top += height + size * 0.4
        if number:
            pen.text(x + width, y + heights[0] / 2 + size * 0.3, number, look.font(0), look.size, anchor="r")

    wide = width if number else longest + left
    return Block("formula", wide, sum(heights) + size * 0.4 * (len(rows) - 1), paint)


def framed(block: Block, width: float) -> Block:
    """Return a formula in a closed frame of the column's width."""
    pad = 7.0

    def paint(pen: Pen, x: float, y: float) -> None:
        pen.set(weight=0.7)
        pen.rect(x, y, width, block.height + 2 * pad)
        block.paint(pen, x + pad * 0.5, y + pad)

    return Block("formula", width, block.height + 2 * pad, paint)


def _fitting(row: Row, font: str, width: float) -> Row:
    """Drop parts from the end until the row fits `width` font sizes, a lone sign at the end too."""
    parts = list(row.parts)
    while len(parts) > 3 and Row(parts).width(font) > width:
        parts = parts[:-2]
    return Row(parts)


def _sign(rng: np.random.Generator) -> Words:
    return Words(pick(rng, ("=", "=", "=", "=", "≈", "≤")))


def _symbol(rng: np.random.Generator) -> str:
    return str(pick(rng, words.vocabulary("symbols")))


def _product(rng: np.random.Generator, most: int = 2) -> Words:
    joint = pick(rng, (" × ", " · ", " + ", " − ", " ", " * "))
    return Words(joint.join(_symbol(rng) for _ in range(whole(rng, 1, most))))


def _value(rng: np.random.Generator) -> str:
    quantity = words.number(rng, *_R.span("quantity"))
    return f"{quantity} {pick(rng, ('V', 'kΩ', 'µF', 'mA', 'W', 'kHz', 'A', 'µs', 'pF', 'Ω'))}"


def _term(rng: np.random.Generator) -> Node:
    kind = pick(rng, ("over", "over", "over", "fence", "root", "plain", "value"))
    if kind == "over":
        return Over(_product(rng), _product(rng))
    if kind == "fence":
        return Fence(Row([Words("1 +"), Over(_product(rng, 1), _product(rng, 1))]))
    if kind == "root":
        return Root(Over(_product(rng), _product(rng, 1)) if _R.chance(rng, "fraction_under_root") else _product(rng))
    return _product(rng) if kind == "plain" else Words(_value(rng))


def _algebra(rng: np.random.Generator) -> list[Row]:
    """A quantity from fractions, roots and brackets."""
    rows = []
    for _ in range(_R.pick(rng, "algebra_lines")):
        parts: list[Node] = [Words(_symbol(rng)), _sign(rng), _term(rng)]
        for _ in range(_R.whole(rng, "further_terms")):
            parts += [Words(pick(rng, ("×", "+", "−", "·"))), _term(rng)]
        rows.append(Row(parts))
    return rows


def _ratio(rng: np.random.Generator) -> list[Row]:
    """One fraction, the commonest formula of all."""
    parts: list[Node] = [Words(_symbol(rng)), Words("="), Over(_product(rng, 3), _product(rng))]
    return [Row(parts + ([Words("×"), Words(_symbol(rng))] if _R.chance(rng, "ratio_has_factor") else []))]


def _divider(rng: np.random.Generator) -> list[Row]:
    """Output voltage of a divider."""
    n = _R.whole(rng, "divider_resistor")
    inside = Row([Words("1 +"), Over(Words(f"R{n}"), Words(f"R{n + 1}"))])
    reference = pick(rng, ("V_{REF}", "V_{FB}", "1.25 V", "0.6V", "V_{ADJ}"))
    return [Row([Words("V_{OUT}"), Words("="), Words(reference), Words("×"), Fence(inside, pick(rng, ("()", "[]")))])]


def _corner(rng: np.random.Generator) -> list[Row]:
    """A frequency of resistors and capacitors."""
    bottom: Node = Words(pick(rng, ("2π RC", "2 × π × R_{F} × C_{F}", "1.4 R_{T} C_{T}", "2πR_{1}C_{1}")))
    if _R.chance(rng, "corner_has_root"):
        bottom = Row([Words("2π"), Root(Words(pick(rng, ("LC", "L × C_{OUT}", "R_{1}C_{1}R_{2}C_{2}"))))])
    name = pick(rng, ("f_{O}", "f_{C}", "f_{OSC}", "f_{P}", "ω_{O}", "f_{−3dB}"))
    return [Row([Words(name), Words("="), Over(Words("1"), bottom)])]


def _transfer(rng: np.random.Generator) -> list[Row]:
    """A transfer function with a fraction in the denominator."""
    middle = Over(Words("ω_{O}"), Words("Q"))
    bottom = Row([Words("S^{2} +"), middle, Words("S + ω_{O}^{2}")])
    return [Row([Over(Words("V_{O}"), Words("V_{I}")), Words("="), Over(Words("ω_{O}^{2}"), bottom)])]


def _linear(rng: np.random.Generator) -> list[Row]:
    """Lines without fractions, set like the text around them, the second continuing the first."""
    said = pick(rng, ("", "", "(max)", "(0 to 1 transition)", "(rms)", f"({_R.whole(rng, 'transition_lsb')} LSB)"))
    first: list[Node] = [Words(f"{_symbol(rng)} {said}".strip()), Words("="), _product(rng, 3)]
    rows = [Row(first)]
    for _ in range(_R.pick(rng, "further_linear_lines")):
        ends = (
            f"{_symbol(rng)} ({_R.whole(rng, 'part_of_128')}/128)",
            _value(rng),
            f"({_symbol(rng)} − {_symbol(rng)}) / {_symbol(rng)}",
        )
        start: list[Node] = [] if _R.chance(rng, "line_begins_with_equals") else [Words(_symbol(rng))]
        rows.append(Row([*start, Words("="), Words(pick(rng, ends))]))
    return rows


def _spelled(rng: np.random.Generator) -> list[Row]:
    """Quantities in words."""
    first, second, third = sample(rng, words.vocabulary("quantities"), 3)
    constant = pick(rng, ("32 × ", "", "2 · ", "16 × [256 − (TH1)] + ", "[(PR2) + 1] • 4 • "))
    left: Node = Words(first) if _R.chance(rng, "spelled_left_is_plain") else Over(Words("Modes 1 and 3"), Words(first))
    right: Node = (
        Over(Words(second), Words(constant + third))
        if _R.chance(rng, "spelled_right_is_fraction")
        else Words(f"{constant}{second} • {third}")
    )
    return [Row([left, Words("="), right])]


def _worked(rng: np.random.Generator) -> list[Row]:
    """A formula with its numbers put in and the result."""
    figures = Over(Words(f"{_value(rng)} − {_value(rng)}"), Words(_value(rng)))
    parts: list[Node] = [Words(_symbol(rng)), Words("="), Over(_product(rng), _product(rng, 1)), Words("="), figures]
    return [Row([*parts, Words("="), Words(_value(rng))])]


def _cases(rng: np.random.Generator) -> list[Row]:
    """A definition by cases, in running text."""
    bit, name = pick(rng, words.vocabulary("bits")), _symbol(rng)
    form = pick(rng, ("if {} = {}: ", "{} = {} (low range): ", "When {} = {}, "))
    return [Row([Words(f"{form.format(bit, value)}{name}"), Words("="), _product(rng, 3)]) for value in (1, 0)]


def _logic(rng: np.random.Generator) -> list[Row]:
    """A Boolean function."""
    a, b, c = sample(rng, ("A", "B", "C", "D", "CLK", "EN", "Q"), 3)
    return [
        Row([Words("Y"), Words("="), Words(pick(rng, (f"~{{{a} · {b}}} + {c}", f"{a} ⊕ {b}", f"~{{{a}}} + {b}{c}")))])
    ]


_KINDS: tuple[Callable[[np.random.Generator], list[Row]], ...] = (
    _algebra,
    _algebra,
    _algebra,
    _ratio,
    _ratio,
    _divider,
    _corner,
    _transfer,
    _linear,
    _linear,
    _linear,
    _spelled,
    _worked,
    _worked,
    _cases,
    _logic,
)
