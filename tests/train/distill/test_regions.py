import pytest
import torch

from doclayout.train.distill.regions import detections_of, gaps, group, mine_background, pool_regions


def test_background_is_what_covers_no_label():
    boxes = torch.tensor([[[0.0, 0.0, 0.5, 0.5], [0.6, 0.6, 0.9, 0.9]]])
    found = torch.tensor([[
        [0.0, 0.0, 0.5, 0.5, 0.9],  # a label
        [0.0, 0.0, 0.5, 0.16, 0.8],  # 0.32 of one: no background
        [0.0, 0.0, 0.5, 0.1, 0.7],  # 0.2 of one
        [0.6, 0.6, 0.9, 0.9, 0.6],  # a label that is not there
        [0.7, 0.0, 0.9, 0.2, 0.3],
        [0.7, 0.3, 0.9, 0.4, 0.04],  # too unsure
    ]])  # fmt: skip
    mined, chosen = mine_background(found, boxes, torch.tensor([[True, False]]), limit=4)
    assert chosen.tolist() == [[True, True, True, False]]
    torch.testing.assert_close(mined[0, :3], found[0, [2, 3, 4], :4])
    assert mine_background(found, boxes, torch.tensor([[True, True]]), limit=1)[0].shape == (1, 1, 4)


def test_background_of_pages_without_labels():
    found = torch.tensor([[[0.0, 0.0, 0.5, 0.5, 0.9]]])
    _, chosen = mine_background(found, torch.zeros(1, 0, 4), torch.zeros(1, 0, dtype=torch.bool))
    assert chosen.tolist() == [[True]]


def test_detections_of_both_kinds_of_head():
    pairs = torch.tensor([[[10.0, 20, 30, 60, 0.9, 2], [0, 0, 4, 4, 0.5, 0]]])
    expected = torch.tensor([[[0.1, 0.1, 0.3, 0.3, 0.9], [0.0, 0.0, 0.04, 0.02, 0.5]]])
    torch.testing.assert_close(detections_of((pairs, {}), (200, 100)), expected)
    dense = torch.tensor([[2.0, 2, 4, 4, 0.5, 0.1, 0.1], [20.0, 40, 20, 40, 0.2, 0.3, 0.9], [1.0, 1, 2, 2, 0, 0, 0.1]])
    torch.testing.assert_close(detections_of((dense.T[None], {}), (200, 100), limit=2), expected)


def test_a_region_is_detected_once_by_a_one_to_many_head():
    rows = [[20.0, 40, 20, 40, 0.9], [21, 40, 20, 40, 0.8], [20, 41, 20, 40, 0.7], [80, 40, 20, 40, 0.6]]
    found = detections_of((torch.tensor([rows, rows]).transpose(1, 2), {}), (200, 100))
    assert found[..., 4].tolist() == [pytest.approx([0.9, 0, 0, 0.6])] * 2


def test_regions_are_pooled_from_their_place():
    maps = torch.zeros(2, 1, 4, 4)
    maps[0, 0, :2, :2] = 8.0
    maps[1, 0] = torch.arange(4.0)  # the x coordinate of a cell
    boxes = torch.tensor([[[0.1, 0.1, 0.35, 0.35], [0.75, 0.75, 1, 1]], [[0.25, 0, 0.75, 1], [0.5, 0.2, 0.75, 0.4]]])
    pooled = pool_regions(maps, boxes)[..., 0]
    assert pooled[0].tolist() == pytest.approx([8, 0])
    assert pooled[1].tolist() == pytest.approx([1.5, 2])  # centres of cells are at halves


def test_gaps_by_hand():
    boxes = torch.tensor([[[0.0, 0.0, 1.0, 1.0], [0.5, 0.5, 2.0, 2.0], [4.0, 5.0, 6.0, 7.0]]])
    expected = torch.tensor([[[0.0, 0.0, 5.0], [0.0, 0.0, 13**0.5], [5.0, 13**0.5, 0.0]]])
    torch.testing.assert_close(gaps(boxes), expected)


def test_groups_are_chains():
    joined = torch.zeros(2, 7, 7, dtype=torch.bool)
    for i, j in ((0, 3), (3, 5), (5, 6), (1, 4)):
        joined[0, i, j] = joined[0, j, i] = True
    for i in range(6):
        joined[1, i, i + 1] = joined[1, i + 1, i] = True
    assert group(joined).tolist() == [[0, 1, 2, 0, 1, 0, 0], [0] * 7]
