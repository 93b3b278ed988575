"""Start `edocnet-m` from a trained `edocnet-s`: the same detections at first, with room to learn more.

    python scripts/widen.py edocnet-s.pt OUT.pt [SCALE]

SCALE is that of the wider network, m by default; it has to have as many layers. Each new channel is a copy of an old
one, and what reads the copies divides the old weight among them in random shares: outputs stay what they were, while
the copies get gradients of their own (Net2WiderNet, arXiv 1511.05641). Prints the largest difference of the outputs on
a random page.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from command import read_positions, run_script
from torch import nn
from ultralytics.nn.modules import SPPF, Concat

from doclayout.nn.checkpoint import load_model
from doclayout.nn.crm import G2L_CRM, CRMBottleneck
from doclayout.nn.head import LayoutHead
from doclayout.nn.model import LayoutModel
from doclayout.saving import replacing

Copies = tuple[torch.Tensor, int]
"""Of each channel of a wide map, which narrow channel it copies; and how many narrow ones there are."""


def main() -> None:
    """Widen, compare and write."""
    source, out, *rest = read_positions(2, 3)
    torch.manual_seed(0)
    narrow, checkpoint = load_model(Path(source))
    wide = LayoutModel(f"edocnet-{rest[0] if rest else 'm'}.yaml", verbose=False).eval()
    wide.names = narrow.names
    widen(narrow, wide)
    page = torch.rand(1, 3, 320, 256)
    with torch.no_grad():
        old, new = (model(page)[0] for model in (narrow, wide))
    print(f"largest difference {float((old - new).abs().max()):.2g}")
    with replacing(Path(out)) as part:
        torch.save({"model": wide, "train_args": checkpoint.get("train_args", {})}, part)


@torch.no_grad()
def widen(narrow: Any, wide: Any) -> None:
    """Give a wide network the function of a narrow one of the same YAML and depth."""
    maps: list[Any] = []
    last: Any = (torch.arange(3), 3)
    for old, new in zip(narrow.model, wide.model, strict=True):
        given = [last if j == -1 else maps[j] for j in (new.f if isinstance(new.f, list) else [new.f])]
        if isinstance(new, Concat):
            last = joined(given)
        elif isinstance(new, LayoutHead):
            head(old, new, given)
        elif not isinstance(new, nn.Upsample):
            last = chain(old, new, given[0])
        maps.append(last)


def chain(old: Any, new: Any, given: Copies) -> Copies:
    """Widen a module that maps one tensor to one, and return what its output copies."""
    if isinstance(new, G2L_CRM):
        return cross_stage(old, new, given)
    if isinstance(new, SPPF):
        hidden = chain(old.cv1, new.cv1, given)
        return chain(old.cv2, new.cv2, joined([hidden] * (new.n + 1)))
    if isinstance(new, CRMBottleneck):
        first, crm, final = zip(old.layers, new.layers, strict=True)
        middle = chain(*first, given)
        receptive(*crm, middle)
        return chain(*final, middle)
    if isinstance(new, nn.Conv2d):
        return convolution(old, new, given)
    if isinstance(new, nn.BatchNorm2d):
        for key, value in old.state_dict().items():
            new.state_dict()[key].copy_(value[given[0]] if value.ndim else value)
        return given
    if len(list(new.children())) != len(list(old.children())):
        raise SystemExit("the wider network has to have as many layers as the narrow one")
    for (name, inner), narrow in zip(new.named_children(), old.children(), strict=True):
        if name == "se" and not isinstance(inner, nn.Identity):
            squeezed = chain(narrow.squeeze, inner.squeeze, given)
            convolution(narrow.excite, inner.excite, squeezed, given)
        else:
            given = chain(narrow, inner, given)
    return given


def convolution(old: nn.Conv2d, new: nn.Conv2d, given: Copies, output: Copies | None = None) -> Copies:
    """Widen a convolution, plain or depthwise, and return what its output copies: `output`, or the channels in turn."""
    if old.groups > 1:
        output = given
    output = output or (torch.arange(new.out_channels) % old.out_channels, old.out_channels)
    rows = old.weight[output[0]]
    new.weight.copy_(rows if old.groups > 1 else spread(rows, given))
    if old.bias is not None:
        new.bias.copy_(old.bias[output[0]])
    return output


def spread(rows: torch.Tensor, given: Copies) -> torch.Tensor:
    """Divide weights (out, narrow in, k, k) among the copies of each input, in random shares that sum to 1."""
    index, count = given
    raw = torch.rand(len(rows), len(index)) + 0.5
    sums = torch.zeros(len(rows), count).index_add_(1, index, raw)
    return rows[:, index] * (raw / sums[:, index])[..., None, None]


def joined(parts: list[Copies]) -> Copies:
    """Concatenate maps."""
    offsets = [sum(count for _, count in parts[:k]) for k in range(len(parts))]
    index = torch.cat([index + offset for (index, _), offset in zip(parts, offsets, strict=True)])
    return index, sum(count for _, count in parts)


def cross_stage(old: G2L_CRM, new: G2L_CRM, given: Copies) -> Copies:
    """Widen a G2L_CRM: its first convolution's output is two halves, each widened alone."""
    narrow, wide = (block.merge.conv.in_channels // (2 + len(block.blocks)) for block in (old, new))
    part = (torch.arange(wide) % narrow, narrow)
    halves = convolution(old.split.conv, new.split.conv, given, joined([part, part]))
    chain(old.split.bn, new.split.bn, halves)
    for narrow_block, wide_block in zip(old.blocks, new.blocks, strict=True):
        chain(narrow_block, wide_block, part)
    return chain(old.merge, new.merge, joined([part] * (2 + len(new.blocks))))


def receptive(old: Any, new: Any, given: Copies) -> None:
    """Widen a CRM, whose output copies what its input does."""
    new.weight.copy_(spread(old.weight[given[0]], given))
    for narrow, wide in zip(old.norms, new.norms, strict=True):
        chain(narrow, wide, given)
    convolution(old.point, new.point, given, given)
    branches = joined([given] * len(new.norms))
    convolution(old.gate, new.gate, given, branches)
    convolution(old.project.conv, new.project.conv, branches, given)
    chain(old.project.bn, new.project.bn, given)


def head(old: LayoutHead, new: LayoutHead, given: list[Copies]) -> None:
    """Widen all branches of the head, whose outputs keep their number."""
    for name, branch in new.named_children():
        if isinstance(branch, nn.ModuleList):
            for narrow, wide, level in zip(getattr(old, name), branch, given, strict=True):
                chain(narrow, wide, level)


if __name__ == "__main__":
    run_script(main)
