import math

import pytest
import torch

from doclayout.train.distill.fgd import ContextBlock, FocalGlobalLoss, attention, box_masks
from doclayout.train.distill.scene import Scene, pad_boxes

THIRDS = 1 / math.log(3)  # temperature at which one more of mean size triples the attention
TEACHER = torch.tensor([[[[1.0, 3.0]], [[-1.0, 1.0]]]])  # (1, 2, 1, 2)


def scene(pages=3, channels=(4, 6), grids=((6, 4), (3, 2)), seed=0):
    """Random maps of two levels, the student's of the teacher's channels, and four boxes a page."""
    generator = torch.Generator().manual_seed(seed)
    maps = [
        [torch.randn(pages, c, *grid, generator=generator) for c, grid in zip(channels, grids, strict=True)]
        for _ in range(2)
    ]
    corners = torch.rand(4 * pages, 2, generator=generator) * 0.6
    boxes = torch.cat([corners, corners + 0.05 + 0.3 * torch.rand(4 * pages, 2, generator=generator)], 1)
    return Scene(*maps, torch.arange(4 * pages) % pages, torch.zeros(4 * pages, dtype=torch.int64), boxes, (96, 64))


def test_masks_by_hand():
    boxes = torch.tensor([[[0.0, 0.0, 0.5, 0.5], [0.25, 0.25, 0.5, 0.5], [0.0, 0.0, 1.0, 1.0]]])
    objects, background = box_masks(boxes, torch.tensor([[True, True, False]]), 4, 4)
    assert objects[0].tolist() == [[0.25, 0.25, 0, 0], [0.25, 1, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]]
    assert background[0, :, 2].tolist() == pytest.approx([1 / 12] * 4)
    assert float(background.sum()) == pytest.approx(1)
    assert float((objects * background).sum()) == 0


def test_masks_of_pages_without_boxes_or_without_background():
    objects, background = box_masks(torch.zeros(1, 0, 4), torch.zeros(1, 0, dtype=torch.bool), 2, 3)
    assert (float(objects.sum()), background[0, 0, 0].item()) == (0, pytest.approx(1 / 6))
    objects, background = box_masks(torch.tensor([[[0.0, 0, 1, 1]]]), torch.tensor([[True]]), 2, 3)
    assert (objects[0, 0, 0].item(), float(background.sum())) == (pytest.approx(1 / 6), 0)


@pytest.mark.parametrize("seed", range(5))
def test_masks_against_brute_force(seed):
    found = scene(seed=seed)
    height, width = 7, 5
    objects, background = box_masks(*pad_boxes(found.boxes, found.batch_idx, 3), height, width)
    for page in range(3):
        for y in range(height):
            for x in range(width):
                areas = []
                for x0, y0, x1, y1 in found.boxes[found.batch_idx == page].tolist():
                    left, top = math.floor(x0 * width), math.floor(y0 * height)
                    right, bottom = math.ceil(x1 * width), math.ceil(y1 * height)
                    if left <= x < right and top <= y < bottom:
                        areas.append((right - left) * (bottom - top))
                expected = 1 / min(areas) if areas else 0
                assert objects[page, y, x].item() == pytest.approx(expected)
                assert (background[page, y, x] > 0).item() is (not areas)


def test_attention_by_hand():
    spatial, channel = attention(TEACHER, THIRDS)
    assert spatial.flatten().tolist() == pytest.approx([0.5, 1.5])  # mean sizes 1 and 2
    assert channel.flatten().tolist() == pytest.approx([1.5, 0.5])  # mean sizes 2 and 1


