import itertools
import random
import time

import numpy as np
import pytest

from doclayout.schema import Schema, load_schema
from doclayout.structure import find_structure
from doclayout.units import group_units

S = load_schema()
SHORT = {"t": "text", "h": "heading", "l": "list", "g": "figure", "b": "table", "c": "caption", "f": "footnote"}


def order(layout, width=100, height=100):
    """Order regions named by class or its letter, and a number, given as (name, x0, y0, x1, y1); return the names."""
    kinds = [name.rstrip("0123456789") for name, *_ in layout]
    ids = [S.id_of(SHORT.get(kind, kind)) for kind in kinds]
    return [layout[i][0] for i in find_structure([box for _, *box in layout], ids, S, width, height).order]


@pytest.mark.parametrize("body", list(itertools.permutations(range(3))))
def test_a_note_joins_the_nearest_graphic_whatever_the_order(body):
    items = [(0.1, 0.1, 0.5, 0.3), (0.1, 0.302, 0.5, 0.312), (0.1, 0.318, 0.4, 0.33)]  # both graphics are in its reach
    units = group_units(body, items, ["graphic", "graphic", "footnote"], [None] * 3)
    assert sorted(unit.members for unit in units) == [(0,), (1, 2)]


# Each layout is written in the order that it must be read in.
LAYOUTS = {
    "one column": [
        ("header", 10, 2, 90, 4), ("h1", 10, 8, 30, 10), ("t2", 10, 12, 90, 20), ("l3", 12, 22, 60, 30),
        ("footer", 10, 96, 90, 98),
    ],
    "two columns, gaps that happen to align": [
        ("t1", 10, 10, 48, 20), ("t2", 10, 22, 48, 40), ("t3", 10, 42, 48, 60),
        ("t4", 52, 10, 90, 20), ("t5", 52, 22, 90, 40), ("t6", 52, 42, 90, 60),
    ],
    "two columns, staggered": [
        ("h1", 10, 10, 25, 12), ("t2", 10, 14, 48, 40), ("t3", 10, 42, 48, 60),
        ("t4", 52, 10, 90, 30), ("h5", 52, 32, 70, 34), ("t6", 52, 36, 90, 60),
    ],
    "full-width elements between columns": [
        ("t1", 10, 10, 48, 30), ("t2", 52, 10, 90, 30), ("b3", 10, 34, 90, 50), ("t4", 10, 54, 48, 70),
        ("t5", 52, 54, 90, 70),
    ],
    "a left column longer than the right": [
        ("t1", 10, 10, 48, 30), ("t2", 10, 32, 48, 50), ("t3", 10, 52, 48, 70), ("t4", 52, 10, 90, 30),
    ],
    "a heading at the left that opens a section over both columns": [
        ("l1", 10, 10, 48, 30), ("l2", 52, 10, 90, 30), ("h3", 10, 34, 25, 36), ("t4", 10, 38, 48, 60),
        ("t5", 52, 38, 90, 60),
    ],
    "a heading and its text at the foot of the left column": [
        ("t1", 10, 10, 48, 30), ("h2", 10, 34, 25, 36), ("t3", 10, 38, 48, 60), ("t4", 52, 10, 90, 30),
    ],
    "headings of a column, where a gap happens to cross the page": [
        ("t1", 10, 10, 48, 30), ("h2", 10, 33, 25, 35), ("t3", 10, 37, 48, 60), ("t4", 52, 10, 90, 31.5),
        ("t5", 52, 36, 90, 60), ("h6", 52, 63, 70, 65), ("t7", 52, 67, 90, 80),
    ],
    "a heading at the top of the right column alone": [
        ("t1", 10, 14, 48, 30), ("t2", 10, 32, 48, 60), ("h3", 52, 10, 70, 12), ("t4", 52, 14, 90, 60),
    ],
    "three columns over one": [
        ("h1", 10, 10, 20, 12), ("l2", 10, 14, 35, 30), ("h3", 40, 10, 50, 12), ("g4", 40, 14, 60, 30),
        ("h5", 65, 10, 80, 12), ("b6", 65, 14, 90, 30), ("t7", 10, 34, 90, 40),
    ],
    "a grid of plots with captions below, row by row": [
        ("g1", 10, 10, 45, 30), ("c2", 15, 31, 40, 33), ("g3", 55, 10, 90, 30), ("c4", 60, 31, 85, 33),
        ("g5", 10, 40, 45, 60), ("c6", 15, 61, 40, 63), ("g7", 55, 40, 90, 60), ("c8", 60, 61, 85, 63),
        ("g9", 10, 70, 45, 90), ("c10", 15, 91, 40, 93),
    ],
    "a grid with captions above, under a heading": [
        ("h1", 10, 5, 30, 7), ("c2", 15, 10, 40, 12), ("g3", 10, 13, 45, 30), ("c4", 60, 10, 85, 12),
        ("g5", 55, 13, 90, 30), ("c6", 15, 40, 40, 42), ("g7", 10, 43, 45, 60), ("c8", 60, 40, 85, 42),
        ("g9", 55, 43, 90, 60),
    ],
    "side headings": [
        ("h1", 10, 10, 22, 12), ("t2", 30, 10, 90, 20), ("t3", 30, 22, 90, 30), ("h4", 10, 34, 22, 36),
        ("l5", 30, 34, 90, 50),
    ],
    "short lines apart are not columns": [
        ("g1", 70, 10, 90, 20), ("h2", 10, 24, 30, 26), ("t3", 10, 28, 90, 40), ("t4", 60, 44, 90, 46),
    ],
    "a side tab": [
        ("h1", 10, 10, 30, 12), ("t2", 10, 14, 90, 40), ("t3", 10, 44, 90, 80), ("t4", 95, 30, 98, 60),
        ("footer", 10, 96, 90, 98),
    ],
    "the title before a logo at its left, and headers in any place": [
        ("header", 60, 2, 90, 4), ("title", 50, 10, 90, 20), ("g1", 10, 10, 30, 20), ("h2", 10, 24, 30, 26),
        ("l3", 10, 28, 48, 50), ("g4", 52, 24, 90, 50),
    ],
    "footnotes stay with their table": [
        ("b1", 10, 10, 48, 30), ("f2", 10, 31, 40, 33), ("b3", 52, 10, 90, 30), ("t4", 10, 40, 90, 50),
    ],
    "interlocked, so that no straight cut parts them": [
        ("t1", 10, 10, 60, 30), ("t2", 10, 35, 30, 90), ("t3", 65, 10, 90, 60), ("t4", 35, 65, 90, 90),
    ],
}  # fmt: skip


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS.keys())
@pytest.mark.parametrize("seed", [None, 0, 1])
def test_layouts_are_read_as_written(layout, seed):
    given = list(layout)
    if seed is not None:
        random.Random(seed).shuffle(given)
    assert order(given) == [name for name, *_ in layout]


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS.keys())
def test_landscape_and_touching_boxes_read_the_same(layout):
    wide = [(name, x0 * 1.6, y0, x1 * 1.6, y1) for name, x0, y0, x1, y1 in layout]
    assert order(wide, width=160) == [name for name, *_ in layout]
    grown = [(name, x0 - 0.3, y0 - 0.3, x1 + 0.3, y1 + 0.3) for name, x0, y0, x1, y1 in layout]
    assert order(grown) == [name for name, *_ in layout]


