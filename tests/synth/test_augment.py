import cv2
import numpy as np
import pytest

from doclayout.errors import SynthError
from synth.augment import alter, augment, edges, ink_box


@pytest.fixture(scope="module")
def more(pool):
    return augment(pool, 3)


def counts(pool):
    ids = np.concatenate([page.class_ids for page in pool.pages])
    return {pool.schema.names[i]: n for i, n in enumerate(np.bincount(ids)) if n}


def test_rare_classes_reach_the_count(pool, more):
    before, after = counts(pool), counts(more)
    for name, n in before.items():
        assert after[name] == (n if name in ("header", "footer") else max(n, 3))


def test_copies_are_pages_with_one_box_inside(pool, more):
    for index in range(len(pool.pages), len(more.pages)):
        page, image = more.pages[index], more.image(index)
        assert image.shape == (page.height, page.width, 3)
        ((x0, y0, x1, y1),) = page.boxes.tolist()
        assert 0 <= x0 < x1 <= page.width and 0 <= y0 < y1 <= page.height


def test_idempotent_and_seeded(pool, more, tmp_path):
    assert augment(more, 3) is more
    assert augment(pool, 1) is pool
    again = augment(pool, 3, cache=tmp_path)
    assert np.array_equal(again.banks[1], more.banks[1])
    assert not np.array_equal(augment(pool, 3, seed=1, cache=tmp_path).banks[1][:9000], more.banks[1][:9000])


def test_no_room_for_the_copies(pool, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(SynthError, match="give another folder"):
        augment(pool, 3, cache=tmp_path / "file")


@pytest.mark.parametrize("seed", range(6))
def test_alter_keeps_half_at_least(seed):
    image = np.full((90, 120, 3), 255, np.uint8)
    image[20:70, 30:100] = 40
    out, _ = alter(image, np.random.default_rng(seed))
    assert out.dtype == np.uint8 and out.shape[0] * out.shape[1] >= 0.49 * 90 * 120


@pytest.mark.parametrize("seed", range(20))
def test_boxes_of_copies_are_tight_whatever_the_noise(seed):
    image = np.full((200, 300, 3), 245, np.uint8)
    image[60:140, 80:220] = 40
    out, box = alter(image, np.random.default_rng(seed))
    grey = cv2.blur(out.min(2), (5, 5))
    dark = grey < (int(np.percentile(grey, 95)) + int(grey.min())) / 2
    rows, columns = np.flatnonzero(dark.any(1)), np.flatnonzero(dark.any(0))
    assert box == pytest.approx([columns[0], rows[0], columns[-1] + 1, rows[-1] + 1], abs=4)


@pytest.mark.parametrize("seed", range(30))
def test_copies_are_not_a_mere_line_of_what_they_copy(seed):
    image = np.full((200, 200, 3), 255, np.uint8)
    image[:, :4] = image[150:, 150:] = 30
    _, (x0, y0, x1, y1) = alter(image, np.random.default_rng(seed))
    assert (x1 - x0) * (y1 - y0) > 0.2 * 0.49 * 200 * 200


def test_edges_are_dark_on_white():
    image = np.full((20, 20, 3), 255, np.uint8)
    image[:, 10:] = 0
    out = edges(image)
    assert out[10, 3].tolist() == [255] * 3 and out[10, 10].max() == 0


def test_ink_box():
    image = np.full((30, 40, 3), 250, np.uint8)
    image[5:9, 7:20] = 100
    assert ink_box(image) == [7, 5, 20, 9]
    assert ink_box(np.full((30, 40, 3), 250, np.uint8)) == [0, 0, 40, 30]
