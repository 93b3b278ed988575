"""Running headers in one piece, as labels have them: one box over a page's whole header, logo and all its texts.

A network finds a logo at one end of a line and a part number at the other as two headers, or a header's second line as
another one. What runs down a page's side is a header of its own.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from doclayout.clean import intersections
from doclayout.schema import Schema, load_schema

SURE = 0.5
"""Least score of what is put together."""
_APART = 0.5  # share of the smaller that two parts have in common at most; others are rival readings

FloatArray = npt.NDArray[np.float32]


def join_headers(
    boxes: FloatArray, scores: FloatArray, class_ids: npt.NDArray[np.int64], schema: Schema
) -> tuple[FloatArray, npt.NDArray[np.bool_]]:
    """Put the parts of each header together: those on one line, and those below each other that are near.

    Args:
        boxes: (n, 4) xyxy in any unit.
        scores: (n,) 0-1.
        class_ids: (n,) classes in `schema`.
        schema: names the classes; only headers of `datasheet21` are known to be labelled in one piece.

    Returns:
        the boxes (n, 4), in which a header's surest part has grown to the whole; and which ones (n,) remain.
    """
    grown, remains = boxes.copy(), np.ones(len(boxes), bool)
    if schema.names != load_schema().names:
        return grown, remains
    parts = np.flatnonzero((class_ids == schema.id_of("header")) & (scores >= SURE))
    parts = parts[np.argsort(-scores[parts], kind="stable")]
    for i in parts:
        others = [j for j in parts if j != i and remains[i] and remains[j]]
        while near := [j for j in others if remains[j] and _is_one_header(grown[i], grown[j])]:
            whole = grown[[i, *near]]
            grown[i] = *whole[:, :2].min(0), *whole[:, 2:].max(0)
            remains[near] = False
    return grown, remains


def _is_one_header(a: FloatArray, b: FloatArray) -> bool:
    """Tell whether two boxes are on one line, or one below the other no farther off than the higher one is high."""
    size_a, size_b = a[2:] - a[:2], b[2:] - b[:2]
    if (size_a[0] < size_a[1]) != (size_b[0] < size_b[1]):
        return False
    common = float(intersections(a[None], b[None])[0, 0])
    if common > _APART * min(size_a.prod(), size_b.prod()):
        return False
    down = int(size_a[0] >= size_a[1])  # the axis across the line: 1, or 0 where it runs down the page
    gaps = np.maximum(a[:2], b[:2]) - np.minimum(a[2:], b[2:])
    return bool(gaps[down] < 0 or (gaps[1 - down] < 0 and gaps[down] <= max(size_a[down], size_b[down])))
