import math
from dataclasses import replace

import pytest
import torch

from doclayout.train.distill.graph import GraphLoss, merging, node_losses, shrunk, whiten
from doclayout.train.distill.scene import Scene

TEXT, OTHER = 0, 1


def scene(seed=0, pages=2, detections=None):
    """Random maps of two levels, three boxes a page, and what the teacher found: by default nothing."""
    generator = torch.Generator().manual_seed(seed)
    maps = [[torch.randn(pages, c, g, g, generator=generator) for c, g in ((3, 8), (5, 4))] for _ in range(2)]
    boxes = torch.tensor([[0.0, 0.0, 0.4, 0.4], [0.5, 0.0, 1.0, 0.3], [0.1, 0.6, 0.9, 0.9]]).repeat(pages, 1)
    found = torch.zeros(pages, 4, 6) if detections is None else detections
    classes = torch.tensor([TEXT, OTHER, OTHER]).repeat(pages)
    return Scene(*maps, torch.arange(pages).repeat_interleave(3), classes, boxes, (64, 64), None, (found, {}))


def test_text_that_is_alike_and_close_is_merged():
    nodes = torch.tensor([[[1.0, 0.0], [2.0, 0.1], [3.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 0.0]]])
    boxes = torch.tensor([[
        [0.0, 0.00, 0.5, 0.10],
        [0.0, 0.11, 0.5, 0.20],  # close to the first
        [0.0, 0.21, 0.5, 0.30],  # close to the second alone
        [0.0, 0.31, 0.5, 0.40],  # close, but unlike
        [0.0, 0.22, 0.5, 0.30],  # not text
        [0.8, 0.80, 0.9, 0.90],  # far
    ]])  # fmt: skip
    text = torch.tensor([[True, True, True, True, False, True]])
    merge, text = merging(nodes, boxes, torch.ones(1, 6, dtype=torch.bool), text)
    assert merge[0].nonzero().tolist() == [[0, 0], [0, 1], [0, 2], [3, 3], [4, 4], [5, 5]]
    torch.testing.assert_close((merge @ nodes)[0, 0], torch.tensor([2.0, 0.1 / 3]))
    assert (merge.sum(2) > 0).tolist() == [[True, False, False, True, True, True]]


def test_nodes_that_are_not_there_are_not_merged():
    nodes, boxes = torch.ones(1, 3, 2), torch.zeros(1, 3, 4)
    valid = torch.tensor([[True, False, True]])
    merge, _ = merging(nodes, boxes, valid, torch.ones(1, 3, dtype=torch.bool))
    assert merge[0].tolist() == [[0.5, 0, 0.5], [0, 0, 0], [0, 0, 0]]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ([True, True, True, False], (1 / 3 * 2, 4)),  # one other to three texts
        ([True, False, False, False], (1, 3)),  # fewer texts than others
        ([False] * 4, (0, 2.5)),
        ([True] * 4, (0, 0)),
    ],
)
def test_text_counts_less_where_there_is_more(text, expected):
    errors = torch.tensor([[1.0, 2.0, 3.0, 4.0, 100.0]])
    valid = torch.tensor([[True, True, True, True, False]])
    losses = node_losses(errors, valid, torch.tensor([[*text, False]]))
    assert (losses["text"].item(), losses["other"].item()) == pytest.approx(expected)


def test_shrunk_covariance_by_hand():
    found = shrunk(torch.tensor([[4.0, 2.0], [2.0, 2.0]]))
    torch.testing.assert_close(found, torch.tensor([[3.9, 1.8], [1.8, 2.1]]), atol=1e-5, rtol=0)
    assert torch.linalg.cholesky(shrunk(torch.zeros(3, 3))).diagonal().min() > 0


def test_whitened_distance_is_mahalanobis():
    covariance = torch.tensor([[4.0, 1.0], [1.0, 2.0]])
    nodes = torch.tensor([[[1.0, 0.0], [0.0, 3.0]]])
    one, two = whiten(nodes, torch.linalg.cholesky(covariance))[0]
    delta = nodes[0, 0] - nodes[0, 1]
    assert (one - two).square().sum().item() == pytest.approx((delta @ covariance.inverse() @ delta).item())


