import numpy as np
import pytest
import torch

from doclayout.errors import WeightsError
from doclayout.npz import write_npz
from doclayout.selector import THUMBNAIL, SizeSelector, load_selector, save_selector, thumbnail
from tests.conftest import drawn_page


def selector(seed=0, sizes=(320, 640)):
    rng = np.random.default_rng(seed)
    shapes = [(4, 1, 3, 3), (6, 4, 3, 3)]
    convolutions = [(rng.normal(size=s).astype(np.float32), rng.normal(size=s[0]).astype(np.float32)) for s in shapes]
    head = rng.normal(size=(12, len(sizes))).astype(np.float32), rng.normal(size=len(sizes)).astype(np.float32)
    return SizeSelector(sizes, convolutions, head)


def test_thumbnail_is_ink_in_the_middle():
    page = np.full((384, 192, 3), 255, np.uint8)
    page[192:, :] = 0
    ink = thumbnail(page)
    assert ink.shape == (THUMBNAIL, THUMBNAIL)
    assert (ink[:96] == 0).all()
    assert (ink[96:, 48:144] == 1).all()
    assert (ink[:, :48] == 0).all() and (ink[:, 144:] == 0).all()


@pytest.mark.parametrize("shape", [(5, 2000, 3), (2000, 5, 3), (1, 1, 3)])
def test_thumbnail_of_odd_shapes(shape):
    assert thumbnail(np.zeros(shape, np.uint8)).max() == 1


def test_scores_are_those_of_torch():
    found, ink = selector(), thumbnail(drawn_page(0))
    maps = torch.from_numpy(ink)[None, None]
    for weights, bias in found.convolutions:
        maps = torch.conv2d(maps, torch.from_numpy(weights), torch.from_numpy(bias), 2, 1).relu()
    pooled = torch.cat([maps.mean((2, 3)), maps.amax((2, 3))], 1)
    expected = pooled @ torch.from_numpy(found.head[0]) + torch.from_numpy(found.head[1])
    np.testing.assert_allclose(found.scores(ink), expected[0].numpy(), rtol=1e-4, atol=1e-4)
    assert found.choose(drawn_page(0)) == found.sizes[int(expected.argmax())]


def test_cost_by_hand():
    assert selector().gflops() == pytest.approx(2 * (96**2 * 36 + 48**2 * 216 + 24) / 1e9)


def test_saved_and_read_again(tmp_path):
    path, before = tmp_path / "selector.npz", selector()
    save_selector(before, path)
    after = load_selector(path)
    assert after.sizes == before.sizes
    np.testing.assert_array_equal(after.scores(thumbnail(drawn_page(1))), before.scores(thumbnail(drawn_page(1))))


def test_arrays_of_something_else(tmp_path):
    write_npz(tmp_path / "selector.npz", names=["heading"])
    with pytest.raises(WeightsError, match=r"no size selector.*train_selector"):
        load_selector(tmp_path / "selector.npz")
