from math import log

import numpy as np
import pytest

from doclayout import rescore
from doclayout.errors import WeightsError
from doclayout.perceptron import write_networks
from doclayout.rescore import FEATURES, can_judge, describe, load_judges, log_odds, rescored
from doclayout.schema import load_schema

TEXT, LIST, TABLE = 2, 3, 4
AT = {
    name: slice(start, stop)
    for name, start, stop in (
        ("scores", 0, 3), ("iou", 3, 4), ("moves", 4, 8), ("same place", 8, 9), ("alike", 9, 10), ("unlike", 10, 11),
        ("holder", 11, 12), ("part", 12, 13), ("parts", 13, 14), ("covered by parts", 14, 15), ("covered", 15, 16),
        ("by score", 16, 17),
    )
}  # fmt: skip


def described(rows, before=None, unit=1.0):
    """Features by name of boxes given as (xyxy, score, class), whose scores are alike at all stages."""
    boxes = np.array([row[0] for row in rows], np.float32).reshape(-1, 4)
    scores = np.array([[row[1] for row in rows]] * 3, np.float32)
    ids = np.array([row[2] for row in rows], np.int64)
    features = describe(boxes, boxes if before is None else np.array(before, np.float32), scores, ids, unit)
    assert features.shape == (len(rows), FEATURES) and features.dtype == np.float32
    return {name: features[:, place] for name, place in AT.items()}


def test_stages_of_the_score_are_apart():
    """By hand; company counts by the scores before rivals do, the second row."""
    boxes = np.array([(0, 0, 10, 10), (0, 0, 10, 8)], np.float32)
    stages = np.array([(0.6, 0.5), (0.8, 0.4), (0.7, 0.2)], np.float32)
    features = describe(boxes, boxes, stages, np.array([TEXT, LIST]), 1.0)
    np.testing.assert_allclose(features[:, AT["scores"]], log_odds(stages).T)
    np.testing.assert_allclose(features[:, AT["same place"]][:, 0], [0.4, 0.8])


def test_what_is_clipped():
    """A hundred pixels count as thirty, and what many boxes cover counts a few times."""
    rows = [((0, 0, 100, 100), 0.9, TEXT)] + [((0, 0, 100, 55), 0.9, LIST)] * 9
    found = described(rows, [(100, 0, 200, 100)] + [(0, 0, 100, 55)] * 9)
    np.testing.assert_allclose(found["moves"][0], [log(31), 0, -log(31), 0], rtol=1e-6)
    assert [found[name][0, 0] for name in ("covered by parts", "covered", "by score")] == [2, 3, 4]


def test_networks_of_other_features_are_refused(tmp_path, monkeypatch):
    write_networks([((np.zeros((3, 1), np.float32), np.zeros(1, np.float32)),)], tmp_path / "other.npz")
    monkeypatch.setattr(rescore, "RESCORE", tmp_path / "other.npz")
    with pytest.raises(WeightsError, match=r"other\.npz holds other networks.*train_rescore"):
        load_judges.__wrapped__()


def test_scores_and_moves():
    """By hand: the left edge went 7 pixels in, the right one 3 out, of boxes twice as fine as the networks know."""
    found = described([((27, 10, 126, 20), 0.8, TEXT)], [(20, 10, 123, 20)], unit=2)
    np.testing.assert_allclose(found["scores"], [[log(4)] * 3], rtol=1e-6)
    np.testing.assert_allclose(found["iou"], [[(123 - 27) / (126 - 20)]], rtol=1e-6)
    np.testing.assert_allclose(found["moves"], [[-log(1 + 3.5), 0, log(1 + 1.5), 0]], rtol=1e-6)


def test_boxes_alone_have_no_company():
    found = described([((0, 0, 10, 10), 0.9, TEXT), ((20, 0, 30, 10), 0.9, TEXT)])
    for name in list(AT)[3:]:
        assert not found[name].any(), name


def test_two_readings_of_one_place():
    found = described([((0, 0, 10, 10), 0.9, TEXT), ((0, 0, 10, 8), 0.4, LIST)])
    np.testing.assert_allclose(found["same place"][:, 0], [0.4, 0.9])
    np.testing.assert_allclose(found["covered"][:, 0], [0.8, 1])
    np.testing.assert_allclose(found["by score"][:, 0], [0.32, 0.9], rtol=1e-6)
    assert not found["unlike"].any() and not found["alike"].any() and not found["part"].any()