def test_edges():
    assert find_structure([], [], S, 100, 100).order == []
    assert find_structure([[1, 2, 3, 4]], [2], S, 100, 100).order == [0]
    assert find_structure([[1, 2, 30, 40]] * 3, [2, 2, 2], S, 100, 100).order == [0, 1, 2]


def test_titles_that_are_headings_are_read_in_place():
    papers = Schema("papers", ("text", "title", "figure"), ((0, 0, 0),) * 3, (True, True, False))
    boxes = [[10, 10, 90, 20], [10, 22, 40, 24], [10, 26, 90, 60]]
    assert find_structure(boxes, [0, 1, 0], papers, 100, 100).order == [0, 1, 2]


def test_every_index_once_whatever_the_boxes():
    rng = np.random.default_rng(0)
    for n in (2, 5, 12, 30):
        corner = rng.uniform(0, 80, (n, 2))
        boxes = np.hstack([corner, corner + rng.uniform(0.5, 40, (n, 2))])
        ids = rng.integers(0, 21, n).tolist()
        found = find_structure(boxes, ids, S, 100, 100).order
        assert sorted(found) == list(range(n))
        assert found == find_structure(boxes, ids, S, 100, 100).order


def test_thirty_boxes_take_no_more_than_two_milliseconds_of_cpu():
    cells = itertools.product(range(3), range(10))
    boxes = [[10 + 30 * x, 5 + 9 * y + x, 35 + 30 * x, 13 + 9 * y + x] for x, y in cells]
    ids = [S.id_of("text")] * 30
    times = []
    for _ in range(30):
        start = time.process_time()
        find_structure(boxes, ids, S, 100, 100)
        times.append(time.process_time() - start)
    assert min(times) < 2e-3
