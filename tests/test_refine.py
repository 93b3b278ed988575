"""Boxes are snapped to drawn ink; what else is on the page stays out."""

from __future__ import annotations

import numpy as np
import pytest

from doclayout.ink import edge_profiles, ink_integral, paper_contrast, take_in_faint, trim_blank
from doclayout.refine import (
    edge_groups,
    facing_gaps,
    load_networks,
    move_edges,
    propose,
    refine_boxes,
)
from doclayout.schema import Schema, load_schema

SCHEMA = load_schema()
NO_WORDS = np.zeros((0, 4), dtype=np.float32)


def blank_page(grey: int = 255) -> np.ndarray:
    return np.full((1280, 906, 3), grey, dtype=np.uint8)


def write_line(page: np.ndarray, x0: int, y0: int, x1: int, height: int = 12, grey: int = 0) -> tuple[int, ...]:
    """Draw letter-like strokes from x0 to x1 and return their box."""
    for x in range(x0, x1 - 3, 7):
        page[y0 : y0 + height, x : x + 3] = grey
    page[y0 : y0 + height, x1 - 3 : x1] = grey
    return x0, y0, x1, y0 + height


def ink_of(page: np.ndarray) -> np.ndarray:
    return ink_integral(paper_contrast(page))


def refine(boxes, page, names, words=NO_WORDS):
    class_ids = np.array([SCHEMA.id_of(name) for name in names])
    scores = np.ones(len(boxes), dtype=np.float32)
    return refine_boxes(np.array(boxes, dtype=np.float32), scores, page, class_ids, SCHEMA, lambda: words)


@pytest.mark.parametrize(
    ("name", "noise"),
    [
        ("heading", (4, 3, -5, 2)),  # cut on three sides
        ("heading", (-6, -3, 6, 3)),  # too large on all sides
        ("caption", (5, -4, 5, -4)),  # shifted
        ("header", (-8, 2, 9, 2)),
    ],
)
def test_line_snaps_to_its_ink(name, noise):
    page = blank_page()
    truth = write_line(page, 100, 300, 420)
    refined = refine([np.add(truth, noise)], page, [name])
    assert refined.dtype == np.float32
    assert refined.tolist() == [list(truth)]


@pytest.mark.parametrize(("grey", "step"), [(255, 0), (230, 0), (220, 1), (200, 1)])
def test_faint_pixels_beside_the_ink_are_inside_but_at_the_left(grey, step):
    """Labels have them inside; pdfium draws letters up to a pixel too far left."""
    page = blank_page()
    page[299:313, 99:421] = grey
    truth = write_line(page, 100, 300, 420)
    refined = refine([np.add(truth, (4, 3, -5, 2)), (100, 900, 420, 912)], page, ["heading", "heading"])
    assert refined[0].tolist() == [100, 300 - step, 420 + step, 312 + step]
    assert refined[1].tolist() == [100, 900, 420, 912]  # no ink there


@pytest.mark.parametrize(("grey", "pixels"), [(100, 144), (174, 144), (175, 0), (254, 0)])
def test_ink_differs_from_its_paper_by_more_than_eighty_levels(grey, pixels):
    page = blank_page()
    page[100:112, 200:212] = grey
    assert ink_of(page)[-1, -1] == pixels


@pytest.mark.parametrize("channel", range(3))
def test_coloured_print_too_pale_to_be_ink_is_not_cut_off(channel):
    page = blank_page()
    truth = write_line(page, 100, 300, 420)
    page[330:340, 100:420, channel] = 215
    assert refine([np.add(truth, (0, 0, 0, 90))], page, ["text"])[0, 3] > 340


def test_one_faint_pixel_is_enough_and_only_the_next_line_counts():
    page = blank_page()
    page[99, 205] = 200  # above the box
    page[107, 230:235] = page[122, 210] = 200  # beyond its right edge by one, beyond its lower edge by three
    contrast = paper_contrast(page)
    boxes = np.array([[200, 100, 230, 120], [200, 100.5, 229.5, 120]], np.float32)
    expected = [[200, 99, 231, 120], [200, 100.5, 229.5, 120]]  # the latter's edges are on no pixel's border
    assert take_in_faint(boxes, contrast).tolist() == expected
    assert boxes[0, 1] == 100
    whole = np.array([[0, 0, 906, 1280]], np.float32)
    assert take_in_faint(whole, contrast).tolist() == whole.tolist()