def test_overlaps_of_its_own_class_and_of_others():
    found = described([((0, 0, 10, 10), 0.9, TEXT), ((0, 5, 10, 15), 0.4, TEXT), ((5, 0, 15, 10), 0.3, LIST)])
    np.testing.assert_allclose(found["alike"][:, 0], [0.4, 0.9, 0])
    np.testing.assert_allclose(found["unlike"][:, 0], [0.3, 0, 0.9])


def test_a_whole_and_its_parts():
    rows = [((0, 0, 100, 100), 0.8, TABLE), ((0, 0, 100, 20), 0.5, TEXT), ((0, 30, 100, 50), 0.2, TEXT)]
    found = described(rows)
    np.testing.assert_allclose(found["holder"][:, 0], [0, 0.8, 0.8])
    np.testing.assert_allclose(found["part"][:, 0], [0.5, 0, 0])
    np.testing.assert_allclose(found["parts"][:, 0], [log(2), 0, 0], rtol=1e-6)  # the doubtful one does not count
    np.testing.assert_allclose(found["covered by parts"][:, 0], [0.2, 0, 0])
    np.testing.assert_allclose(found["covered"][:, 0], [0.2, 1, 1])
    np.testing.assert_allclose(found["by score"][:, 0], [0.2 * 0.5 + 0.2 * 0.2, 0.8, 0.8], rtol=1e-6)


def test_company_is_of_likely_boxes():
    found = described([((0, 0, 10, 10), 0.9, TEXT), ((0, 0, 10, 8), rescore.CONTEXT - 0.01, LIST)])
    assert found["same place"][:, 0].tolist() == [0, np.float32(0.9)]


def test_order_and_names_of_classes_do_not_count():
    rng = np.random.default_rng(0)
    corners = rng.uniform(0, 60, (60, 2))
    boxes = np.hstack([corners, corners + rng.uniform(5, 60, (60, 2))]).astype(np.float32)
    before, scores = boxes + rng.normal(0, 2, (60, 4)).astype(np.float32), rng.uniform(0, 1, (3, 60)).astype(np.float32)
    ids, order = rng.integers(0, 3, 60), rng.permutation(60)
    features = describe(boxes, before, scores, ids, 1.0)
    assert features[:, 8:].any(axis=0).all()  # each kind of company occurs
    np.testing.assert_allclose(describe(boxes, before, scores, 2 - ids, 1.0), features)
    shuffled = describe(boxes[order], before[order], scores[:, order], ids[order], 1.0)
    np.testing.assert_allclose(shuffled, features[order], rtol=1e-5, atol=1e-6)


def test_no_boxes():
    nothing = described([])
    assert rescored(np.zeros((0, FEATURES), np.float32), np.zeros(0, np.float32)).shape == (0,)
    assert len(nothing["iou"]) == 0


def test_what_networks_say_adds_to_log_odds(monkeypatch):
    """Two networks that say 1 and 3 add 2; scores of 0 and 1 stay within bounds."""
    said = [((np.zeros((FEATURES, 1), np.float32), np.array([k], np.float32)),) for k in (1, 3)]
    monkeypatch.setattr(rescore, "load_judges", lambda: said)
    scores = np.array([0, 0.2, 0.5, 1], np.float32)
    new = rescored(np.zeros((4, FEATURES), np.float32), scores)
    np.testing.assert_allclose(log_odds(new[1:3]), log_odds(scores[1:3]) + 2, rtol=1e-5)
    assert 0 < new[0] < 0.01 and 0.99 < new[3] <= 1 and (np.diff(new) > 0).all()


def judged(boxes, before, scores, ids):
    """What the networks that ship make of the first box's score."""
    stages = np.array([scores] * 3, np.float32)
    features = describe(np.array(boxes, np.float32), np.array(before, np.float32), stages, np.array(ids), 1.0)
    return rescored(features, stages[2])[0]


def test_rivals_and_long_ways_speak_against_a_box():
    here, far, rival = (100, 100, 400, 112), (160, 80, 460, 130), (100, 100, 400, 124)
    alone = judged([here], [here], [0.6], [TEXT])
    assert judged([here], [far], [0.6], [TEXT]) < alone - 0.1
    assert judged([here, rival], [here, rival], [0.6, 0.6], [TEXT, LIST]) < alone - 0.1


@pytest.mark.parametrize(("schema", "known"), [("datasheet21", True), ("doclaynet11", False)])
def test_only_the_default_classes_are_judged(schema, known):
    assert can_judge(load_schema(schema)) is known


def test_judges_fit():
    assert len(load_judges()) > 1
    assert all(network[0][0].shape[0] == FEATURES for network in load_judges())
