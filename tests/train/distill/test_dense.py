import math

import pytest
import torch

from doclayout.train.distill.dense import DenseLoss
from tests.train.distill.test_resolution import scene


def test_outputs_by_hand():
    loss = DenseLoss([1, 0])
    theirs = torch.ones(1, 4, 2), torch.tensor([[[0.0, -50.0], [math.log(3), -50.0]]])  # scores 0.5, 0.75; and none
    ours = torch.tensor([[[3.0, 9.0]] * 4]), torch.zeros(1, 2, 2)
    cls, box = loss._outputs(ours, theirs)
    # the teacher's order of classes is the other way around, and the student's scores are 0.5 everywhere
    first = math.log(2) + 0.75 * math.log(0.75) + 0.25 * math.log(0.25)
    assert cls.item() == pytest.approx(first + 2 * math.log(2), rel=1e-4)  # the sum of best scores, 0.75, counts as 1
    assert box.item() == pytest.approx(2 * 0.75)


def test_all_levels_and_both_branches_count():
    found = scene(student=(4, 2), teacher=(4, 2))
    terms = DenseLoss([0, 1])(found)
    assert sorted(terms) == ["box/0", "box/1", "cls/0", "cls/1"]
    assert all(value > 0 for value in terms.values())
    for key in ("boxes", "scores"):
        found.student_head["one2one"][key] = found.teacher_head[1]["one2one"][key].clone()
    half = DenseLoss([0, 1])(found)
    assert all(0 < half[key] < terms[key] for key in terms)


def test_nothing_to_learn_from_the_same_outputs():
    terms = DenseLoss([0, 1])(scene(student=(4, 2), teacher=(4, 2), seeds=(0, 0)))
    assert [value.item() for value in terms.values()] == pytest.approx([0] * 4, abs=1e-5)


def test_weights_and_gradients():
    found = scene(student=(4, 2), teacher=(4, 2))
    for branch in (*found.student_head.values(), *found.teacher_head[1].values()):
        for value in branch.values():
            value.requires_grad_()
    one, two = (DenseLoss([0, 1], *weights)(found) for weights in ((1, 1), (3, 4)))
    assert [(two[key] / one[key]).item() for key in ("cls/0", "cls/1", "box/0", "box/1")] == pytest.approx([3, 3, 4, 4])
    sum(one.values()).backward()
    assert all(value.grad.abs().sum() > 0 for branch in found.student_head.values() for value in branch.values())


def test_box_of_a_cell_counts_by_the_score_of_the_teacher():
    ours, theirs = (torch.zeros(1, 4, 2), torch.zeros(1, 1, 2)), (torch.ones(1, 4, 2), torch.zeros(1, 1, 2))
    theirs[0][..., 1] = 5
    theirs[1][..., 0], theirs[1][..., 1] = 50, -50  # sure of the first cell, nothing in the second
    assert DenseLoss([0])._outputs(ours, theirs)[1].item() == pytest.approx(1)
