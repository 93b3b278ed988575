import numpy as np
import pytest

from doclayout.train.metrics import SUMMARY, coco_scores, overlaps

TRUTH = {
    "images": [{"id": 1, "width": 200, "height": 200}, {"id": 2, "width": 200, "height": 200}],
    "categories": [{"id": 0, "name": "text"}, {"id": 1, "name": "table"}, {"id": 2, "name": "figure"}],
    "annotations": [
        {"id": 1, "image_id": 1, "category_id": 0, "bbox": [0, 0, 20, 20], "area": 400, "iscrowd": 0},
        {"id": 2, "image_id": 1, "category_id": 0, "bbox": [100, 100, 50, 50], "area": 2500, "iscrowd": 0},
        {"id": 3, "image_id": 2, "category_id": 1, "bbox": [0, 0, 100, 100], "area": 10000, "iscrowd": 0},
    ],
}


def found(image, label, box, score=0.9):
    return {"image_id": image, "category_id": label, "bbox": box, "score": score}


RIGHT = [found(1, 0, [0, 0, 20, 20]), found(1, 0, [100, 100, 50, 50]), found(2, 1, [0, 0, 100, 100])]


@pytest.mark.parametrize(
    ("detections", "expected"),
    [
        (RIGHT, {"AP": 1, "AP50": 1, "AP75": 1, "AP_small": 1, "AP_medium": 1, "AP_large": 1, "AR": 1}),
        ([], {"AP": 0, "AP50": 0, "AR": 0, "AP_small": 0}),
        # one text of two: precision 1 up to recall 0.5, which is 51 of 101 points; no table
        (
            RIGHT[:1],
            {"AP": 51 / 101 / 2, "AP50": 51 / 101 / 2, "AR": 0.25, "AP_small": 1, "AP_medium": 0, "AP_large": 0},
        ),
        # a table cut at 0.8 of its height counts for thresholds 0.50 to 0.80
        ([*RIGHT[:2], found(2, 1, [0, 0, 100, 80])], {"AP": (1 + 0.7) / 2, "AP50": 1, "AP75": 1, "AR": (1 + 0.7) / 2}),
        # of the right place but another class
        ([*RIGHT[:2], found(2, 0, [0, 0, 100, 100], 0.1)], {"AP": 0.5, "AP50": 0.5, "AR": 0.5}),
        # a better-scored false text: precision 1/2, then 2/3 at full recall
        ([found(2, 0, [0, 0, 9, 9], 0.99), *RIGHT], {"AP": (2 / 3 + 1) / 2, "AR": 1}),
    ],
    ids=["all right", "nothing", "one of two", "cut table", "wrong class", "false one first"],
)
def test_literal_figures(detections, expected):
    scores = coco_scores(TRUTH, detections)
    assert {key: scores[key] for key in expected} == pytest.approx(expected, abs=1e-4)
    assert tuple(scores) == (*SUMMARY, "classes")


def test_figures_of_each_class():
    scores = coco_scores(TRUTH, [*RIGHT[:1], found(2, 1, [0, 0, 100, 80])])
    assert list(scores["classes"]) == ["text", "table"], "classes without ground truth have no figures"
    assert scores["classes"]["text"] == pytest.approx(
        {"AP": 51 / 101, "AP50": 51 / 101, "AR": 0.5, "boxes": 2}, abs=1e-4
    )
    assert scores["classes"]["table"] == pytest.approx({"AP": 0.7, "AP50": 1, "AR": 0.7, "boxes": 1}, abs=1e-4)


def test_input_is_left_alone():
    before = [dict(item) for item in RIGHT]
    coco_scores(TRUTH, RIGHT)
    assert before == RIGHT


def test_prints_nothing(capsys):
    coco_scores(TRUTH, RIGHT)
    assert capsys.readouterr().out == ""


def test_overlaps_of_coco_boxes():
    a, b = (
        [[0.0, 0.0, 4.0, 2.0], [10.0, 10.0, 1.0, 1.0]],
        [[2.0, 0.0, 4.0, 2.0], [0.0, 0.0, 4.0, 2.0], [4.0, 0.0, 1.0, 1.0]],
    )
    assert np.allclose(overlaps(a, b), [[1 / 3, 1, 0], [0, 0, 0]])
    assert overlaps(a, []).shape == (2, 0) and overlaps([], b).shape == (0, 3)
