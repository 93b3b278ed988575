"""Ranges, probabilities and choices of drawings, from cfg/synth."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from doclayout.config import load_cfg
from doclayout.errors import SynthError
from synth.elements import dice


class Ranges:
    """The numbers of one family of drawings.

    Args:
        file: of cfg/synth, without its suffix.
        family: the part of that file.
    """

    def __init__(self, file: str, family: str) -> None:
        self._file, self._family = file, family

    def uniform(self, rng: np.random.Generator, name: str) -> float:
        """Return a float of a range [low, high).

        Raises:
            SynthError: there is no such range.
        """
        return dice.uniform(rng, *_range(self._file, self._family, name))

    def whole(self, rng: np.random.Generator, name: str) -> int:
        """Return an integer of a range [low, high], both ends included.

        Raises:
            SynthError: there is no such range of integers.
        """
        low, high = _range(self._file, self._family, name)
        if low % 1 or high % 1:
            raise _wrong(self._file, self._family, name, "a pair of integers")
        return dice.whole(rng, int(low), int(high))

    def chance(self, rng: np.random.Generator, name: str) -> bool:
        """Return True with the named probability.

        Raises:
            SynthError: there is no such probability.
        """
        return dice.chance(rng, _probability(self._file, self._family, name))

    def pick(self, rng: np.random.Generator, name: str) -> Any:
        """Return one item of a list, each as likely.

        Raises:
            SynthError: there is no such list.
        """
        return dice.pick(rng, _choices(self._file, self._family, name))


def _entry(file: str, family: str, name: str) -> Any:
    try:
        return load_cfg(f"synth/{file}.yaml")[family][name]
    except KeyError:
        raise SynthError(f"cfg/synth/{file}.yaml has no {family}.{name}") from None


@cache
def _range(file: str, family: str, name: str) -> tuple[float, float]:
    entry = _entry(file, family, name)
    if not (isinstance(entry, list) and len(entry) == 2 and all(map(_number, entry)) and entry[0] <= entry[1]):
        raise _wrong(file, family, name, "a range [low, high]")
    return entry[0], entry[1]


@cache
def _probability(file: str, family: str, name: str) -> float:
    entry = _entry(file, family, name)
    if not (_number(entry) and 0 <= entry <= 1):
        raise _wrong(file, family, name, "a probability from 0 to 1")
    return float(entry)


@cache
def _choices(file: str, family: str, name: str) -> list[Any]:
    entry = _entry(file, family, name)
    if not (isinstance(entry, list) and entry):
        raise _wrong(file, family, name, "a list of choices")
    return entry


def _number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _wrong(file: str, family: str, name: str, what: str) -> SynthError:
    return SynthError(f"cfg/synth/{file}.yaml: {family}.{name} is {_entry(file, family, name)!r}; it has to be {what}")
