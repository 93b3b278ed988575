"""Fits the scorers of `doclayout.refine` on labelled pages whose boxes are shaken as a detector's would be.

Each scorer sees the candidates of one edge at a time and learns which of them is the labelled edge: a softmax over
the candidates (McFadden's conditional logit), plus the expected loss of overlap under that softmax.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from doclayout.ink import BoxArray, IntArray
from doclayout.perceptron import Network, network_of
from doclayout.refine import ROUNDS, Candidates, edge_groups, move_edges, propose
from doclayout.schema import Schema

_HIDDEN = 32
_BATCH = 2048
_EPOCHS = 40
_LEARNING_RATE = 2e-2
_NEAR = 4.0
_OVERLAP_WEIGHT = 3.0
_MIN_IOU = 0.4


@dataclass(frozen=True)
class LabelledPage:
    """A page to fit on.

    Attributes:
        integral: (H + 1, W + 1) from `ink_integral`.
        boxes: (n, 4) labelled boxes, xyxy in pixels of that rendering.
        class_ids: (n,) their classes.
    """

    integral: IntArray
    boxes: BoxArray
    class_ids: npt.NDArray[np.int64]


@dataclass(frozen=True)
class Scene:
    """Shaken boxes (n, 4) of a page, the labels they came from, and the classes (n,) that a detector gave them."""

    page: LabelledPage
    boxes: BoxArray
    labels: BoxArray
    class_ids: npt.NDArray[np.int64]


@dataclass(frozen=True)
class _Samples:
    """Candidates of many edges: features (m, f), edge index (m,) ascending, error in pixels and overlap lost (m,)."""

    features: npt.NDArray[np.float32]
    edge: npt.NDArray[np.int64]
    error: npt.NDArray[np.float32]
    lost: npt.NDArray[np.float32]
    edges: int


def pairwise_iou(a: BoxArray, b: BoxArray) -> npt.NDArray[np.float32]:
    """Return the (n,) overlaps, 0-1, of boxes (n, 4) with boxes (n, 4), row by row."""
    shared = np.clip(np.minimum(a[:, 2:], b[:, 2:]) - np.maximum(a[:, :2], b[:, :2]), 0, None).prod(axis=1)
    both = (a[:, 2:] - a[:, :2]).prod(axis=1) + (b[:, 2:] - b[:, :2]).prod(axis=1)
    return np.asarray(shared / (both - shared), dtype=np.float32)


def jitter_boxes(boxes: BoxArray, rng: np.random.Generator) -> BoxArray:
    """Shake boxes as a detector at half the resolution would.

    Each box draws a standard deviation of 3 to 12 pixels (log-uniform), held under 15 % of its side plus 2 pixels; one
    edge in 17 errs three times as far. A draw that leaves an overlap under 0.4 is drawn again.

    Args:
        boxes: (n, 4) xyxy in pixels of a drawing of about `doclayout.letterbox.PIXELS`.
        rng: source of the noise.
    """
    shaken = boxes.copy()
    todo = np.arange(len(boxes))
    for _ in range(20):
        size = np.tile(boxes[todo, 2:] - boxes[todo, :2], 2)
        sigma = np.minimum(np.exp(rng.uniform(np.log(3), np.log(12), (len(todo), 1))), 0.15 * size + 2)
        sigma = np.where(rng.random(sigma.shape) < 0.06, 3 * sigma, sigma)
        drawn = (boxes[todo] + rng.normal(size=sigma.shape) * sigma).astype(np.float32)
        drawn[:, 2:] = np.maximum(drawn[:, 2:], drawn[:, :2] + 3)
        sound = pairwise_iou(drawn, boxes[todo]) > _MIN_IOU
        shaken[todo[sound]] = drawn[sound]
        todo = todo[~sound]
    return shaken


def shake(page: LabelledPage, rng: np.random.Generator) -> Scene:
    """Make the boxes that a detector might find on a page: 12 % missing, 4 % twice, 4 % misnamed, all shaken."""
    found = np.flatnonzero(rng.random(len(page.boxes)) > 0.12)
    found = np.concatenate([found, found[rng.random(len(found)) < 0.04]])
    labels = page.boxes[found]
    height, width = page.integral.shape[0] - 1, page.integral.shape[1] - 1
    boxes = np.clip(jitter_boxes(labels, rng), 0, np.array([width, height, width, height], dtype=np.float32))
    misnamed = rng.random(len(found)) < 0.04
    class_ids = np.where(misnamed, rng.permutation(page.class_ids[found]), page.class_ids[found])
    return Scene(page, boxes.astype(np.float32), labels, class_ids)


def snap(scene: Scene, networks: Sequence[Network], schema: Schema) -> BoxArray:
    """Refine a scene's boxes by as many rounds as there are networks."""
    boxes = scene.boxes
    for axis, network in zip(ROUNDS, networks, strict=False):
        boxes = move_edges(boxes, _propose(scene, boxes, schema, axis), network, axis)
    return boxes


