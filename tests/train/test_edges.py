"""Scorers fitted on shaken boxes of drawn pages snap them back."""

from __future__ import annotations

import numpy as np
import pytest

from doclayout import refine
from doclayout.ink import ink_integral, paper_contrast
from doclayout.perceptron import write_networks
from doclayout.schema import load_schema
from doclayout.train.edges import (
    LabelledPage,
    fit_networks,
    jitter_boxes,
    pairwise_iou,
    shake,
    snap,
)

SCHEMA = load_schema()


@pytest.fixture(scope="module")
def page():
    pixels = np.full((1280, 906, 3), 255, dtype=np.uint8)
    boxes = []
    for i in range(12):
        y, right = 100 + 80 * i, 300 + 37 * i
        for x in range(100, right - 3, 7):
            pixels[y : y + 14, x : x + 3] = 0
        pixels[y : y + 14, right - 3 : right] = 0
        boxes.append((100, y, right, y + 14))
    class_ids = np.full(len(boxes), SCHEMA.id_of("heading"), dtype=np.int64)
    return LabelledPage(ink_integral(paper_contrast(pixels)), np.array(boxes, dtype=np.float32), class_ids)


@pytest.mark.parametrize(
    ("a", "b", "iou"),
    [
        ((0, 0, 10, 10), (0, 0, 10, 10), 1.0),
        ((0, 0, 10, 10), (0, 5, 10, 15), 1 / 3),
        ((0, 0, 10, 10), (10, 0, 20, 10), 0.0),  # touching
    ],
)
def test_pairwise_iou(a, b, iou):
    found = pairwise_iou(np.array([a], dtype=np.float32), np.array([b], dtype=np.float32))
    assert found.tolist() == pytest.approx([iou])


def test_jitter_is_seeded_and_bounded(page):
    first, second = (jitter_boxes(page.boxes, np.random.default_rng(3)) for _ in range(2))
    assert (first == second).all()
    overlap = pairwise_iou(first, page.boxes)
    assert overlap.min() > 0.4
    assert 0.5 < overlap.mean() < 0.9


def test_fitted_networks_undo_the_noise_and_can_be_stored(page, tmp_path, monkeypatch):
    networks = fit_networks([page], SCHEMA, repeats=12)
    scene = shake(page, np.random.default_rng(99))
    before = pairwise_iou(scene.boxes, scene.labels).mean()
    after = pairwise_iou(snap(scene, networks, SCHEMA), scene.labels).mean()
    assert before < 0.85
    assert after > 0.95
    write_networks(networks, tmp_path / "edges.npz")
    monkeypatch.setattr(refine, "EDGES", tmp_path / "edges.npz")
    stored = refine.load_networks.__wrapped__()
    assert len(stored) == len(networks) == len(refine.ROUNDS)
    for kept, fitted in zip(stored, networks, strict=True):
        for kept_layer, fitted_layer in zip(kept, fitted, strict=True):
            assert all((a == b).all() for a, b in zip(kept_layer, fitted_layer, strict=True))
