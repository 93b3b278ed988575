import numpy as np
import pytest

from doclayout import postprocess as postprocess_module
from doclayout import rescore
from doclayout.postprocess import postprocess
from doclayout.schema import load_schema
from doclayout.wording import BITS, Wording

SCHEMA = load_schema()
HEADING, TEXT = SCHEMA.id_of("heading"), SCHEMA.id_of("text")
BOXES = np.array([(96, 297, 425, 314), (97, 298, 424, 315), (96, 500, 300, 520)], np.float32)
SCORES = np.array([0.5, 0.9, 0.3], np.float32)
IDS = np.array([HEADING, HEADING, TEXT])


def lined_page() -> np.ndarray:
    """A line of print at (100, 300, 420, 312)."""
    page = np.full((1280, 906, 3), 255, np.uint8)
    for x in range(100, 420, 8):
        page[300:312, x : x + 4] = 0
    page[300:312, 416:420] = 0
    return page


@pytest.mark.parametrize(
    ("options", "boxes", "scores"),
    [
        ({"clean": False}, BOXES[[1, 0, 2]], [0.9, 0.5, 0.3]),  # by falling score, else as they came
        ({}, BOXES[[1, 2]], [0.9, 0.3]),  # the same reading twice goes
        ({"conf": 0.4}, BOXES[[1]], [0.9]),
        ({"conf": np.where(np.arange(21) == TEXT, 0.2, 0.95)}, BOXES[[2]], [0.3]),  # one for each class
        ({"max_det": 1}, BOXES[[1]], [0.9]),
        ({"image": lined_page()}, [(100, 300, 420, 312), BOXES[2]], [0.9, 0.3]),  # snapped where there is ink
    ],
)
def test_steps(options, boxes, scores):
    found, left, ids = postprocess(BOXES, SCORES, IDS, SCHEMA, **options)
    np.testing.assert_allclose(found, boxes, atol=0.7 if "image" in options else 0)
    np.testing.assert_allclose(left, scores)
    assert len(ids) == len(found) and set(ids) <= {HEADING, TEXT}


@pytest.fixture
def favour(monkeypatch):
    """Judges who take each box for likelier than it was, by 2 in log-odds."""
    network = ((np.zeros((rescore.FEATURES, 1), np.float32), np.array([2], np.float32)),)
    monkeypatch.setattr(rescore, "load_judges", lambda: [network])


@pytest.mark.parametrize("options", [{"clean": False, "image": lined_page()}, {"image": None}])
def test_only_refined_and_cleaned_boxes_are_judged(options, favour):
    _, scores, _ = postprocess(BOXES, SCORES, IDS, SCHEMA, rescore=True, **options)
    np.testing.assert_allclose(scores, sorted(SCORES if "clean" in options else SCORES[1:])[::-1])


@pytest.mark.parametrize(
    ("conf", "expected"),
    [
        (0.01, [(HEADING, 0.9), (TEXT, 0.3), (TEXT, 0.12), (TEXT, 0.05)]),
        (0.4, [(HEADING, 0.9), (TEXT, 0.3), (TEXT, 0.12)]),  # 0.12 is taken for 0.50
        (0.6, [(HEADING, 0.9), (TEXT, 0.3)]),
        (0.2, [(HEADING, 0.9), (TEXT, 0.3), (TEXT, 0.12)]),  # what lies under `CONTEXT` does not come up
    ],
)
def test_judged_boxes_are_kept_by_their_new_score(conf, expected, favour):
    boxes = np.vstack([BOXES, [(500, 297, 700, 314), (500, 500, 700, 520)]]).astype(np.float32)
    scores, ids = np.append(SCORES, [0.12, 0.05]).astype(np.float32), np.append(IDS, [TEXT, TEXT])
    _, new, kept = postprocess(boxes, scores, ids, SCHEMA, lined_page(), conf=conf, rescore=True)
    odds = np.array([score / (1 - score) for _, score in expected]) * np.exp(2)
    np.testing.assert_allclose(new, odds / (1 + odds), rtol=1e-4)
    assert kept.tolist() == [class_id for class_id, _ in expected]


