"""Controllable receptive module and the global-to-local block around it (DocLayout-YOLO, arXiv 2410.12628, sec. 3.3).

One k×k kernel is shared by several dilations, so that the same pattern is looked for at several extents; a gate then
weighs the extents at each place. Four points differ from the published code:

* the projection is a full 1×1 convolution in place of one in c groups over branch-major channels: every output channel
  sees every dilation, and a dense 1×1 also runs faster on a CPU than c groups of three;
* the gate is a sigmoid of an unbounded linear map of the input, so it can close (from 0, not from 0.43);
* each dilation has batch statistics of its own: taps further apart correlate less, so responses differ in scale;
* `fuse()` folds each dilation's normalisation into weights and bias of its own, which is exact.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import nn
from ultralytics.nn.modules import Conv
from ultralytics.utils.torch_utils import fuse_conv_and_bn


class CRM(nn.Module):
    """Shared-kernel dilated convolutions, gated and mixed.

    Args:
        c: channels, in and out.
        k: kernel size, odd.
        dilations: one branch each.
    """

    def __init__(self, c: int, k: int = 3, dilations: Sequence[int] = (1, 2, 3)):
        super().__init__()
        self.k, self.dilations = k, tuple(dilations)
        n = len(self.dilations)
        self.weight = nn.Parameter(torch.empty(c, c, k, k))
        nn.init.kaiming_uniform_(self.weight, a=5**0.5)
        self.norms = nn.ModuleList(nn.BatchNorm2d(c) for _ in self.dilations)
        self.point = nn.Conv2d(c, c, 1)
        self.gate = nn.Conv2d(c, c * n, 1)
        self.project = Conv(c * n, c, 1, act=False)
        self.act = nn.SiLU(inplace=True)
        self.branches: nn.ModuleList | None = None  # one convolution per dilation, once fused

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Map (B, c, H, W) to the same shape."""
        if self.branches is not None:
            responses = [self.act(branch(x)) for branch in self.branches]
        else:
            responses = [
                self.act(norm(self._dilated(x, d))) for norm, d in zip(self.norms, self.dilations, strict=True)
            ]
        y = torch.cat([self.point(r) for r in responses], 1)
        mixed: torch.Tensor = self.project(y * self.gate(x).sigmoid())
        return x + mixed

    def _dilated(self, x: torch.Tensor, d: int) -> torch.Tensor:
        """Convolve with the shared kernel at dilation d.

        oneDNN's bfloat16 weight gradient of a dilated convolution is wrong on CPUs unless the channels are a multiple
        of 16 (40 channels, dilation 3: NaN), so others are computed in float32 there.
        """
        if x.device.type == "cpu" and x.shape[1] % 16:
            with torch.autocast("cpu", enabled=False):
                return F.conv2d(x.float(), self.weight, None, 1, d * (self.k // 2), d)
        return F.conv2d(x, self.weight, None, 1, d * (self.k // 2), d)

    def fuse(self) -> None:
        """Fold each normalisation into a convolution of its own; outputs stay the same up to rounding."""
        if self.branches is not None:
            return
        c = len(self.weight)
        branches = []
        for norm, d in zip(self.norms, self.dilations, strict=True):
            conv = nn.Conv2d(c, c, self.k, padding=d * (self.k // 2), dilation=d, bias=False)
            conv.weight = self.weight
            branches.append(fuse_conv_and_bn(conv, norm))
        self.branches = nn.ModuleList(branches)
        del self.weight, self.norms


class CIB(nn.Module):
    """Compact inverted block of YOLOv10 (arXiv 2405.14458): depthwise and 1×1 convolutions in turn, with a shortcut.

    Args:
        c: channels, in and out.
    """

    def __init__(self, c: int):
        super().__init__()
        self.layers = nn.Sequential(
            Conv(c, c, 3, g=c), Conv(c, 2 * c, 1), Conv(2 * c, 2 * c, 3, g=2 * c), Conv(2 * c, c, 1), Conv(c, c, 3, g=c)
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Map (B, c, H, W) to the same shape."""
        y: torch.Tensor = self.layers(x)
        return x + y


class CRMBottleneck(nn.Module):
    """x + Conv3×3(CRM(Conv3×3(x))).

    Args:
        c: channels, in and out.
        k: kernel size of the CRM.
        dilations: of the CRM.
    """

    def __init__(self, c: int, k: int, dilations: Sequence[int]):
        super().__init__()
        self.layers = nn.Sequential(Conv(c, c, 3), CRM(c, k, dilations), Conv(c, c, 3))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Map (B, c, H, W) to the same shape."""
        y: torch.Tensor = self.layers(x)
        return x + y


class G2L_CRM(nn.Module):
    """Cross-stage block whose bottlenecks look at several extents (global) or none (local).

    Args:
        c1: input channels.
        c2: output channels, even.
        n: bottlenecks.
        k: kernel size of the CRMs.
        dilations: of the CRMs; empty for compact inverted blocks instead, as at stride 32.
    """

    def __init__(self, c1: int, c2: int, n: int = 1, k: int = 3, dilations: Sequence[int] = (1, 2, 3)):
        super().__init__()
        c = c2 // 2
        self.split = Conv(c1, 2 * c, 1)
        self.blocks = nn.ModuleList(CRMBottleneck(c, k, dilations) if dilations else CIB(c) for _ in range(n))
        self.merge = Conv((2 + n) * c, c2, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Map (B, c1, H, W) to (B, c2, H, W)."""
        parts = list(self.split(x).chunk(2, 1))
        for block in self.blocks:
            parts.append(block(parts[-1]))
        y: torch.Tensor = self.merge(torch.cat(parts, 1))
        return y
