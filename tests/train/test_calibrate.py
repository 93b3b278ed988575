from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch import nn

from doclayout.train.calibrate import best_cut, class_thresholds, correct, expected_error, fit, fold


def detection(box, score, category=0, image=1):
    return {"image_id": image, "category_id": category, "bbox": box, "score": score}


TRUTH = {"annotations": [{"image_id": 1, "category_id": 0, "bbox": [0, 0, 10, 10]}]}


@pytest.mark.parametrize(
    ("detections", "right"),
    [
        ([detection([0, 0, 10, 10], 0.9)], [1]),
        ([detection([0, 0, 10, 4], 0.9)], [0]),  # IoU 0.4
        ([detection([0, 0, 10, 10], 0.9, category=1)], [0]),  # another class
        ([detection([0, 0, 10, 10], 0.9, image=2)], [0]),  # another page
        ([detection([0, 0, 10, 9], 0.4), detection([0, 0, 10, 10], 0.8)], [0, 1]),  # the better one takes it
    ],
)
def test_a_box_is_right_once(detections, right):
    assert correct(detections, TRUTH)[1].tolist() == right


def test_fit_finds_the_curve_that_made_the_outcomes():
    rng = np.random.default_rng(0)
    scores = rng.uniform(0.02, 0.98, 20000)
    chance = 1 / (1 + np.exp(-(0.8 * np.log(scores / (1 - scores)) + 1.0)))
    right = (rng.random(len(scores)) < chance).astype(float)
    assert fit(scores, right) == pytest.approx((0.8, 1.0), abs=0.08)
    assert expected_error(chance, right) < 0.02 < expected_error(scores, right)
    scores[:2], right[:2] = (0, 1), (0, 1)
    assert fit(scores, right) == pytest.approx((0.8, 1.0), abs=0.08), "scores that are quite sure"


@pytest.mark.parametrize("k", [0.3, 2, 2.5, 3, 6])
def test_fit_of_scores_far_too_sure_or_unsure(k):
    rng = np.random.default_rng(0)
    truth = rng.normal(0, 2.5, 4000)
    right = (rng.random(len(truth)) < 1 / (1 + np.exp(-truth))).astype(float)
    assert fit(1 / (1 + np.exp(-k * truth)), right) == pytest.approx((1 / k, 0), abs=0.25 / k)


def test_scores_that_part_right_from_wrong_have_no_calibration():
    found = fit(np.array([0.45, 0.48, 0.52, 0.55]), np.array([0.0, 0, 1, 1]))
    with pytest.raises(ValueError, match="more labelled pages"):
        fold(SimpleNamespace(one2one_cv3=[]), *found)


def test_scores_that_are_all_alike_stay():
    assert fit(np.full(4, 0.5), np.array([0.0, 0, 1, 1])) == pytest.approx((1, 0))


def test_expected_error_by_hand():
    # two bins: mean score 0.25 with half right, and 0.95 with all right
    assert expected_error(np.array([0.25, 0.25, 0.95, 0.95]), np.array([1.0, 0, 1, 1])) == pytest.approx(0.15)


def test_fold_changes_the_one_to_one_branch_by_the_formula():
    branch = nn.Sequential(nn.Conv2d(2, 3, 1))
    x = torch.randn(1, 2, 4, 4)
    before = branch(x).detach()
    fold(SimpleNamespace(one2one_cv3=[branch]), 0.8, 1.0)
    assert torch.allclose(branch(x), 0.8 * before + 1.0, atol=1e-6)


@pytest.mark.parametrize("a", [0.0, -1.0, float("nan"), 0.01, 1e9])
def test_fold_refuses_slopes_that_lose_the_order(a):
    with pytest.raises(ValueError, match=r"a must be from 0\.05 to 20;"):
        fold(SimpleNamespace(one2one_cv3=[]), a, 0.0)


@pytest.mark.parametrize(
    ("scores", "right", "boxes", "cut", "f1"),
    [
        ([0.9, 0.6, 0.2], [1, 1, 0], 2, 0.4, 1.0),  # between the last right one and the first wrong one
        ([0.2, 0.9, 0.6], [0, 1, 0], 1, 0.75, 1.0),  # in any order
        ([0.9, 0.6], [0, 1], 1, 0.3, 2 / 3),
        ([], [], 3, 1.0, 0.0),
    ],
)
def test_best_cut_by_hand(scores, right, boxes, cut, f1):
    assert best_cut(np.array(scores), np.array(right), boxes) == pytest.approx((cut, f1))


def one_box_a_page(scores, right, category):
    """Detections of a class, and its truth: a box a page, of which some are found."""
    found = [
        {"image_id": page, "category_id": category, "bbox": [0, 0, 10, 10] if hit else [50, 50, 10, 10], "score": score}
        for page, (score, hit) in enumerate(zip(scores, right, strict=True))
    ]
    boxes = [{"image_id": page, "category_id": category, "bbox": [0, 0, 10, 10]} for page in range(len(scores))]
    return found, boxes


def test_thresholds_of_classes_alone_and_held_to_that_of_all():
    many, boxes = one_box_a_page([0.8] * 50 + [0.4] * 20, [True] * 50 + [False] * 20, 0)
    few, own = one_box_a_page([0.3, 0.3], [True, True], 1)
    truth = {"annotations": boxes + own, "categories": [{"id": i, "name": name} for i, name in enumerate("abc")]}
    alone = class_thresholds(many + few, truth, shared=0, flat=0)
    assert alone["a"] == pytest.approx((0.41 + 0.8) / 2, abs=0.006)
    assert alone["b"] == pytest.approx((0.05 + 0.3) / 2, abs=0.006)
    assert alone["c"] == 0.5  # without a box no cut is better than another
    held = class_thresholds(many + few, truth, shared=500, flat=0)
    assert held["a"] == held["b"] == held["c"] == pytest.approx(alone["a"], abs=0.006)
    between = class_thresholds(many + few, truth, shared=5, flat=0.02)
    assert alone["b"] <= between["b"] <= held["b"]
