"""Ranges, probabilities and choices of drawings, from cfg/synth."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from doclayout.config import load_cfg
from doclayout.errors import SynthError
from synth.elements import dice


class Ranges:
    """The numbers of one family of drawings.

    Every method raises a SynthError where there is no such setting, or one of another kind.

    Args:
        file: of cfg/synth, without its suffix.
        family: the part of that file.
    """

    def __init__(self, file: str, family: str) -> None:
        self._place = file, family

    def span(self, name: str) -> tuple[float, float]:
        """Return the ends of a range."""
        low, high = _checked(*self._place, name, "a range [low, high]")
        return low, high

    def uniform(self, rng: np.random.Generator, name: str) -> float:
        """Return a float of a range [low, high)."""
        return dice.uniform(rng, *self.span(name))

    def whole(self, rng: np.random.Generator, name: str) -> int:
        """Return an integer of a range [low, high], both ends included."""
        return dice.whole(rng, *_checked(*self._place, name, "a range [low, high] of integers"))

    def chance(self, rng: np.random.Generator, name: str) -> bool:
        """Return True with the named probability."""
        return dice.chance(rng, _checked(*self._place, name, "a probability from 0 to 1"))

    def pick(self, rng: np.random.Generator, name: str) -> Any:
        """Return one item of a list, each as likely."""
        return dice.pick(rng, _checked(*self._place, name, "a list of choices"))


def _is_range(entry: Any, *kinds: type) -> bool:
    return isinstance(entry, list) and len(entry) == 2 and all(type(v) in kinds for v in entry) and entry[0] <= entry[1]


_CHECKS: dict[str, Callable[[Any], bool]] = {
    "a range [low, high]": lambda entry: _is_range(entry, int, float),
    "a range [low, high] of integers": lambda entry: _is_range(entry, int),
    "a probability from 0 to 1": lambda entry: type(entry) in (int, float) and 0 <= entry <= 1,
    "a list of choices": lambda entry: isinstance(entry, list) and len(entry) > 0,
}


@cache
def _checked(file: str, family: str, name: str, what: str) -> Any:
    """Return a setting that is `what` it should be, one of `_CHECKS`."""
    try:
        entry = load_cfg(f"synth/{file}.yaml")[family][name]
    except KeyError:
        raise SynthError(f"cfg/synth/{file}.yaml has no {family}.{name}") from None
    if not _CHECKS[what](entry):
        raise SynthError(f"cfg/synth/{file}.yaml: {family}.{name} is {entry!r}; it has to be {what}")
    return entry