def test_networks_and_words_are_told_apart(monkeypatch):
    """Judges see the network's score, that with words, and what rivals have left of it."""
    seen = []
    monkeypatch.setattr(rescore, "load_judges", lambda: [((np.zeros((rescore.FEATURES, 1), np.float32), np.zeros(1)),)])
    monkeypatch.setattr(postprocess_module, "describe", lambda *args: seen.append(args) or rescore.describe(*args))
    rivals = np.array([(96, 297, 425, 314), (96, 297, 425, 318)], np.float32)
    nothing = np.zeros(len(SCHEMA), np.float32)
    likelier = Wording(SCHEMA.names, np.zeros((1 << BITS, len(SCHEMA)), np.float32), nothing, nothing, 1.0)
    monkeypatch.setattr(likelier, "log_posterior", lambda texts: np.ones((len(texts), len(SCHEMA)), np.float32))
    postprocess(
        rivals, np.array([0.9, 0.5], np.float32), np.array([HEADING, TEXT]), SCHEMA, lined_page(), conf=0.01,
        openings=lambda boxes: ["x"] * len(boxes), wording=likelier, rescore=True,
    )  # fmt: skip
    ((boxes, before, stages, ids, unit),) = seen
    np.testing.assert_array_equal(before, rivals)
    np.testing.assert_allclose(boxes, [(100, 300, 420, 312)] * 2, atol=0.7)
    with_words = [1 / (1 + np.exp(-1) / 9), 1 / (1 + np.exp(-1))]
    expected = [[0.9, 0.5], with_words, [with_words[0], with_words[1] * (1 - with_words[0])]]
    np.testing.assert_allclose(stages, expected, rtol=1e-5)
    assert ids.tolist() == [HEADING, TEXT] and unit == pytest.approx((1280 * 906 / 1_100_000) ** 0.5)


def test_boxes_under_their_own_threshold_take_no_place():
    boxes = np.array([(0, 0, 100, 100), (0, 0, 100, 103), (300, 0, 400, 100)], np.float32)
    least = np.where(np.arange(21) == TEXT, 0.79, 0.02).astype(np.float32)
    scores, ids = np.array([0.9, 0.8, 0.05], np.float32), np.array([HEADING, TEXT, HEADING])
    found, _, _ = postprocess(boxes, scores, ids, SCHEMA, conf=least, max_det=2)  # the second yields to the first
    assert found.tolist() == boxes[[0, 2]].tolist()


def test_nothing_found():
    found, scores, ids = postprocess(np.zeros((0, 4), np.float32), SCORES[:0], IDS[:0], SCHEMA, lined_page())
    assert found.shape == (0, 4) and scores.shape == ids.shape == (0,)


@pytest.mark.parametrize(("score", "asked"), [(0.3, 1), (0.05, 0)])
def test_words_are_read_only_where_an_equation_is_likely(score, asked):
    """Reading all words of a page takes several times as long as the texts of its regions."""
    calls = []
    postprocess(
        BOXES[:1], np.array([score], np.float32), np.array([SCHEMA.id_of("formula")]), SCHEMA, lined_page(),
        words=lambda: calls.append(1) or np.zeros((0, 4), np.float32), openings=lambda boxes: [""] * len(boxes),
        conf=0.25, rescore=True,
    )  # fmt: skip
    assert len(calls) == asked


def test_an_equation_that_words_speak_against_takes_in_its_number(monkeypatch):
    nothing = np.zeros(len(SCHEMA), np.float32)
    against = Wording(SCHEMA.names, np.zeros((1 << BITS, len(SCHEMA)), np.float32), nothing, nothing, 1.0)
    monkeypatch.setattr(against, "log_posterior", lambda texts: np.full((len(texts), len(SCHEMA)), -2, np.float32))
    number = np.float32([(400, 105, 415, 115)])
    boxes, scores, _ = postprocess(
        np.float32([(50, 100, 150, 120)]), np.float32([0.05]), np.array([SCHEMA.id_of("formula")]), SCHEMA,
        np.full((200, 500, 3), 255, np.uint8), words=lambda: number, openings=lambda boxes: ["(1)"] * len(boxes),
        wording=against,
    )  # fmt: skip
    assert boxes[0, 2] == 415
    assert scores[0] < 0.01
