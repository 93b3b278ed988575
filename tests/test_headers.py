"""Parts of running headers; boxes are xyxy on a page of 600 x 800."""

import numpy as np
import pytest

from doclayout.headers import join_headers
from doclayout.postprocess import postprocess
from doclayout.schema import load_schema

SCHEMA = load_schema()
HEADER, TEXT = SCHEMA.id_of("header"), SCHEMA.id_of("text")
LOGO, PART = (40, 20, 120, 50), (400, 30, 560, 45)


def joined(*rows, schema=SCHEMA):
    """Return what remains of rows (box, score, class), as a set of boxes."""
    boxes = np.array([box for box, *_ in rows], np.float32).reshape(-1, 4)
    scores, ids = np.array([s for _, s, _ in rows], np.float32), np.array([k for *_, k in rows], np.int64)
    grown, remain = join_headers(boxes, scores, ids, schema)
    return {tuple(box) for box in grown[remain].astype(int).tolist()}


def test_what_stands_on_one_line_is_one_header():
    assert joined((PART, 0.9, HEADER), (LOGO, 0.8, HEADER)) == {(40, 20, 560, 50)}
    assert joined((LOGO, 0.6, HEADER), ((200, 40, 300, 48), 0.7, HEADER), (PART, 0.9, HEADER)) == {(40, 20, 560, 50)}


def test_the_surest_part_grows():
    boxes = np.array([LOGO, PART], np.float32)
    grown, remain = join_headers(boxes, np.array([0.6, 0.9], np.float32), np.array([HEADER, HEADER]), SCHEMA)
    assert remain.tolist() == [False, True]
    assert grown[1].tolist() == [40, 20, 560, 50]
    assert boxes.tolist() == [list(LOGO), list(PART)]


@pytest.mark.parametrize(
    ("second", "one"),
    [
        ((60, 75, 500, 85), True),  # a second line below the rule, 25 under a logo of 30
        ((60, 85, 500, 95), False),  # farther off
        ((300, 65, 500, 75), False),  # below, but beside
        ((570, 100, 590, 400), False),  # down the page's side
        ((45, 22, 110, 48), False),  # a rival reading of the same place
        ((100, 30, 300, 45), True),  # which overlaps a little
    ],
)
def test_where_parts_stand(second, one):
    assert len(joined((LOGO, 0.9, HEADER), (second, 0.8, HEADER))) == (1 if one else 2)


def test_pieces_down_the_side_are_one():
    assert joined(((570, 100, 590, 300), 0.9, HEADER), ((572, 350, 588, 500), 0.8, HEADER)) == {(570, 100, 590, 500)}


def test_a_whole_made_of_two_takes_in_a_third():
    """The third is too far below the logo, but not below the line that it forms with a higher part."""
    assert joined((LOGO, 0.9, HEADER), ((400, 10, 560, 60), 0.8, HEADER), ((60, 95, 300, 105), 0.7, HEADER)) == {
        (40, 10, 560, 105)
    }


def test_others_stay():
    rows = (LOGO, 0.9, HEADER), (PART, 0.4, HEADER)
    assert len(joined(*rows)) == 2
    assert len(joined((LOGO, 0.9, HEADER), (PART, 0.9, TEXT))) == 2
    assert len(joined((LOGO, 0.9, HEADER), (PART, 0.9, HEADER), schema=load_schema("doclaynet11"))) == 2
    assert joined() == set()


@pytest.mark.parametrize(("clean", "count"), [(True, 1), (False, 2)])
def test_in_postprocessing(clean, count):
    boxes, ids = np.array([LOGO, PART], np.float32), np.array([HEADER, HEADER])
    found, scores, _ = postprocess(boxes, np.array([0.6, 0.9], np.float32), ids, SCHEMA, clean=clean)
    assert len(found) == count
    assert scores[0] == pytest.approx(0.9)
