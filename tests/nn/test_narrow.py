import narrow
import pytest
import torch
import widen

from doclayout.nn.model import LayoutModel
from tests.conftest import drawn_page, lively_model


def pages(count):
    return [torch.from_numpy(drawn_page(seed, 256, 192).transpose(2, 0, 1).copy())[None] / 255 for seed in range(count)]


def difference(old, new, page):
    """How far raw outputs lie apart, over how much they differ from place to place, at worst."""
    old, new = old(page)[1], new(page)[1]
    pairs = [(old[branch][key], new[branch][key]) for branch in ("one2many", "one2one") for key in ("boxes", "scores")]
    return max(float((b - a).abs().mean() / a.std()) for a, b in pairs)


@torch.no_grad()
def test_channels_that_tell_nothing_new_are_left_out_at_little_loss():
    base = lively_model("edocnet-s.yaml").eval()
    wide, slim = LayoutModel("edocnet-m.yaml").eval(), LayoutModel("edocnet-s.yaml").eval()
    widen.widen(base, wide)  # half as many channels again, all copies
    *seen, new = pages(9)
    assert difference(base, slim, new) > 0.5
    narrow.Narrowing(wide, seen)(slim)
    assert difference(base, slim, new) < 0.2


@torch.no_grad()
def test_what_is_left_out_is_predicted_from_what_is_kept():
    conv = torch.nn.Conv2d(3, 2, 1)
    moments = narrow.Moments()
    maps = torch.randn(4, 3, 8, 8)
    maps[:, 2] = 3 * maps[:, 0] - 2 * maps[:, 1] + 5
    moments.add(maps)
    narrowing = narrow.Narrowing.__new__(narrow.Narrowing)
    narrowing.moments = {conv: moments}
    slim = torch.nn.Conv2d(2, 2, 1)
    kept = narrowing.convolution(conv, slim, torch.tensor([0, 1]), None)
    assert kept.tolist() == [0, 1]
    torch.testing.assert_close(slim(maps[:, :2]), conv(maps), atol=0.05, rtol=0.05)


def test_moments_are_mean_and_covariance():
    moments = narrow.Moments()
    maps = torch.randn(3, 4, 5, 6)
    for page in maps:
        moments.add(page[None])
    cells = maps.transpose(0, 1).flatten(1)
    mean, covariance = moments.read()
    torch.testing.assert_close(mean.float(), cells.mean(1))
    torch.testing.assert_close(covariance.float(), torch.cov(cells, correction=0))


@pytest.mark.parametrize(
    ("scales", "kept"),
    [((1.0, 4.0, 2.0, 3.0), [1, 3]), ((3.0, 0.0, 0.5, 1.0), [0, 3])],
)
def test_independent_channels_are_chosen_by_how_much_is_asked_of_them(scales, kept):
    assert narrow.chosen(torch.diag(torch.tensor(scales, dtype=torch.float64)), 2).tolist() == kept


def test_a_copy_is_chosen_last():
    demand = torch.diag(torch.tensor([5.0, 5.0, 1.0], dtype=torch.float64))
    demand[0, 1] = demand[1, 0] = 5.0
    assert narrow.chosen(demand, 2).tolist() in ([0, 2], [1, 2])


def test_blocks_on_the_diagonal_add_up():
    demand = torch.arange(16.0).reshape(4, 4)
    torch.testing.assert_close(narrow.blocks(demand, 2), demand[:2, :2] + demand[2:, 2:])


@torch.no_grad()
def test_normalisation_is_measured_on_the_pages():
    model, given = lively_model(), pages(3)
    stem = model.model[0]
    responses = torch.cat([stem.conv(page) for page in given])
    momentum = stem.bn.momentum
    narrow.normalise(model, given)
    torch.testing.assert_close(stem.bn.running_mean, responses.mean((0, 2, 3)), atol=1e-4, rtol=1e-3)
    assert stem.bn.momentum == momentum and not model.training


def test_other_depths_are_refused():
    wide = lively_model("edocnet-l.yaml")
    with pytest.raises(SystemExit, match="as many layers"):
        narrow.Narrowing(wide, pages(1))(LayoutModel("edocnet-s.yaml"))
