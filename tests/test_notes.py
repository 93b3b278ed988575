import pytest

from doclayout.schema import load_schema
from doclayout.structure import find_structure

S = load_schema()


def note(y, x=10, width=40):
    return ("footnote", x, y, x + width, y + 4)


def table(y, x=10, width=80):
    return ("table", x, y, x + width, y + 20)


@pytest.mark.parametrize(
    ("regions", "expected"),
    [
        ([], []),
        ([note(10)], [None]),
        # below, also of the nearer of two, and of the one in its own column
        ([table(10), note(31)], [None, 0]),
        ([table(10), table(40), note(61)], [None, None, 1]),
        ([table(10, 5, 40), table(20, 52, 40), note(31, 5, 38)], [None, None, 0]),
        # between a figure and its caption, below the caption, and below another note
        ([("figure", 10, 10, 60, 30), note(33), ("caption", 20, 39, 50, 41)], [None, 0, None]),
        ([("figure", 10, 10, 60, 30), ("caption", 20, 32, 50, 34), note(36)], [None, None, 0]),
        ([table(10), note(31), note(36)], [None, 0, 0]),
        # right above a table, far from another
        ([table(10), note(36), table(40.5)], [None, 2, None]),
        ([table(10), note(31), table(36)], [None, 0, None]),
        # beyond text or a heading; far away
        ([table(10), ("text", 10, 32, 90, 40), note(42)], [None, None, None]),
        ([table(10), ("heading", 10, 32, 30, 34), note(36), ("text", 10, 50, 90, 60)], [None] * 4),
        ([table(10), note(50), ("text", 10, 60, 90, 70)], [None, None, None]),
        # text in another column does not part them
        ([table(10, 5, 40), ("text", 52, 31, 95, 40), note(33, 5, 38)], [None, None, 0]),
        # the last thing on the page is a note of the page, unless it is close
        ([table(10), note(38), ("footer", 10, 95, 90, 98)], [None, None, None]),
        ([table(10), note(38), ("text", 10, 50, 90, 60)], [None, 0, None]),
    ],
)
def test_notes_find_what_they_note(regions, expected):
    ids, boxes = [S.id_of(name) for name, *_ in regions], [box for _, *box in regions]
    assert find_structure(boxes, ids, S, 100, 100).notes == expected
