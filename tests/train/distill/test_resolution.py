import pytest
import torch

from doclayout.train.distill.resolution import ResolutionLoss
from doclayout.train.distill.scene import Scene


def head(cells, seed=0, classes=2):
    """Raw outputs of both branches for so many cells."""
    generator = torch.Generator().manual_seed(seed)
    return {
        name: {
            "boxes": torch.randn(2, 4, cells, generator=generator),
            "scores": torch.randn(2, classes, cells, generator=generator),
        }
        for name in ("one2many", "one2one")
    }


def scene(student=(4, 2), teacher=(8, 4), seeds=(0, 1)):
    """Maps of square grids of so many cells a side, of 3 channels, and heads that fit them."""
    maps = [
        [torch.randn(2, 3, g, g, generator=torch.Generator().manual_seed(seed)) for g in grids]
        for seed, grids in zip(seeds, (student, teacher), strict=True)
    ]
    heads = [head(sum(g * g for g in grids), seed) for seed, grids in zip(seeds, (student, teacher), strict=True)]
    none = torch.zeros(0, dtype=torch.int64)
    return Scene(*maps, none, none, torch.zeros(0, 4), (64, 64), heads[0], (None, heads[1]))


def test_levels_of_equal_size_are_paired():
    found = scene()
    terms = ResolutionLoss([3, 3], [3, 3], [0, 1])(found)
    assert sorted(terms) == ["box/0", "cls/0", "map/0"]
    assert terms["map/0"].item() == pytest.approx((found.student[0] - found.teacher[1]).square().mean().item())


def test_nothing_to_learn_from_the_same_outputs():
    found = scene(seeds=(0, 0))
    ours, theirs = found.student_head, found.teacher_head[1]
    for name in ours:
        for key in ours[name]:
            theirs[name][key][..., 64:] = ours[name][key][..., :16]
    same = Scene(
        found.student, [found.teacher[0], found.student[0]], found.batch_idx, found.cls, found.boxes, (64, 64), ours,
        (None, theirs),
    )  # fmt: skip
    terms = ResolutionLoss([3, 3], [3, 3], [0, 1])(same)
    assert [value.item() for value in terms.values()] == pytest.approx([0, 0, 0], abs=1e-5)


def test_weights_and_gradients():
    found = scene()
    for branch in found.student_head.values():
        for value in branch.values():
            value.requires_grad_()
    one, two = (ResolutionLoss([3, 3], [3, 3], [0, 1], *w)(found) for w in ((1, 1, 1), (2, 3, 4)))
    assert [(two[key] / one[key]).item() for key in ("map/0", "cls/0", "box/0")] == pytest.approx([2, 3, 4])
    sum(one.values()).backward()
    for branch in found.student_head.values():
        for value in branch.values():
            assert value.grad[..., :16].abs().sum() > 0
            assert value.grad[..., 16:].abs().sum() == 0  # the last level has no like


def test_maps_of_other_sizes_are_refused():
    with pytest.raises(ValueError, match=r"\(4, 4\), \(6, 6\).*2x as large"):
        ResolutionLoss([3, 3], [3, 3], [0, 1])(scene(teacher=(12, 6)))
