import numpy as np
import pytest

from doclayout.config import load_cfg
from synth.effects import marks, paper, scan
from synth.effects.degrade import degrade
from synth.effects.geometry import cut_edge, skew
from synth.page import SynthPage

BOXES = np.array([[40, 30, 160, 60], [40, 100, 90, 220], [120, 110, 180, 230]], np.float32)


def blank_page():
    image = np.full((280, 216, 3), 255, np.uint8)
    for x0, y0, x1, y1 in BOXES.astype(int):
        image[y0:y1, x0:x1] = (20, 30, 90)
    return SynthPage(image, BOXES.copy(), np.array([1, 2, 3]))


def ink_of(image, box):
    x0, y0, x1, y1 = (int(v) for v in np.add(box, [-4, -4, 4, 4]).clip(0))
    dark = image[y0:y1, x0:x1].min(axis=2) < 140
    rows, columns = np.flatnonzero(dark.any(axis=1)), np.flatnonzero(dark.any(axis=0))
    return np.array([x0 + columns[0], y0 + rows[0], x0 + columns[-1] + 1, y0 + rows[-1] + 1])


@pytest.mark.parametrize("degrees", [-1.3, -0.4, 0.0, 0.7, 1.3])
def test_skewed_boxes_are_tight(degrees):
    turned = skew(blank_page(), degrees)
    assert turned.class_ids.tolist() == [1, 2, 3]
    for box in turned.boxes:
        assert np.abs(ink_of(turned.image, box) - box).max() <= 1.0


def test_skewed_boxes_hold_the_ink_and_not_the_marks_over_it():
    page = blank_page()
    marked = page.image.copy()
    marked[30:60, 160:190] = 200  # a watermark at the first box's side, and within the boxes that ink is looked for in
    loose = SynthPage(marked, page.boxes + np.array([0, 0, 10, 0], np.float32), page.class_ids)
    assert skew(loose, 1.3).boxes[0, 2] > skew(page, 1.3).boxes[0, 2] + 5
    np.testing.assert_allclose(skew(loose, 1.3, page.image).boxes, skew(page, 1.3).boxes)


def test_degrade_measures_boxes_before_marks_are_laid():
    cfg = load_cfg("synth/effects.yaml")
    cfg = {k: {**v, "p": float(k in ("watermark", "skew"))} if isinstance(v, dict) else v for k, v in cfg.items()}
    cfg = {**cfg, "clean": 0.0, "watermark": {"p": 1.0, "opacity": [0.22, 0.22]}, "skew": {"p": 1.0, "degrees": [1, 1]}}
    page = blank_page()
    page = SynthPage(page.image, page.boxes + np.array([-9, -9, 9, 9], np.float32), page.class_ids)
    expected = skew(page, 1.0)
    for seed in range(20):
        np.testing.assert_allclose(degrade(page, RNG(seed), cfg).boxes, expected.boxes)


@pytest.mark.parametrize(
    "side, share, classes, first",
    [
        (0, 0.1, [1, 2, 3], [18, 30, 138, 60]),  # 22 of 216 pixels off the left
        (1, 0.18, [2, 3], [40, 50, 90, 170]),  # the first box is nearly gone
        (2, 0.05, [1, 2, 3], [51, 30, 171, 60]),
        (3, 0.3, [1, 2, 3], [40, 114, 160, 144]),
    ],
)
def test_cut_edges(side, share, classes, first):
    page = cut_edge(blank_page(), side, share)
    assert page.image.shape == (280, 216, 3)
    assert page.class_ids.tolist() == classes
    assert page.boxes[0].tolist() == first
    assert np.abs(ink_of(page.image, page.boxes[0]) - page.boxes[0]).max() == 0


RNG = np.random.default_rng
EFFECTS = {
    "noise": lambda i: scan.noise(i, RNG(0), 6.0),
    "specks": lambda i: scan.specks(i, RNG(0), 40),
    "blur": lambda i: scan.blur(i, 0.8),
    "spread": lambda i: scan.spread_ink(i, RNG(0)),
    "bilevel": lambda i: scan.bilevel(i, 128),
    "grey": scan.grey,
    "low resolution": lambda i: scan.low_resolution(i, 0.5),
    "jpeg": lambda i: scan.jpeg(i, 50),
    "paper": lambda i: paper.paper(i, RNG(0), 222),
    "light": lambda i: paper.light(i, RNG(0), 0.2),
    "spine": lambda i: paper.spine(i, RNG(0), 0.5),
    "show through": lambda i: paper.show_through(i, RNG(0), 0.05),
    "holes": lambda i: paper.punched_holes(i, RNG(0)),
    "watermark": lambda i: marks.watermark(i, RNG(0), 0.2),
    "stamp": lambda i: marks.stamp(i, RNG(0), 0.7),
}


def test_ink_spreads_to_all_sides_alike():
    page = np.full((20, 20, 3), 255, np.uint8)
    page[8:12, 8:12] = 0
    edges = set()
    for seed in range(40):
        ys, xs = np.nonzero(scan.spread_ink(page, RNG(seed))[..., 0] < 255)
        edges.add((xs.min(), ys.min(), xs.max() + 1, ys.max() + 1))
    assert edges == {(7, 7, 12, 12), (7, 8, 12, 13), (8, 7, 13, 12), (8, 8, 13, 13), (8, 8, 12, 12)}


@pytest.mark.parametrize("name", EFFECTS)
def test_effects_change_a_copy(name):
    image = blank_page().image
    before = image.copy()
    out = EFFECTS[name](image)
    assert np.array_equal(image, before)
    assert out.shape == image.shape and out.dtype == np.uint8 and out.flags.c_contiguous
    assert not np.array_equal(out, before)


def test_bilevel_has_two_values_and_grey_no_colour():
    image = blank_page().image
    assert set(np.unique(scan.bilevel(image, 128))) == {0, 255}
    assert np.ptp(scan.grey(image), axis=2).max() == 0


def test_paper_stays_light():
    for seed in range(8):
        assert paper.paper(np.full((9, 9, 3), 255, np.uint8), RNG(seed), 222).min() >= 221


def test_degrade_is_seeded_and_leaves_clean_pages():
    page, cfg = blank_page(), load_cfg("synth/effects.yaml")
    assert degrade(page, RNG(0), {**cfg, "clean": 1.0}) is page
    worst = {**cfg, "clean": 0.0} | {k: {**v, "p": 1.0} for k, v in cfg.items() if isinstance(v, dict)}
    for settings in ({**cfg, "clean": 0.0}, worst):
        one, other = degrade(page, RNG([1, 2]), settings), degrade(page, RNG([1, 2]), settings)
        assert np.array_equal(one.image, other.image) and np.array_equal(one.boxes, other.boxes)
        assert len(one.boxes) == len(one.class_ids) >= 1 and one.pdf is None