def test_edges_by_hand():
    loss = GraphLoss([1], [1], [True, False], node=0.0, edge=1.0)
    loss.covariance.fill_(1.0)  # shrinks to itself
    theirs, ours = torch.tensor([[[0.0], [1.0], [3.0]]]), torch.tensor([[[0.0], [1.0], [1.0]]])
    text = torch.tensor([[True, True, False]])
    # the teacher's distances 1 (text-text), 3 and 2 (mixed), median 2; the student's 1, 1 and 0
    a = [math.exp(-d / 2) for d in (1, 3, 2, 1, 1, 0)]
    expected = ((a[0] - a[3]) ** 2 + 2 * (a[1] - a[4]) ** 2 + 2 * (a[2] - a[5]) ** 2) / (1 + 2 + 2)
    found = loss._edge_losses(ours, theirs, torch.ones(1, 3, dtype=torch.bool), text)
    assert found.item() == pytest.approx(expected, abs=1e-3)


def test_nothing_to_learn_from_itself():
    found = scene()
    same = Scene(
        found.teacher, found.teacher, found.batch_idx, found.cls, found.boxes, (64, 64), None, found.teacher_head
    )
    assert [value.item() for value in GraphLoss([3, 5], [3, 5], [True, False])(same).values()] == [0.0] * 5


def test_pages_with_one_node_are_left_out():
    found = scene()
    loss = GraphLoss([3, 5], [3, 5], [True, False]).eval()
    keep = torch.tensor([0, 1, 2, 3])
    fewer = Scene(
        found.student, found.teacher, found.batch_idx[keep], found.cls[keep], found.boxes[keep], (64, 64), None,
        found.teacher_head,
    )  # fmt: skip
    alone = Scene(
        [m[:1] for m in found.student], [m[:1] for m in found.teacher], found.batch_idx[:3], found.cls[:3],
        found.boxes[:3], (64, 64), None, (found.teacher_head[0][:1], {}),
    )  # fmt: skip
    for key, value in loss(alone).items():
        torch.testing.assert_close(loss(fewer)[key], value)
    none = Scene(
        found.student, found.teacher, torch.zeros(0, dtype=torch.int64), torch.zeros(0, dtype=torch.int64),
        torch.zeros(0, 4), (64, 64), None, found.teacher_head,
    )  # fmt: skip
    assert [value.item() for value in loss(none).values()] == [0.0] * 5


def test_mined_regions_are_nodes():
    loss = GraphLoss([3, 5], [3, 5], [True, False]).eval()
    found = torch.zeros(2, 4, 6)
    found[:, 0] = torch.tensor([30.0, 24, 34, 34, 0.9, 1])
    boxes, valid, text = loss._boxes(scene(detections=found))
    assert valid.tolist() == [[True] * 4 + [False] * 3] * 2
    assert text.tolist() == [[True] + [False] * 6] * 2
    torch.testing.assert_close(boxes[0, 3], torch.tensor([30.0, 24, 34, 34]) / 64)


def test_order_of_pages_does_not_matter():
    found, loss = scene(pages=3), GraphLoss([3, 5], [3, 5], [True, False]).eval()
    order = torch.tensor([2, 0, 1])
    other = Scene(
        [m[order] for m in found.student], [m[order] for m in found.teacher], torch.argsort(order)[found.batch_idx],
        found.cls, found.boxes, (64, 64), None, found.teacher_head,
    )  # fmt: skip
    for key, value in loss(found).items():
        torch.testing.assert_close(loss(other)[key], value)


def test_gradients_are_finite_and_the_covariance_follows():
    loss = GraphLoss([2, 5], [3, 5], [True, False])
    found = scene()
    student = [torch.randn(2, 2, 8, 8, requires_grad=True), torch.randn(2, 5, 4, 4, requires_grad=True)]
    given = Scene(student, found.teacher, found.batch_idx, found.cls, found.boxes, (64, 64), None, found.teacher_head)
    sum(loss(given).values()).backward()
    for maps in (*student, loss.adapters[0].weight):
        assert torch.isfinite(maps.grad).all() and maps.grad.abs().sum() > 0
    first = loss.covariance.clone()
    assert first.diagonal().min() > 0
    loss(replace(given, teacher=scene(1).teacher))
    fresh = loss.covariance
    assert 0 < (fresh - first).norm() < 0.2 * first.norm()