@pytest.mark.parametrize("grey", [255, 215, 40])  # white paper, grey paper, dark paper with light print
def test_paper_may_be_grey_or_dark(grey):
    page = blank_page(grey)
    truth = write_line(page, 100, 300, 420, grey=0 if grey > 128 else 255)
    assert refine([np.add(truth, (-5, -3, 6, 3))], page, ["heading"]).tolist() == [list(truth)]


@pytest.mark.parametrize("grey", [0, 140])
@pytest.mark.parametrize(("width", "height"), [(300, 200), (600, 60), (600, 400), (60, 600)])
def test_filled_areas_have_edges(width, height, grey):
    page = blank_page()
    truth = np.array([150, 300, 150 + width, 300 + height])
    page[300 : 300 + height, 150 : 150 + width] = grey
    noise = np.random.default_rng(0).uniform(-8, 8, (10, 4))
    for shift in noise:
        found = refine([truth + shift], page, ["figure"])
        np.testing.assert_allclose(found, truth[None], atol=1.01)


@pytest.mark.parametrize("grey", [0, 60, 120])
@pytest.mark.parametrize("top", [12, 20, 30, 40])
def test_light_print_near_the_edge_of_a_dark_area(top, grey):
    page = blank_page()
    page[300:420, 100:800] = grey
    truth = write_line(page, 200, 300 + top, 500, grey=255)
    found = refine([np.add(truth, (-3, 2, 3, 3))], page, ["heading"])
    np.testing.assert_allclose(found, [truth], atol=1.01)


def test_paragraph_takes_in_its_cut_lines_and_no_neighbour():
    page = blank_page()
    lines = [write_line(page, 100, 300 + 18 * i, 500) for i in range(6)]
    below = [write_line(page, 100, 440 + 18 * i, 500) for i in range(6)]
    boxes = [(104, 305, 495, 398), (103, 436, 505, 545)]
    refined = refine(boxes, page, ["text", "text"])
    assert refined.tolist() == [[100, 300, 500, lines[-1][3]], [100, 440, 500, below[-1][3]]]


def test_table_includes_its_outer_rules():
    page = blank_page()
    page[400:700:50, 100:801] = 0
    page[400:652, 100:802:100] = 0
    page[400:652, 800:802] = 0
    page[650:652, 100:802] = 0
    refined = refine([(106, 407, 795, 644)], page, ["table"])
    assert np.abs(refined - [[100, 400, 802, 652]]).max() <= 1


def test_specks_far_from_the_box_do_not_matter():
    page = blank_page()
    truth = write_line(page, 100, 300, 420)
    rng = np.random.default_rng(0)
    page[rng.integers(400, 1200, 300), rng.integers(0, 906, 300)] = 0
    assert refine([np.add(truth, (-3, -2, 4, 3))], page, ["heading"]).tolist() == [list(truth)]


def test_pale_print_is_found_where_the_text_layer_has_it():
    page = blank_page()
    truth = write_line(page, 100, 300, 420, grey=220)
    loose = np.add(truth, (-4, -3, 5, 3)).astype(np.float32)
    words = np.array([truth], dtype=np.float32)
    assert refine([loose], page, ["heading"], words).tolist() == [list(truth)]
    assert refine([loose], page, ["heading"]).tolist() == [loose.tolist()]


def test_misplaced_text_layer_changes_nothing():
    page = blank_page()
    truth = write_line(page, 100, 300, 420)
    loose = np.add(truth, (-4, -3, 5, 3))
    words = np.array([[90, 320, 430, 340], [-50, -20, 2000, 9], [5, 5, 5, 5]], dtype=np.float32)
    assert refine([loose], page, ["heading"], words).tolist() == [list(truth)]


@pytest.mark.parametrize(
    "box",
    [
        (100, 300, 420, 312),  # nothing there
        (-20, -10, 30, 8),  # over the page's corner
        (890, 1270, 950, 1300),
        (50, 50, 51, 50),  # without area
    ],
)
def test_box_without_ink_stays(box):
    assert refine([box], blank_page(), ["text"]).tolist() == [list(box)]


