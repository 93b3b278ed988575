"""Depthwise separable convolution with H-Swish and squeeze-and-excitation: the EDocNet backbone's only block.

Sources: EDocNet (arXiv 2502.16541), section 3; the block's order of operations is PP-LCNet's (arXiv 2109.15099), and
the squeeze-and-excitation MobileNetV3's (arXiv 1905.02244): a hard sigmoid, reduction 4.
"""

from __future__ import annotations

import torch
from torch import nn
from ultralytics.nn.modules import Conv


class Stem(Conv):  # type: ignore[misc]
    """A 3×3 convolution of stride 2 with H-Swish, the only plain one of the backbone.

    Args:
        c1: input channels.
        c2: output channels.
    """

    def __init__(self, c1: int, c2: int):
        super().__init__(c1, c2, 3, 2, act=nn.Hardswish(inplace=True))


class SqueezeExcite(nn.Module):
    """Channel gate from global average pooling.

    Args:
        c: channels, in and out; a multiple of `reduction`.
        reduction: how many times narrower the bottleneck is.
    """

    def __init__(self, c: int, reduction: int = 4):
        super().__init__()
        self.squeeze = nn.Conv2d(c, c // reduction, 1)
        self.excite = nn.Conv2d(c // reduction, c, 1)
        self.act = nn.ReLU(inplace=True)
        self.gate = nn.Hardsigmoid()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Scale each channel of (B, C, H, W) by a gate in [0, 1]."""
        gate: torch.Tensor = self.gate(self.excite(self.act(self.squeeze(x.mean((2, 3), keepdim=True)))))
        return x * gate


class DepthwiseSeparable(nn.Module):
    """A k×k depthwise convolution, then a 1×1 one: 1/c2 + 1/k² of a plain convolution's cost.

    Args:
        c1: input channels.
        c2: output channels.
        k: kernel size of the depthwise convolution, odd.
        s: stride of the depthwise convolution.
        se: put squeeze-and-excitation between the two.
    """

    def __init__(self, c1: int, c2: int, k: int = 3, s: int = 1, se: bool = False):
        super().__init__()
        self.depthwise = Conv(c1, c1, k, s, g=c1, act=nn.Hardswish(inplace=True))
        self.se = SqueezeExcite(c1) if se else nn.Identity()
        self.pointwise = Conv(c1, c2, 1, act=nn.Hardswish(inplace=True))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Map (B, c1, H, W) to (B, c2, H/s, W/s)."""
        y: torch.Tensor = self.pointwise(self.se(self.depthwise(x)))
        return y
