"""Small fully connected networks with one output, run by numpy and kept in NPZ files."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from doclayout.errors import WeightsError
from doclayout.npz import read_npz, write_npz

FloatArray = npt.NDArray[np.float32]
Network = tuple[tuple[FloatArray, FloatArray], ...]
"""Layers, each with weights (inputs, outputs) and bias (outputs,); ReLU between them."""


def outputs(features: FloatArray, network: Network) -> FloatArray:
    """Return what a network makes of features (n, inputs): (n,)."""
    for weights, bias in network[:-1]:
        features = np.maximum(features @ weights + bias, 0)
    weights, bias = network[-1]
    return np.asarray((features @ weights + bias)[:, 0], dtype=np.float32)


def network_of(layers: Iterable[Any], mean: FloatArray, scale: FloatArray) -> Network:
    """Return trained linear layers of torch as a network of features as they are.

    Args:
        layers: the `torch.nn.Linear`, in their order.
        mean: (inputs,) that was taken from the features in training; folded into the first layer.
        scale: (inputs,) by which they were then divided; likewise.
    """
    pairs = [(layer.weight.detach().numpy().T, layer.bias.detach().numpy()) for layer in layers]
    weights, bias = pairs[0]
    pairs[0] = (weights / scale[:, None], bias - (mean / scale) @ weights)
    return tuple((np.ascontiguousarray(w, dtype=np.float32), b.astype(np.float32)) for w, b in pairs)


def read_networks(path: Path) -> tuple[Network, ...]:
    """Read the networks of a file.

    Raises:
        WeightsError: the file is missing, damaged, or holds other things.
    """
    stored = read_npz(path)
    layers: dict[int, dict[int, tuple[FloatArray, FloatArray]]] = {}
    try:
        for key in (key for key in stored if key.endswith("_weights")):
            part, layer = (int(number) for number in key.removesuffix("_weights").split("_"))
            layers.setdefault(part, {})[layer] = stored[key], stored[f"{part}_{layer}_bias"]
        networks = tuple(tuple(layers[part][k] for k in range(len(layers[part]))) for part in range(len(layers)))
    except (KeyError, ValueError) as error:
        raise WeightsError(f"{path} does not hold networks: {error!r}") from None
    if not networks:
        raise WeightsError(f"{path} does not hold networks")
    return networks


def write_networks(networks: Sequence[Network], path: Path) -> None:
    """Write networks where `read_networks` reads them, whole or not at all."""
    arrays = {
        f"{part}_{layer}_{name}": array
        for part, network in enumerate(networks)
        for layer, pair in enumerate(network)
        for name, array in zip(("weights", "bias"), pair, strict=True)
    }
    write_npz(path, **arrays)
