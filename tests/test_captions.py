import pytest

from doclayout.schema import Schema, load_schema
from doclayout.structure import find_structure

S = load_schema()


def links(*regions, schema=S):
    """Link (class name, x0, y0, x1, y1) regions of a 100 x 100 page."""
    ids = [schema.id_of(region[0]) for region in regions]
    return find_structure([region[1:] for region in regions], ids, schema, 100, 100).captions


def plot(y, x=10):
    return ("characteristic_curve", x, y, x + 30, y + 20)


def caption(y, x=12):
    return ("caption", x, y, x + 20, y + 2)


@pytest.mark.parametrize(
    ("regions", "expected"),
    [
        # nothing to link, or nothing to link to
        ([], []),
        ([plot(10)], [None]),
        ([caption(10), ("text", 10, 14, 40, 30)], [None, None]),
        # below, above, at the right, inside
        ([plot(10), caption(31)], [None, 0]),
        ([caption(10), plot(13)], [1, None]),
        ([plot(10), ("caption", 42, 15, 55, 20)], [None, 0]),
        ([plot(10), caption(15)], [None, 0]),
        # a stack with captions below, and one with captions above: each touches two plots
        ([plot(10), caption(31), plot(34), caption(55), plot(58), caption(79)], [None, 0, None, 2, None, 4]),
        ([caption(10), plot(13), caption(34), plot(37), caption(58), plot(61)], [1, None, 3, None, 5, None]),
        # tables have a habit of their own
        ([("table", 10, 10, 90, 30), caption(5), plot(40), caption(61)], [None, 0, None, 2]),
        # a grid: sideways neighbours do not mix
        ([plot(10), plot(10, 50), caption(31, 52), caption(31)], [None, None, 1, 0]),
        # a title above and a number below the same drawing; a title over each title
        ([caption(10), plot(13), caption(34)], [1, None, 1]),
        ([caption(10), caption(14), plot(17)], [2, 2, None]),
        # too far; behind a heading
        ([plot(10), caption(60)], [None, None]),
        ([plot(10), caption(40), ("heading", 10, 44, 20, 46), ("table", 8, 48, 60, 70)], [None, 0, None, None]),
        # a column of captions above beside one of captions below
        (
            [plot(10), caption(31), plot(34), caption(55), caption(7, 52), plot(10, 50), caption(31, 52), plot(34, 50)],
            [None, 0, None, 2, 5, None, 7, None],
        ),
        # behind a heading that stands at the left of both
        (
            [plot(10, 30), ("heading", 10, 32, 20, 34), caption(36, 32), plot(40, 30), caption(61, 32)],
            [None, None, 3, None, 3],
        ),
        # an equation with its number above, beside a figure in the other column
        ([caption(50, 52), ("formula", 50, 53, 90, 60), plot(45, 15), caption(42, 15)], [1, None, None, 2]),
    ],
)
def test_captions_find_what_they_describe(regions, expected):
    assert links(*regions) == expected


@pytest.mark.parametrize(
    ("opening", "expected"),
    [
        ("", 2), ("Overview", 2), ("Table 3. Bits", 2), ("TABLE 3", 2), ("表5 制", 2),
        ("Figure 1", 0), ("Fig. 2: Timing", 0), ("图 3", 0), ("(TOP VIEW)", 0), ("8-Pin SOIC (150 mil)", 0),
        ("SOT-223\r\n(SIDE VIEW)", 0), ("Total supply", 2), ("To be fixed", 2), ("Table 4. TOP VIEW", 2),
        ("Abbildung 4", 0),
    ],
)  # fmt: skip
def test_the_first_word_tells_figures_from_tables(opening, expected):
    boxes = [[10, 10, 90, 40], [20, 44, 60, 46], [10, 47, 90, 70]]
    ids = [S.id_of(name) for name in ("circuit_diagram", "caption", "table")]
    assert find_structure(boxes, ids, S, 100, 100, ["", opening, ""]).captions[1] == expected


def test_a_figure_reaches_its_caption_across_a_table():
    boxes = [[10, 5, 90, 30], [10, 31, 90, 60], [30, 61, 70, 63]]
    ids = [S.id_of(name) for name in ("timing_diagram", "parameter_table", "caption")]
    assert find_structure(boxes, ids, S, 100, 100, ["", "", "Figure 20: Timing"]).captions[2] == 0
    assert find_structure(boxes, ids, S, 100, 100).captions[2] == 1


def test_the_order_of_the_regions_does_not_matter():
    regions = [plot(10), caption(31), plot(34), caption(55), plot(58), caption(79)]
    backwards = links(*regions[::-1])
    assert [None if k is None else 5 - k for k in backwards[::-1]] == links(*regions)


def test_caption_classes_that_name_their_kind_keep_to_it():
    names = ("figure", "table", "figure_caption", "table_caption")
    kinds = Schema("four", names, ((0, 0, 0),) * 4, (False, False, True, True))
    figure, table = ("figure", 10, 10, 40, 30), ("table", 10, 36, 40, 60)
    assert links(figure, ("table_caption", 10, 31, 40, 33), table, schema=kinds) == [None, 2, None]
    assert links(figure, ("figure_caption", 10, 33, 40, 35), table, schema=kinds) == [None, 0, None]


def test_what_lies_side_by_side_adds_its_gap_once():
    boxes = [(10, 5, 90, 20), (10, 24, 48, 46), (52, 24, 90, 46), (10, 48, 90, 50), (10, 51, 90, 80)]
    ids = [S.id_of(name) for name in ("table", "circuit_diagram", "circuit_diagram", "caption", "table")]
    assert find_structure(boxes, ids, S, 100, 100, ["", "", "", "Table 3. Limits", ""]).captions[3] == 4


def test_what_is_out_of_reach_is_not_looked_at_closely(monkeypatch):
    monkeypatch.setattr("doclayout.captions._between", lambda *_: pytest.fail("looked for boxes in between"))
    assert links(plot(10), caption(31, 70), caption(60), caption(15, 42)) == [None, None, None, 0]
