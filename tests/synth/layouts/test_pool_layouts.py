import numpy as np
import pytest

from synth.augment import augment
from synth.layouts.bestfit import BestFit
from synth.layouts.canvas import Canvas
from synth.layouts.edit import Editor
from synth.layouts.recompose import Recomposer
from synth.pool import load_pool
from tests.synth.conftest import write_pool

MAKERS = {
    "recompose": Recomposer,
    "edit": Editor,
    "bestfit": lambda pool: BestFit(pool, 640),
    "bestfit augmented": lambda pool: BestFit(augment(pool, 4), 640),
}


@pytest.fixture(scope="module", params=MAKERS)
def maker(request, pool):
    return MAKERS[request.param](pool)


def pages(maker, count=12):
    return [maker(np.random.default_rng([7, i])) for i in range(count)]


def test_a_page_depends_on_its_generator_alone(maker):
    for one, other in zip(pages(maker, 4), pages(maker, 4), strict=True):
        assert np.array_equal(one.image, other.image)
        assert np.array_equal(one.boxes, other.boxes) and np.array_equal(one.class_ids, other.class_ids)


def test_pages_differ(maker):
    assert len({page.image.tobytes() for page in pages(maker, 6)}) >= 5


def test_boxes_lie_apart_on_the_page(maker):
    for page in pages(maker):
        height, width = page.image.shape[:2]
        assert page.boxes.min() >= 0 and (page.boxes[:, 2:] <= [width, height]).all()
        for i, box in enumerate(page.boxes):
            rest = page.boxes[i + 1 :]
            shared = np.minimum(rest[:, 2:], box[2:]) - np.maximum(rest[:, :2], box[:2])
            assert (shared.min(axis=1, initial=99) <= 1.0).all()


@pytest.mark.parametrize("name", ["recompose", "edit", "bestfit"])
def test_boxes_are_tight_to_their_ink(pool, name):
    for page in pages(MAKERS[name](pool)):
        corners, shown = page.boxes.round().astype(int), page.image.min(axis=2) < 200
        for index, (x0, y0, x1, y1) in enumerate(corners):
            dark = shown.copy()
            for u0, v0, u1, v1 in np.delete(corners, index, axis=0):  # neighbours may be three pixels away
                dark[max(v0 - 1, 0) : v1 + 1, max(u0 - 1, 0) : u1 + 1] = False
            ink = dark[max(y0 - 3, 0) : y1 + 3, max(x0 - 3, 0) : x1 + 3]
            rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
            top, left = max(y0 - 3, 0), max(x0 - 3, 0)
            found = np.array([left + columns[0], top + rows[0], left + columns[-1] + 1, top + rows[-1] + 1])
            assert np.abs(found - [x0, y0, x1, y1]).max() <= 1


def test_grey_paper_becomes_white(pool):
    for page in pages(Editor(pool)):
        assert np.median(page.image) == 255


def test_bestfit_keeps_aspects(pool):
    own = {(p, i): box for p, page in enumerate(pool.pages) for i, box in enumerate(page.boxes)}
    sides = {(round(float(b[2] - b[0])), round(float(b[3] - b[1]))) for b in own.values()}
    for page in pages(BestFit(pool, 640, running=0.0)):
        assert max(page.image.shape) == 640 and len(page.boxes)
        for w, h in page.boxes[:, 2:] - page.boxes[:, :2]:
            assert any(abs(w * b - h * a) <= 1.5 * (a + b) for a, b in sides)


def test_thin_elements_keep_to_the_places_found_for_them(tmp_path):
    write_pool(tmp_path, [[("text", (100, 40, 5, 1200)), ("table", (300, 40, 500, 60))]], tones=(255,))
    layout = BestFit(load_pool(tmp_path, cache=tmp_path / "cache"), 320, running=0.0)
    index = int(np.argmin(layout.sizes[:, 0]))
    size = np.ceil(layout.sizes[index] * 0.9).astype(np.int64)
    canvas = Canvas(layout.pool, 320, 400)
    layout._paste(canvas, index, (100.0, 20.0), size, np.random.default_rng(0))
    x0, y0, x1, y1 = canvas.boxes[0]
    assert x0 >= 99 and y0 >= 19 and x1 <= 101 + size[0] and y1 <= 21 + size[1]
