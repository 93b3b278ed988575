"""Fitting of the networks that judge boxes again, `doclayout.rescore`."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from doclayout.perceptron import Network, network_of
from doclayout.rescore import log_odds

FloatArray = npt.NDArray[np.float32]

_HIDDEN = (32, 16)
_EPOCHS, _BATCH = 15, 1024
_LEARNING_RATE, _WEIGHT_DECAY, _DROPOUT = 2e-3, 1e-3, 0.1


def fit_judges(
    features: FloatArray, scores: FloatArray, right: npt.NDArray[np.float64], members: int = 5, seed: int = 0
) -> list[Network]:
    """Fit networks alike but for their seed.

    Args:
        features: (n, f) from `doclayout.rescore.describe`.
        scores: (n,) 0-1 that those boxes have, to whose log-odds the networks' outputs add.
        right: (n,) 1.0 for boxes that are right, 0.0 for the others.
        members: how many.
        seed: of the first one.

    Returns:
        the networks; the scaling of their inputs is folded into the first layers.
    """
    return [_fit(features, scores, right, seed + member) for member in range(members)]


def _fit(features: FloatArray, scores: FloatArray, right: npt.NDArray[np.float64], seed: int) -> Network:
    """Fit one by the logistic loss."""
    import torch
    from torch import nn

    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    mean, scale = features.mean(axis=0), features.std(axis=0) + 1e-3
    inputs = torch.from_numpy((features - mean) / scale)
    start, target = (torch.from_numpy(np.asarray(v, np.float32)) for v in (log_odds(scores), right))
    layers = [nn.Linear(a, b) for a, b in pairwise((features.shape[1], *_HIDDEN, 1))]
    nn.init.zeros_(layers[-1].weight)  # all scores begin as they are
    nn.init.zeros_(layers[-1].bias)
    hidden = [module for layer in layers[:-1] for module in (layer, nn.ReLU(), nn.Dropout(_DROPOUT))]
    model = nn.Sequential(*hidden, layers[-1])
    optimizer = torch.optim.AdamW(model.parameters(), weight_decay=_WEIGHT_DECAY)
    steps = _EPOCHS * -(-len(inputs) // _BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, _LEARNING_RATE, steps)
    for _ in range(_EPOCHS):
        for rows in np.split(rng.permutation(len(inputs)), range(_BATCH, len(inputs), _BATCH)):
            said = start[rows] + model(inputs[rows])[:, 0]
            loss: Any = nn.functional.binary_cross_entropy_with_logits(said, target[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
    return network_of(layers, mean, scale)