def test_terms_by_hand():
    loss = FocalGlobalLoss([2], [2], alpha=1, beta=1, gamma=1, lambda_=1, temperature=THIRDS)
    objects, background = torch.tensor([[[1.0, 0.0]]]), torch.tensor([[[0.0, 1.0]]])
    terms = loss.level_terms(0, torch.zeros(1, 2, 1, 2), TEACHER, objects, background)
    assert terms["object"].item() == pytest.approx(0.5 * (1.5 * 1 + 0.5 * 1))
    assert terms["background"].item() == pytest.approx(1.5 * (1.5 * 9 + 0.5 * 1))
    assert terms["attention"].item() == pytest.approx(2)  # all zeros attend evenly: 4 differences of 0.5
    assert terms["global"].item() == pytest.approx(1 + 9 + 1 + 1)


def test_context_by_hand():
    block = ContextBlock(4)
    with torch.no_grad():
        for weight in (block.weigh.weight, block.weigh.bias, block.squeeze.weight, block.squeeze.bias):
            weight.zero_()
        block.squeeze.weight[0, 0] = block.squeeze.weight[1, 1] = 1.0
        block.excite.weight[0, 0], block.excite.weight[2, 1], block.excite.weight[3, 0] = 2.0, 5.0, 1.0
    maps = torch.tensor([[2.0, 4.0], [1.0, 1.0], [0.0, 0.0], [7.0, 7.0]]).reshape(1, 4, 1, 2)
    added = block(maps) - maps  # means 3 and 1, which LayerNorm turns into 1 and -1, and ReLU into 1 and 0
    assert added[0, :, 0, 0].tolist() == pytest.approx([2, 0, 0, 1], abs=1e-4)
    torch.testing.assert_close(added[..., 0], added[..., 1])


def test_terms_carry_their_weights():
    one, other = (
        FocalGlobalLoss([4, 6], [4, 6], 1e-3, 5e-4, 5e-4, 5e-6),
        FocalGlobalLoss([4, 6], [4, 6], 2e-3, 1.5e-3, 2e-3, 2.5e-5),
    )
    before, after = one(scene()), other(scene())
    ratios = {"object": 2, "background": 3, "attention": 4, "global": 5}
    assert sorted(before) == sorted(f"{name}/{level}" for name in ratios for level in (0, 1))
    for key, value in before.items():
        assert (after[key] / value).item() == pytest.approx(ratios[key.split("/")[0]], rel=1e-4)


def test_nothing_to_learn_from_itself():
    found = scene()
    terms = FocalGlobalLoss([4, 6], [4, 6])(
        Scene(found.teacher, found.teacher, found.batch_idx, found.cls, found.boxes, found.canvas)
    )
    assert [value.item() for value in terms.values()] == [0.0] * 8


def test_order_of_pages_does_not_matter():
    found, loss = scene(), FocalGlobalLoss([4, 6], [4, 6])
    order = torch.tensor([2, 0, 1])
    places = torch.argsort(order)
    other = Scene(
        [maps[order] for maps in found.student], [maps[order] for maps in found.teacher], places[found.batch_idx],
        found.cls, found.boxes, found.canvas,
    )  # fmt: skip
    for level in (0, 1):
        grid = found.teacher[level].shape[2:]
        terms = [
            loss.level_terms(
                level, s.student[level], s.teacher[level], *box_masks(*pad_boxes(s.boxes, s.batch_idx, 3), *grid)
            )
            for s in (found, other)
        ]
        for name, value in terms[0].items():
            torch.testing.assert_close(terms[1][name], value[order])


def test_gradients_reach_student_adapters_and_contexts():
    loss = FocalGlobalLoss([3, 6], [4, 6])
    found = scene()
    student = [torch.randn(3, 3, 6, 4, requires_grad=True), torch.randn(3, 6, 3, 2, requires_grad=True)]
    sum(loss(Scene(student, found.teacher, found.batch_idx, found.cls, found.boxes, found.canvas)).values()).backward()
    assert all(maps.grad.abs().sum() > 0 for maps in student)
    assert loss.adapters[0].weight.grad.abs().sum() > 0
    assert list(loss.adapters[1].parameters()) == []  # channels are the same
    assert all(maps.grad is None for maps in found.teacher)