def fit_networks(pages: Sequence[LabelledPage], schema: Schema, repeats: int = 5, seed: int = 0) -> list[Network]:
    """Fit one scorer per round, each on boxes that the rounds before it have refined.

    Args:
        pages: labelled pages.
        schema: classes of their labels.
        repeats: scenes made of each page, per round.
        seed: of the scenes and of the weights.
    """
    networks: list[Network] = []
    for part, axis in enumerate(ROUNDS):
        scenes = [
            shake(page, np.random.default_rng([seed, part, index, repeat]))
            for index, page in enumerate(pages)
            for repeat in range(repeats)
        ]
        samples = _collect([scene for scene in scenes if len(scene.boxes)], networks, schema, axis)
        networks.append(_fit(samples, seed))
    return networks


def _propose(scene: Scene, boxes: BoxArray, schema: Schema, axis: int) -> Candidates:
    groups = np.array(edge_groups(schema), dtype=np.int64)[scene.class_ids]
    return propose(boxes, scene.page.integral, groups, axis, np.ones(len(boxes), bool))


def _collect(scenes: Sequence[Scene], networks: Sequence[Network], schema: Schema, axis: int) -> _Samples:
    features, edge, error, lost, edges = [], [], [], [], 0
    for scene in scenes:
        found = _propose(scene, snap(scene, networks, schema), schema, axis)
        truth = np.concatenate([scene.labels[:, axis], scene.labels[:, axis + 2]])
        size = np.tile(scene.labels[:, axis + 2] - scene.labels[:, axis], 2)
        miss = np.abs(found.position - truth[found.edge])
        features.append(found.features)
        edge.append(found.edge + edges)
        error.append(miss)
        lost.append(miss / (size[found.edge] + miss))
        edges += len(truth)
    return _Samples(np.concatenate(features), np.concatenate(edge), np.concatenate(error), np.concatenate(lost), edges)


def _fit(samples: _Samples, seed: int) -> Network:
    """Fit a perceptron of two hidden layers; its input scaling is folded into the first layer."""
    import torch

    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    mean, scale = samples.features.mean(axis=0), samples.features.std(axis=0) + 1e-3
    inputs = torch.from_numpy((samples.features - mean) / scale)
    target, lost = torch.from_numpy(_targets(samples)), torch.from_numpy(samples.lost)
    start = np.searchsorted(samples.edge, np.arange(samples.edges + 1))
    widths = (inputs.shape[1], _HIDDEN, _HIDDEN, 1)
    layers = [torch.nn.Linear(a, b) for a, b in pairwise(widths)]
    model = torch.nn.Sequential(layers[0], torch.nn.ReLU(), layers[1], torch.nn.ReLU(), layers[2])
    optimizer = torch.optim.AdamW(model.parameters(), weight_decay=1e-4)
    steps = _EPOCHS * -(-samples.edges // _BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, _LEARNING_RATE, steps)
    for _ in range(_EPOCHS):
        for chosen in np.split(rng.permutation(samples.edges), range(_BATCH, samples.edges, _BATCH)):
            rows = np.concatenate([np.arange(start[i], start[i + 1]) for i in chosen])
            owner = torch.from_numpy(np.repeat(np.arange(len(chosen)), start[chosen + 1] - start[chosen]))
            scores = model(inputs[rows])[:, 0]
            peak = torch.full((len(chosen),), -1e9).scatter_reduce(0, owner, scores.detach(), "amax")
            shifted = scores - peak[owner]
            total = torch.zeros(len(chosen)).scatter_add(0, owner, shifted.exp()).clamp(min=1e-9)
            log_share = shifted - total.log()[owner]
            loss = (_OVERLAP_WEIGHT * log_share.exp() * lost[rows] - target[rows] * log_share).sum() / len(chosen)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
    return network_of(layers, mean, scale)


def _targets(samples: _Samples) -> npt.NDArray[np.float32]:
    """Share each edge's target among its candidates by nearness; edges without a near candidate get none."""
    best = np.full(samples.edges, np.inf, dtype=np.float32)
    np.minimum.at(best, samples.edge, samples.error)
    share = np.exp(best[samples.edge] - samples.error) * (best[samples.edge] < _NEAR)
    total = np.zeros(samples.edges, dtype=np.float32)
    np.add.at(total, samples.edge, share)
    return np.asarray(share / np.maximum(total[samples.edge], 1e-6), dtype=np.float32)
