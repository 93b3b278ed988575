import numpy as np
import pytest

from doclayout.postprocess import postprocess
from doclayout.schema import load_schema

SCHEMA = load_schema()
HEADING, TEXT = SCHEMA.id_of("heading"), SCHEMA.id_of("text")
BOXES = np.array([(96, 297, 425, 314), (97, 298, 424, 315), (96, 500, 300, 520)], np.float32)
SCORES = np.array([0.5, 0.9, 0.3], np.float32)
IDS = np.array([HEADING, HEADING, TEXT])


def lined_page() -> np.ndarray:
    """A line of print at (100, 300, 420, 312)."""
    page = np.full((1280, 906, 3), 255, np.uint8)
    for x in range(100, 420, 8):
        page[300:312, x : x + 4] = 0
    page[300:312, 416:420] = 0
    return page


@pytest.mark.parametrize(
    ("options", "boxes", "scores"),
    [
        ({"clean": False}, BOXES[[1, 0, 2]], [0.9, 0.5, 0.3]),  # by falling score, else as they came
        ({}, BOXES[[1, 2]], [0.9, 0.3]),  # the same reading twice goes
        ({"conf": 0.4}, BOXES[[1]], [0.9]),
        ({"conf": np.where(np.arange(21) == TEXT, 0.2, 0.95)}, BOXES[[2]], [0.3]),  # one for each class
        ({"max_det": 1}, BOXES[[1]], [0.9]),
        ({"image": lined_page()}, [(100, 300, 420, 312), BOXES[2]], [0.9, 0.3]),  # snapped where there is ink
    ],
)
def test_steps(options, boxes, scores):
    found, left, ids = postprocess(BOXES, SCORES, IDS, SCHEMA, **options)
    np.testing.assert_allclose(found, boxes, atol=0.7 if "image" in options else 0)
    np.testing.assert_allclose(left, scores)
    assert len(ids) == len(found) and set(ids) <= {HEADING, TEXT}


def test_boxes_under_their_own_threshold_take_no_place():
    boxes = np.array([(0, 0, 100, 100), (0, 0, 100, 103), (300, 0, 400, 100)], np.float32)
    least = np.where(np.arange(21) == TEXT, 0.79, 0.02).astype(np.float32)
    scores, ids = np.array([0.9, 0.8, 0.05], np.float32), np.array([HEADING, TEXT, HEADING])
    found, _, _ = postprocess(boxes, scores, ids, SCHEMA, conf=least, max_det=2)  # the second yields to the first
    assert found.tolist() == boxes[[0, 2]].tolist()


def test_nothing_found():
    found, scores, ids = postprocess(np.zeros((0, 4), np.float32), SCORES[:0], IDS[:0], SCHEMA, lined_page())
    assert found.shape == (0, 4) and scores.shape == ids.shape == (0,)
