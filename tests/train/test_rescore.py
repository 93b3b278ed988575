"""Networks learn which boxes are right, and what they learn from belongs together."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from train_rescore import FIT_SIZE, LEAST, examples

from doclayout.perceptron import outputs
from doclayout.rescore import FEATURES, log_odds
from doclayout.schema import load_schema
from doclayout.train.calibrate import correct
from doclayout.train.rescore import fit_judges
from doclayout.train.validate import COCO_SETTINGS, detect, load_truth
from tests.train.conftest import NAMES, TONES


def test_networks_learn_what_tells_right_from_wrong():
    """Boxes are right where the third feature, of odd scale, is above its mean; scores say nothing."""
    rng = np.random.default_rng(0)
    features = rng.normal(0, 1, (20000, 5)).astype(np.float32) * np.array([1, 3, 200, 1, 0]) + 700
    right = (features[:, 2] > 700).astype(float)
    scores = np.full(20000, 0.5, np.float32)
    networks = fit_judges(features.astype(np.float32), scores, right, members=2)
    assert len(networks) == 2 and not np.array_equal(networks[0][0][0], networks[1][0][0])
    for network in networks:
        said = outputs(features.astype(np.float32), network)
        assert (said[right == 1] > 0).mean() > 0.9 and (said[right == 0] < 0).mean() > 0.9


def test_networks_leave_scores_that_are_right_as_they_are():
    rng = np.random.default_rng(0)
    scores = rng.uniform(0.05, 0.95, 20000).astype(np.float32)
    right = (rng.uniform(0, 1, 20000) < scores).astype(float)
    features = np.stack([log_odds(scores), rng.normal(0, 1, 20000)], 1).astype(np.float32)
    (network,) = fit_judges(features, scores, right, members=1)
    assert np.abs(outputs(features, network)).mean() < 0.1


class RoughDetector:
    """Finds the three rectangles of a page, each by its tone, and as many random boxes beside them."""

    name, imgsz, thresholds = "rough", 640, None
    schema = load_schema()

    def __call__(self, images):
        rng = np.random.default_rng(len(images))
        rows = np.zeros((len(images), 12, 6), np.float32)
        rows[..., 4] = np.sort(rng.uniform(0.01, 1, rows.shape[:2]))[:, ::-1]
        for page, image in zip(rows, images, strict=True):
            for row in page:
                tone = int(rng.integers(0, len(TONES)))
                ys, xs = np.nonzero(abs(image[..., 0].astype(int) - TONES[tone]) < 8)
                if rng.uniform() < 0.5 and len(xs):
                    row[:4] = np.array([xs.min(), ys.min(), xs.max() + 1, ys.max() + 1]) + rng.normal(0, 4, 4)
                else:
                    row[:2] = rng.uniform(0, 200, 2)
                    row[2:4] = row[:2] + rng.uniform(20, 300, 2)
                row[5] = self.schema.id_of(NAMES[tone])
        return rows


def test_examples_keep_features_scores_and_truth_together(coco_data):
    detector = RoughDetector()
    files, truth = load_truth(coco_data.parent, "train", detector.schema)
    features, scores, right = examples(detector, files, truth)
    assert features.shape == (len(scores), FEATURES) and len(right) == len(scores) > 20
    assert set(right) == {0.0, 1.0}
    np.testing.assert_allclose(features[:, 2], log_odds(scores), rtol=1e-5, atol=1e-5)
    found, _ = detect(detector, files, truth, replace(COCO_SETTINGS, imgsz=FIT_SIZE, conf=LEAST, rescore=False))
    plain, hits = correct(found, truth)
    ours, theirs = (
        sorted((round(float(score), 3), hit) for score, hit in zip(*pairs, strict=True) if score > LEAST + 1e-3)
        for pairs in ((scores, right), (plain, hits))
    )
    assert ours == theirs