@pytest.mark.parametrize("box", [(80, 400, 430, 260), (430, 260, 80, 400), (430, 400, 80, 260)])
def test_a_box_upside_down_stays_and_does_no_harm(box):
    """An untrained network has such boxes."""
    page = blank_page()
    truth = write_line(page, 100, 300, 420)
    boxes = np.array([box, np.add(truth, (-4, -3, 5, 3))], np.float32)
    trimmed = trim_blank(boxes, ink_of(page), page, np.array([False, False]))
    assert trimmed.tolist() == [list(box), list(truth)]


@pytest.mark.parametrize("name", ["caption", "text", "header", "table", "figure"])
@pytest.mark.parametrize("grow", [(-150, 0, 0, 0), (0, -90, 0, 0), (0, 0, 150, 0), (0, 0, 0, 90)])
def test_blank_paper_beyond_the_reach_is_cut_off(name, grow):
    page = blank_page()
    truth = write_line(page, 300, 300, 420)
    assert refine([np.add(truth, grow)], page, [name]).tolist() == [list(truth)]


@pytest.mark.parametrize(("name", "left"), [("heading", 300), ("figure", 150), ("header", 150)])
def test_only_running_text_has_no_fill_around_it(name, left):
    page = blank_page()
    page[250:400, 150:800] = (205, 225, 250)
    write_line(page, 300, 300, 420)
    assert refine([(150, 296, 424, 316)], page, [name])[0, 0] == left


def test_pale_print_is_not_cut_off():
    page = blank_page()
    write_line(page, 100, 300, 420)
    pale = [write_line(page, 100, 318 + 18 * i, 420, grey=205) for i in range(9)]
    assert refine([(100, 300, 420, pale[-1][3])], page, ["text"])[0, 3] == pale[-1][3]


def test_no_boxes_and_tiny_image():
    assert refine(np.zeros((0, 4)), blank_page(), []).shape == (0, 4)
    tiny = np.full((3, 5, 3), 255, dtype=np.uint8)
    assert refine([(0, 0, 5, 3)], tiny, ["text"]).tolist() == [[0, 0, 5, 3]]


def test_arguments_are_not_changed():
    page = blank_page()
    truth = write_line(page, 100, 300, 420)
    boxes = np.array([np.add(truth, 3)], dtype=np.float32)
    before, pixels = boxes.copy(), page.copy()
    refine_boxes(boxes, np.ones(1, np.float32), page, np.array([1]), SCHEMA)
    assert (boxes == before).all()
    assert (page == pixels).all()


@pytest.mark.parametrize("pitch", [16, 32])
@pytest.mark.parametrize("first", range(0, 16, 3))
def test_lines_of_print_are_ink_and_the_paper_between_them_is_not(pitch, first):
    """Lines as far apart as the cells that paper is sampled in."""
    page = np.full((600, 600, 3), 255, np.uint8)
    lines = np.arange(600)
    printed = (lines % pitch >= first) & (lines % pitch < first + 7) & (100 <= lines) & (lines < 500)
    page[printed, 100:500:2] = 0
    np.testing.assert_array_equal(np.diff(ink_of(page)[:, -1]), np.where(printed, 200, 0))


@pytest.mark.parametrize("more", range(16))
@pytest.mark.parametrize("thick", [1, 2, 4])
def test_a_frame_at_the_edge_of_the_page_makes_no_ink_of_the_paper(more, thick):
    page = np.full((640 + more, 480 + more, 3), 255, np.uint8)
    page[:thick] = page[-thick:] = page[:, :thick] = page[:, -thick:] = 0
    height, width = page.shape[:2]
    assert ink_of(page)[-1, -1] == height * width - (height - 2 * thick) * (width - 2 * thick)


def test_a_box_that_begins_outside_the_page():
    page = blank_page()
    truth = write_line(page, 0, 300, 200)
    assert refine([(-80, 295, 210, 320)], page, ["heading"])[0, 1:].tolist() == list(truth[1:])


