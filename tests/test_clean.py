import numpy as np
import pytest

from doclayout.clean import clean_boxes, intersections

TEXT, LIST, TABLE = 2, 3, 4

# per row: boxes as (xyxy, score, class) in any order; then (index, new score) of those that remain, best first
CASES = {
    "nothing": ([], []),
    "one": ([((0, 0, 10, 10), 0.5, TEXT)], [(0, 0.5)]),
    "apart": (
        [((0, 0, 10, 10), 0.5, TEXT), ((20, 0, 30, 10), 0.9, TEXT)],
        [(1, 0.9), (0, 0.5)],
    ),
    "touching edges": (
        [((0, 0, 10, 10), 0.5, TEXT), ((10, 0, 20, 10), 0.9, TEXT)],
        [(1, 0.9), (0, 0.5)],
    ),
    "same class, IoU 0.8": (  # rule 1
        [((0, 0, 10, 10), 0.5, TEXT), ((0, 0, 10, 8), 0.9, TEXT)],
        [(1, 0.9)],
    ),
    "same class, IoU 0.5, neither inside the other": (
        [((0, 0, 10, 12), 0.5, TEXT), ((0, 4, 10, 16), 0.9, TEXT)],
        [(1, 0.9), (0, 0.5)],
    ),
    "other class, same place": (  # rule 2: 0.5 × (1 − 0.9)
        [((0, 0, 10, 10), 0.5, TEXT), ((0, 0, 10, 8), 0.9, LIST)],
        [(1, 0.9), (0, 0.05)],
    ),
    "part of a better whole": (
        [((0, 0, 100, 100), 0.8, TABLE), ((10, 10, 20, 20), 0.5, TEXT)],
        [(0, 0.8), (1, 0.1)],
    ),
    "half of it outside the better whole": (
        [((0, 0, 100, 100), 0.8, TABLE), ((90, 10, 110, 20), 0.5, TEXT)],
        [(0, 0.8), (1, 0.5)],
    ),
    "part of a whole that better parts have put down": (  # the whole: 0.6 × 0.1; the last part: 0.5 × (1 − 0.06)
        [
            ((0, 0, 50, 40), 0.9, TABLE),
            ((50, 0, 100, 40), 0.9, TABLE),
            ((0, 0, 100, 60), 0.6, LIST),
            ((0, 50, 30, 60), 0.5, TEXT),
        ],
        [(0, 0.9), (1, 0.9), (3, 0.47), (2, 0.06)],
    ),
    "whole of two better parts": (  # rivals are the parts: 0.5 × (1 − 0.9)
        [((0, 0, 10, 5), 0.9, TEXT), ((0, 5, 10, 10), 0.8, TEXT), ((0, 0, 10, 12), 0.5, TABLE)],
        [(0, 0.9), (1, 0.8), (2, 0.05)],
    ),
    "whole of one better part": (
        [((0, 0, 10, 5), 0.9, TEXT), ((0, 0, 10, 12), 0.5, TABLE)],
        [(0, 0.9), (1, 0.5)],
    ),
    "whole of parts that cover little": (
        [((0, 0, 10, 2), 0.9, TEXT), ((0, 8, 10, 10), 0.8, TEXT), ((0, 0, 10, 12), 0.5, TABLE)],
        [(0, 0.9), (1, 0.8), (2, 0.5)],
    ),
    "worse parts of a better whole": (
        [((0, 0, 10, 5), 0.4, TEXT), ((0, 5, 10, 10), 0.2, TEXT), ((0, 0, 10, 10), 0.5, TABLE)],
        [(2, 0.5), (0, 0.2), (1, 0.1)],
    ),
    "order follows the new scores": (
        [((0, 0, 10, 10), 0.9, TEXT), ((0, 0, 10, 9), 0.8, LIST), ((50, 0, 60, 10), 0.3, TEXT)],
        [(0, 0.9), (2, 0.3), (1, 0.08)],
    ),
    "equal scores keep the first": (
        [((0, 0, 10, 10), 0.5, TEXT), ((0, 0, 10, 10), 0.5, TEXT)],
        [(0, 0.5)],
    ),
    "no area": (
        [((5, 5, 5, 5), 0.5, TEXT), ((0, 0, 10, 10), 0.4, TEXT)],
        [(0, 0.5), (1, 0.4)],
    ),
}


@pytest.mark.parametrize(("rows", "expected"), CASES.values(), ids=CASES)
def test_rules(rows, expected):
    boxes = np.array([row[0] for row in rows], np.float32).reshape(-1, 4)
    kept, scores = clean_boxes(boxes, np.array([r[1] for r in rows], np.float32), np.array([r[2] for r in rows], int))
    assert kept.tolist() == [index for index, _ in expected]
    np.testing.assert_allclose(scores, [score for _, score in expected], atol=1e-6)


def test_input_is_left_alone():
    boxes, scores = np.array([[0, 0, 10, 10], [0, 0, 10, 9]], np.float32), np.array([0.5, 0.9], np.float32)
    clean_boxes(boxes, scores, np.array([TEXT, LIST]))
    assert scores.tolist() == pytest.approx([0.5, 0.9])


def test_intersections():
    a = np.array([[0, 0, 10, 10], [20, 20, 30, 30]], np.float32)
    b = np.array([[5, 5, 15, 15], [0, 0, 10, 10], [10, 10, 20, 20]], np.float32)
    assert intersections(a, b).tolist() == [[25, 100, 0], [0, 0, 0]]
    assert intersections(a[:0], b).shape == (0, 3)
