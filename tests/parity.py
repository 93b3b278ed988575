"""Whether two runs of a network found the same."""

from __future__ import annotations

import numpy as np

BOX = 0.5
SCORE = 1e-3


def assert_same_detections(a: np.ndarray, b: np.ndarray, conf: float) -> None:
    """Fail unless each detection of one side has a partner of its own on the other.

    Detections are rows of x0, y0, x1, y1 in pixels, score and class; those with a score of `conf` need a partner of the
    same class, with edges within 0.5 px and a score within 1e-3, whatever the order.
    """
    for one, other in ((a, b), (b, a)):
        free = np.ones(len(other), bool)
        for row in one[one[:, 4] >= conf]:
            near = free & (np.abs(other[:, :4] - row[:4]).max(1) <= BOX) & (other[:, 5] == row[5])
            near &= np.abs(other[:, 4] - row[4]) <= SCORE
            assert near.any(), f"{row} has no partner"
            free[np.flatnonzero(near)[np.abs(other[near, 4] - row[4]).argmin()]] = False
