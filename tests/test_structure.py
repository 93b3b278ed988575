import pytest

from doclayout.layout import Page
from doclayout.schema import load_schema
from doclayout.structure import find_structure

S = load_schema()


def sections(*regions):
    ids, boxes = [S.id_of(name) for name, *_ in regions], [box for _, *box in regions]
    return find_structure(boxes, ids, S, 100, 100).sections


@pytest.mark.parametrize(
    ("regions", "expected"),
    [
        ([], []),
        # what comes before the first heading, the title and furniture are in no section
        (
            [("header", 10, 2, 90, 4), ("text", 10, 8, 90, 12), ("heading", 10, 14, 30, 16), ("text", 10, 18, 90, 30),
             ("footer", 10, 96, 90, 98)],
            [None, None, None, 2, None],
        ),
        ([("title", 10, 5, 90, 10), ("heading", 10, 14, 30, 16), ("list", 10, 18, 90, 30)], [None, None, 1]),
        # a section goes on in the next column, up to a heading there
        (
            [("heading", 10, 10, 30, 12), ("text", 10, 14, 48, 60), ("text", 52, 10, 90, 30),
             ("heading", 52, 34, 70, 36), ("text", 52, 38, 90, 60)],
            [None, 0, 0, None, 3],
        ),
        # a caption and a note go with their table, a note of the page with nothing
        (
            [("heading", 10, 10, 30, 12), ("caption", 10, 16, 40, 18), ("table", 10, 19, 90, 40),
             ("footnote", 10, 41, 50, 44), ("text", 10, 50, 90, 60), ("footnote", 10, 80, 50, 84)],
            [None, 0, 0, 0, 0, None],
        ),
        # a tab at the edge
        (
            [("heading", 10, 10, 30, 12), ("text", 10, 14, 90, 40), ("text", 10, 44, 90, 80), ("text", 95, 30, 98, 60)],
            [None, 0, 0, None],
        ),
    ],
)  # fmt: skip
def test_regions_stand_under_headings(regions, expected):
    assert sections(*regions) == expected


def test_regions_know_their_links():
    regions = [
        ("heading", 10, 10, 30, 12), ("caption", 10, 16, 40, 18), ("table", 10, 19, 90, 40),
        ("caption", 10, 41, 40, 43), ("footnote", 10, 45, 50, 48), ("heading", 10, 60, 30, 62),
        ("text", 10, 64, 90, 70),
    ]  # fmt: skip
    ids, boxes = [S.id_of(name) for name, *_ in regions], [box for _, *box in regions]
    page = Page.from_boxes(1, 100, 100, "pt", boxes, [1] * len(ids), ids, S)
    heading, _, table, _, note, *_ = page.regions
    assert [r.caption_of for r in page.regions] == [None, "p1r2", None, "p1r2", None, None, None]
    assert table.captions == ("p1r1", "p1r3")
    assert note.note_of == table.id
    assert [r.id for r in page.section(heading)] == ["p1r1", "p1r2", "p1r3", "p1r4"]
    assert [r.id for r in page.section(page.regions[5])] == ["p1r6"]
    assert page.section(table) == []
