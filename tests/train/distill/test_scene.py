import pytest
import torch

from doclayout.train.distill.scene import cells_of, pad_boxes


def test_rows_are_sorted_into_pages():
    rows = torch.tensor([[1.0], [2.0], [3.0], [4.0]])
    padded, valid = pad_boxes(rows, torch.tensor([2, 0, 2, 0]), 3)
    assert padded[..., 0].tolist() == [[2, 4], [0, 0], [1, 3]]
    assert valid.tolist() == [[True, True], [False, False], [True, True]]


def test_pages_without_boxes_pad_to_nothing():
    padded, valid = pad_boxes(torch.zeros(0, 4), torch.zeros(0, dtype=torch.int64), 2)
    assert padded.shape == (2, 0, 4)
    assert valid.shape == (2, 0)


@pytest.mark.parametrize(
    ("box", "cells"),
    [
        ((0.0, 0.0, 1.0, 1.0), (0, 0, 4, 8)),
        ((0.25, 0.5, 0.5, 0.75), (2, 2, 3, 4)),  # edges on the grid
        ((0.26, 0.3, 0.49, 0.4), (1, 2, 2, 4)),  # cells that are touched
        ((0.3, 0.3, 0.3, 0.3), (1, 2, 2, 3)),  # a box without area has a cell
        ((0.99, 0.99, 1.2, 1.2), (3, 7, 4, 8)),  # out of the canvas
        ((1.0, 1.0, 1.0, 1.0), (3, 7, 4, 8)),  # on its edge
    ],
)
def test_cells_that_boxes_touch(box, cells):
    assert tuple(int(v) for v in cells_of(torch.tensor(box), 4, 8)) == cells
