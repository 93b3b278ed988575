import pytest
import torch
from torch import nn

from doclayout.nn.depthwise import DepthwiseSeparable, SqueezeExcite, Stem


@pytest.mark.parametrize(
    ("k", "s", "se", "size"),
    [(3, 1, False, 12), (3, 2, False, 6), (5, 1, True, 12), (5, 2, True, 6)],
)
def test_separable_shape_and_cost(k, s, se, size):
    block = DepthwiseSeparable(8, 24, k, s, se)
    assert block(torch.zeros(2, 8, 12, 12)).shape == (2, 24, size, size)
    convolutions = [m for m in block.modules() if isinstance(m, nn.Conv2d)]
    assert convolutions[0].groups == 8
    weights = sum(m.weight.numel() for m in (convolutions[0], convolutions[-1]))
    assert weights == 8 * k * k + 8 * 24
    assert weights / (8 * 24 * k * k) == pytest.approx(1 / 24 + 1 / k**2)
    assert isinstance(block.se, SqueezeExcite) is se


def test_stem_halves_with_a_plain_convolution():
    stem = Stem(3, 16)
    assert stem(torch.zeros(1, 3, 10, 14)).shape == (1, 16, 5, 7)
    assert stem.conv.groups == 1


def test_activations_are_h_swish():
    activations = [m for m in DepthwiseSeparable(4, 4).modules() if isinstance(m, (nn.Hardswish, nn.SiLU, nn.ReLU))]
    assert [type(m) for m in activations] == [nn.Hardswish, nn.Hardswish]
    assert isinstance(Stem(3, 4).act, nn.Hardswish)


@pytest.mark.parametrize(("bias", "gate"), [(-3.0, 0.0), (0.0, 0.5), (3.0, 1.0)])
def test_squeeze_excite_is_a_hard_gate_of_each_channel(bias, gate):
    block = SqueezeExcite(8)
    nn.init.zeros_(block.excite.weight)
    nn.init.constant_(block.excite.bias, bias)
    x = torch.randn(2, 8, 3, 5)
    torch.testing.assert_close(block(x), gate * x)
    assert block.squeeze.out_channels == 2