def test_ink_integral_counts_dark_and_light_ink():
    page = blank_page()
    page[100:110, 200:220] = 0
    integral = ink_of(page)
    assert integral.shape == (1281, 907)
    assert integral[-1, -1] == 200
    assert integral[105, 907 - 1] == 100
    assert ink_of(255 - page)[-1, -1] == 200


def test_edge_profiles_run_from_outside_to_inside():
    page = blank_page()
    page[100:110, 200:220] = 0
    box = np.array([[190, 95, 230, 120]], dtype=np.float32)
    counts, span, positions = edge_profiles(ink_of(page), box, axis=1, outward=3, inward=7)
    assert positions.tolist() == [95, 120]
    assert span.tolist() == [40, 40]
    assert counts.tolist() == [[0, 0, 0, 0, 0, 0, 0, 0, 20, 20], [0] * 10]


@pytest.mark.parametrize(
    ("boxes", "axis", "gaps"),
    [
        ([(0, 0, 10, 10), (0, 14, 10, 20)], 1, [1e4, 4, 4, 1e4]),  # one above the other
        ([(0, 0, 10, 10), (0, 14, 10, 20)], 0, [1e4] * 4),  # not beside each other
        ([(0, 0, 10, 10), (0, 8, 10, 20)], 1, [1e4, -2, -2, 1e4]),  # overlap a little
        ([(0, 0, 10, 10), (1, 1, 10, 10)], 1, [1e4] * 4),  # duplicates
    ],
)
def test_facing_gaps(boxes, axis, gaps):
    assert facing_gaps(np.array(boxes, dtype=np.float32), axis, np.ones(2, bool)).tolist() == gaps


def test_doubtful_boxes_are_nobodys_neighbours():
    page = blank_page()
    lines = [write_line(page, 100, 300 + 18 * i, 500) for i in range(6)]
    boxes = np.array([(104, 305, 495, 398), (103, 360, 505, 402), (98, 290, 300, 340)], dtype=np.float32)
    arguments = (page, np.array([SCHEMA.id_of("text")] * 3), SCHEMA)
    alone = refine_boxes(boxes[:1], np.array([0.9], np.float32), arguments[0], arguments[1][:1], SCHEMA)
    among = refine_boxes(boxes, np.array([0.9, 0.1, 0.05], np.float32), *arguments)
    assert among[0].tolist() == alone[0].tolist() == [100, 300, 500, lines[-1][3]]
    gaps = facing_gaps(boxes, 1, np.array([True, False, False]))
    assert gaps[[0, 3]].tolist() == [1e4, 1e4]
    assert gaps[1] == facing_gaps(boxes[:2], 1, np.array([True, False]))[1]


def test_groups_follow_the_schema():
    groups = dict(zip(SCHEMA.names, edge_groups(SCHEMA), strict=True))
    assert groups["heading"] == groups["caption"] == 0
    assert groups["text"] == groups["list"] == 1
    assert groups["header"] == groups["footer"] == 2
    assert groups["pin_table"] == groups["table"] == 3
    assert groups["characteristic_curve"] == 4
    assert groups["figure"] == 5
    other = Schema("other", ("Text", "Page-footer", "Picture"), ((0, 0, 0),) * 3, (True, True, False))
    assert edge_groups(other) == (1, 2, 5)
    cdla = load_schema("cdla10")
    assert edge_groups(cdla)[cdla.id_of("Table caption")] == groups["caption"], "a line, and no table"


def test_networks_fit_the_features():
    page = blank_page()
    truth = write_line(page, 100, 300, 420)
    boxes = np.array([truth], dtype=np.float32)
    found = propose(boxes, ink_of(page), np.array([0]), 1, np.ones(1, bool))
    for network in load_networks():
        assert network[0][0].shape[0] == found.features.shape[1]
        assert network[-1][0].shape[1] == 1
    assert {300.0, 312.0} <= set(found.position.tolist())


def test_move_edges_keeps_a_box_that_would_vanish():
    boxes = np.array([[100, 297, 420, 304]], dtype=np.float32)
    page = blank_page()
    page[300:301, 100:420] = 0
    found = propose(boxes, ink_of(page), np.array([0]), 1, np.ones(1, bool))
    assert set(found.position.tolist()) == {300.0, 301.0}
    assert move_edges(boxes, found, load_networks()[0], 1).tolist() == boxes.tolist()
