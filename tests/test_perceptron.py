import numpy as np
import pytest
import torch

from doclayout.errors import WeightsError
from doclayout.npz import write_npz
from doclayout.perceptron import network_of, outputs, read_networks, write_networks

ONE = np.ones((1, 1), np.float32)
NETWORK = (
    (np.array([[1, -1], [2, 0]], np.float32), np.array([0, 1], np.float32)),
    (np.array([[3], [10]], np.float32), np.array([0.5], np.float32)),
)


def test_outputs():
    """By hand: (1, 1) gives relu(3, 0) and 3·3 + 0.5; (-1, 0) gives relu(-1, 2) and 10·2 + 0.5."""
    rows = np.array([(1, 1), (-1, 0)], np.float32)
    assert outputs(rows, NETWORK).tolist() == [9.5, 20.5]
    assert outputs(rows[:0], NETWORK).shape == (0,)


def test_networks_of_torch_take_features_as_they_are():
    torch.manual_seed(0)
    layers = [torch.nn.Linear(3, 4), torch.nn.Linear(4, 1)]
    rows, mean = np.array([(1, 200, 3), (4, -50, 6)], np.float32), np.array([2, 70, 0], np.float32)
    scale = np.array([1, 100, 0.5], np.float32)
    with torch.no_grad():
        expected = layers[1](layers[0](torch.from_numpy((rows - mean) / scale)).relu())[:, 0].numpy()
    np.testing.assert_allclose(outputs(rows, network_of(layers, mean, scale)), expected, rtol=1e-4, atol=1e-5)


def test_networks_come_back_in_order(tmp_path):
    many = [NETWORK, *(((ONE * k, ONE[0]),) for k in range(11))]  # of unlike depth, and numbers of two digits
    write_networks(many, tmp_path / "networks.npz")
    read = read_networks(tmp_path / "networks.npz")
    assert [len(network) for network in read] == [2] + [1] * 11
    for network, other in zip(many, read, strict=True):
        for pair, its in zip(network, other, strict=True):
            for array, stored in zip(pair, its, strict=True):
                np.testing.assert_array_equal(array, stored)


@pytest.mark.parametrize(
    "arrays",
    [
        {},
        {"sizes": [1, 2]},
        {"a_b_weights": ONE, "a_b_bias": ONE[0]},
        {"0_0_weights": ONE},
        {"0_1_weights": ONE, "0_1_bias": ONE[0]},
        {"1_0_weights": ONE, "1_0_bias": ONE[0]},
    ],
)
def test_other_files_are_refused(arrays, tmp_path):
    write_npz(tmp_path / "networks.npz", **arrays)
    with pytest.raises(WeightsError, match=r"networks\.npz does not hold networks"):
        read_networks(tmp_path / "networks.npz")
