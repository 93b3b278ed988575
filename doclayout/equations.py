"""Equation numbers: "(3)" at the end of an equation's line belongs to the equation, as labels of datasheets have it.

Between the two there is often half a line of blank, and a network that sees the page reduced ends its box where the
equation does. The text layer tells where the number is.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from doclayout.clean import INSIDE, intersections
from doclayout.schema import Schema, load_schema

_NUMBER = re.compile(r"[(\[]\s*((eq|eqn|equation)\b\.?\s*)?\d{1,3}([.-]\d{1,3})?[a-z]?\s*[)\]]", re.IGNORECASE)
_LIKELY = 0.02  # score of an equation from which its number is looked for
_SURE = 0.5  # and of other regions, which no equation reaches into
_READING = 0.5  # share of an equation that rival readings of it cover at least
_BLANK = 0.5  # the gap, in heights of a line, up to which two words are parts of one number
_APART = 1.5  # and the one from which what follows is not of the number's line

FloatArray = npt.NDArray[np.float32]


def take_in_numbers(
    boxes: FloatArray, scores: FloatArray, class_ids: npt.NDArray[np.int64], schema: Schema,
    words: Callable[[], FloatArray], openings: Callable[[FloatArray], list[str]],
) -> FloatArray:  # fmt: skip
    """Move the right edges of equations to the ends of their numbers.

    A number stands alone at the right of the equation, with nothing between, and no other region reaches in there.

    Args:
        boxes: (n, 4) xyxy in pixels.
        scores: (n,) 0-1, of the network: words of an equation without its number may speak against it.
        class_ids: (n,) classes in `schema`.
        schema: names the classes; only equations of `datasheet21` are known to be labelled with their numbers.
        words: gives the boxes (m, 4) of the words of the text layer; asked for only where there are equations.
        openings: gives what stands in boxes (k, 4).

    Returns:
        (n, 4); other boxes are as they were.
    """
    if schema.names != load_schema().names:
        return boxes
    equations = np.flatnonzero((class_ids == schema.id_of("formula")) & (scores >= _LIKELY))
    layer = words() if len(equations) else np.zeros((0, 4), np.float32)
    longer = boxes.copy()
    for i in equations:
        last = _at_the_right(boxes[i], layer)
        if last is not None and _NUMBER.fullmatch(openings(last[None])[0].strip()):
            longer[i, 2] = last[2]
            if _reaches_into_another(boxes[i], longer[i], boxes[scores >= _SURE]):
                longer[i] = boxes[i]
    return longer


def _at_the_right(equation: FloatArray, words: FloatArray) -> FloatArray | None:
    """Return the box (4,) of what stands next on an equation's line, to its right and alone; `None` without any."""
    x, y = (words[:, 0] + words[:, 2]) / 2, (words[:, 1] + words[:, 3]) / 2
    line = words[(x > equation[2]) & (y > equation[1]) & (y < equation[3])]
    if not len(line):
        return None
    line = line[np.argsort(line[:, 0], kind="stable")]
    gaps = (line[1:, 0] - np.maximum.accumulate(line[:, 2])[:-1]) / max(line[0, 3] - line[0, 1], 1e-6)
    ends = np.flatnonzero(gaps > _BLANK)
    if len(ends) and gaps[ends[0]] < _APART:
        return None
    run = line[: ends[0] + 1] if len(ends) else line
    return np.concatenate([run[:, :2].min(0), run[:, 2:].max(0)])


def _reaches_into_another(equation: FloatArray, longer: FloatArray, others: FloatArray) -> bool:
    """Tell whether what an equation grows by is in a region that goes on beyond it and is no reading of the equation.

    Args:
        equation: (4,) xyxy.
        longer: (4,) the same with its number.
        others: (m, 4) regions.
    """
    gained = np.array([equation[2], *longer[1:]], np.float32)
    before, after, gain = (intersections(others, box[None])[:, 0] for box in (equation, longer, gained))
    area, own = (np.maximum((box[..., 2:] - box[..., :2]).prod(-1), 1e-6) for box in (others, equation))
    return bool(((gain > 0) & (after < INSIDE * area) & (before < _READING * own)).any())
