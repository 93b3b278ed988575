"""Short draws from a numpy generator; drawing code asks for thousands of them a page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import numpy as np

T = TypeVar("T")


def pick(rng: np.random.Generator, items: Sequence[T]) -> T:
    """Return one item, each as likely."""
    return items[int(rng.random() * len(items))]


def chance(rng: np.random.Generator, probability: float) -> bool:
    """Return True with the given probability."""
    return bool(rng.random() < probability)


def uniform(rng: np.random.Generator, low: float, high: float) -> float:
    """Return a float in [low, high)."""
    return low + (high - low) * float(rng.random())


def whole(rng: np.random.Generator, low: int, high: int) -> int:
    """Return an integer in [low, high], both ends included."""
    return low + int(rng.random() * (high - low + 1))


def sample(rng: np.random.Generator, items: Sequence[T], count: int) -> list[T]:
    """Return `count` items in random order: different ones while they last, then again from the start."""
    if not items:
        return []
    out: list[T] = []
    while len(out) < count:
        order = rng.permutation(len(items))
        out.extend(items[int(i)] for i in order[: count - len(out)])
    return out
