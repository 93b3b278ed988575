"""Believable wording: part numbers, sentences, values; vocabulary from cfg/synth/content.yaml."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, cast

import numpy as np

from doclayout.config import load_cfg
from synth.elements.dice import pick, uniform
from synth.elements.ranges import Ranges

_R = Ranges("typesetting", "words")

_LANGUAGE: ContextVar[str] = ContextVar("language", default="en")


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Draw words of `en`, `zh`, `ja` or `de` inside; what a language lacks is said in English."""
    token = _LANGUAGE.set(language)
    try:
        yield
    finally:
        _LANGUAGE.reset(token)


def content(name: str) -> Any:
    """Return one entry of the vocabulary in the language now spoken."""
    language = _LANGUAGE.get()
    if language != "en":
        own = load_cfg(f"synth/content_{language}.yaml")
        if name in own:
            return own[name]
    return load_cfg("synth/content.yaml")[name]


def vocabulary(name: str) -> list[Any]:
    """Return one list of the vocabulary."""
    return cast("list[Any]", content(name))


def term(text: str) -> str:
    """Return a table heading in the language now spoken."""
    return str(content("terms").get(text.lower(), text))


def part_number(rng: np.random.Generator) -> str:
    """Return a number such as `LMV3184A`."""
    return f"{pick(rng, vocabulary('prefixes'))}{_R.whole(rng, 'part_number')}{pick(rng, vocabulary('suffixes'))}"


def number(rng: np.random.Generator, low: float, high: float) -> str:
    """Return a value in the range with a sensible count of digits."""
    value = uniform(rng, low, high)
    if abs(value) >= 30:
        return f"{round(value / 5) * 5:.0f}".replace("-", "−")
    return f"{value:.{0 if abs(value) > 12 else 1 if abs(value) > 2 else 2}f}".replace("-", "−")


def fill(rng: np.random.Generator, template: str, part: str) -> str:
    """Fill the slots of one vocabulary line."""
    if "{" not in template:
        return template
    slots = {
        "part": part,
        "adj": pick(rng, vocabulary("adjectives")),
        "adj2": pick(rng, vocabulary("adjectives")),
        "noun": pick(rng, vocabulary("nouns")),
        "noun2": pick(rng, vocabulary("nouns")),
        "noun3": pick(rng, vocabulary("nouns")),
        "verb": pick(rng, vocabulary("verbs")),
        "n": str(_R.whole(rng, "small_count")),
        "i": str(_R.whole(rng, "large_count")),
        "b": str(_R.whole(rng, "bit")),
        "k": str(_R.pick(rng, "package_pins")),
        "v": number(rng, *_R.span("low_voltage")),
        "w": number(rng, *_R.span("high_voltage")),
    }
    for name, value in slots.items():
        template = template.replace("{" + name + "}", value)
    return template


def sentence(rng: np.random.Generator, part: str) -> str:
    """Return one sentence of prose."""
    text = fill(rng, pick(rng, vocabulary("openers")), part)
    for _ in range(_R.whole(rng, "further_clauses")):
        text += content("joint") + fill(rng, pick(rng, vocabulary("clauses")), part)
    return str(text + content("stop"))


def paragraph(rng: np.random.Generator, part: str, sentences: int) -> str:
    """Return some sentences of prose."""
    return " ".join(sentence(rng, part) for _ in range(sentences))


def lines(rng: np.random.Generator, name: str, part: str, count: int) -> list[str]:
    """Return `count` filled lines of a vocabulary list, different while they last."""
    pool = vocabulary(name)
    order = rng.permutation(len(pool))
    return [fill(rng, pool[int(order[i % len(pool)])], part) for i in range(count)]


def heading(rng: np.random.Generator, topic: str) -> str:
    """Return a section heading for a topic of the vocabulary."""
    return str(pick(rng, content("headings")[topic]))


def figure_title(rng: np.random.Generator, topic: str) -> str:
    """Return a figure's title for a topic of the vocabulary, some with the circumstances."""
    title = str(pick(rng, content("titles")[topic]))
    if _R.chance(rng, "title_has_conditions"):
        title += pick(rng, (", ", " – ", " (")) + str(pick(rng, vocabulary("conditions")))
        title += ")" if "(" in title and ")" not in title else ""
    return title


def date(rng: np.random.Generator) -> str:
    """Return a date in one of the usual spellings."""
    months = ("January", "March", "April", "June", "July", "September", "October", "November", "December")
    month, year = pick(rng, months), _R.whole(rng, "year")
    return pick(
        rng,
        (
            f"{month} {year}",
            f"{_R.whole(rng, 'day')} {month} {year}",
            f"{month[:3]}. {year}",
            f"{year}-{_R.whole(rng, 'month'):02d}",
        ),
    )
