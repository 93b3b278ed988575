"""Start a narrower network from a trained one, such as `edocnet-n` from `edocnet-s`: the channels that tell most.

    python scripts/narrow.py edocnet-s.pt PAGES OUT.pt [SCALE]

PAGES is a folder of documents, of which the first 64 pages are read; SCALE is that of the narrower network, n by
default, and has to have as many layers. Channels are chosen one after the other, each as what best predicts all others
with those chosen before it, weighed by how much the next convolution listens to them. What reads a channel that is left
out reads its linear prediction from the kept ones instead (as in ThiNet's last step, arXiv 1707.06342), and all
normalisation is measured anew. Much is lost all the same, and comes back by training on.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import torch
from command import read_positions, run_script
from torch import nn
from tqdm import tqdm
from ultralytics.nn.modules import SPPF, Concat

from doclayout.nn.checkpoint import load_model
from doclayout.nn.crm import CIB, CRM, G2L_CRM, CRMBottleneck
from doclayout.nn.depthwise import DepthwiseSeparable
from doclayout.nn.head import LayoutHead
from doclayout.nn.model import LayoutModel
from doclayout.saving import replacing
from doclayout.train.export import network_inputs

PAGES, IMGSZ = 64, 640
RIDGE = 1e-3
"""Of the mean variance, added to each channel's: predictions stay small where channels are nearly alike."""


def main() -> None:
    """Narrow and write."""
    source, folder, out, *rest = read_positions(3, 4)
    wide, checkpoint = load_model(Path(source))
    slim = LayoutModel(f"edocnet-{rest[0] if rest else 'n'}.yaml", verbose=False).eval()
    slim.names = wide.names
    pages = [torch.from_numpy(page) for page in network_inputs(folder, IMGSZ, PAGES)]
    Narrowing(wide, pages)(slim)
    normalise(slim, pages)
    with replacing(Path(out)) as part:
        torch.save({"model": slim, "train_args": checkpoint.get("train_args", {})}, part)


class Moments:
    """Mean and covariance of the channels of what a convolution reads."""

    def __init__(self) -> None:
        self.count, self.sum, self.products = 0, torch.zeros(()), torch.zeros(())

    def add(self, maps: torch.Tensor) -> None:
        """Take maps (B, C, H, W) in."""
        cells = maps.transpose(0, 1).flatten(1).double()
        self.count += cells.shape[1]
        self.sum = self.sum + cells.sum(1)
        self.products = self.products + cells @ cells.T

    def read(self) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the mean (C,) and the covariance (C, C)."""
        mean = self.sum / self.count
        return mean, self.products / self.count - torch.outer(mean, mean)


class Narrowing:
    """Gives narrower networks what they can hold of a trained one of the same YAML and depth."""

    @torch.no_grad()
    def __init__(self, wide: Any, pages: Iterable[torch.Tensor]) -> None:
        """Measure what the convolutions of `wide` read on some pages."""
        self.wide = wide
        full = [m for m in wide.modules() if isinstance(m, CRM) or (isinstance(m, nn.Conv2d) and m.groups == 1)]
        self.moments: dict[nn.Module, Moments] = {module: Moments() for module in full}
        hooks = [m.register_forward_pre_hook(lambda m, given: self.moments[m].add(given[0])) for m in full]
        for page in tqdm(pages, unit="page", disable=None):
            wide(page)
        for hook in hooks:
            hook.remove()

    @torch.no_grad()
    def __call__(self, slim: Any) -> None:
        """Fill a narrower network."""
        kept: list[torch.Tensor] = []
        for layer, (old, new) in enumerate(zip(self.wide.model, slim.model, strict=True)):
            given = [kept[j] if j >= 0 else torch.arange(3) for j in sources(new)]
            last = given[0]
            if isinstance(new, Concat):
                last = joined(given, [self.channels(j) for j in sources(new)])
            elif isinstance(new, LayoutHead):
                for name, branches in new.named_children():
                    if isinstance(branches, nn.ModuleList):
                        for part in zip(getattr(old, name), branches, given, strict=True):
                            self.chain(*part, None)
            elif not isinstance(new, nn.Upsample):
                last = self.chain(old, new, given[0], self.demand_on(layer))
            kept.append(last)

    def channels(self, layer: int) -> int:
        """Count the channels of a layer's output in the wide network."""
        module = self.wide.model[layer]
        if isinstance(module, nn.Upsample):
            return self.channels(layer - 1)
        if isinstance(module, Concat):
            return sum(self.channels(j) for j in sources(module))
        return int([m for m in module.modules() if isinstance(m, nn.BatchNorm2d)][-1].num_features)

    def demand_on(self, layer: int) -> torch.Tensor:
        """Add up the demands, (C, C), of all that reads the output of a layer of the wide network."""
        total = torch.zeros(())
        for index, module in enumerate(self.wide.model):
            read = sources(module)
            if layer not in read:
                continue
            place = read.index(layer)
            if isinstance(module, LayoutHead):
                branches = [branch[place] for branch in module.children() if isinstance(branch, nn.ModuleList)]
                total = total + sum(self.demand(branch) for branch in branches)
            elif isinstance(module, Concat):
                start = sum(self.channels(j) for j in read[:place])
                stop = start + self.channels(layer)
                total = total + self.demand_on(index)[start:stop, start:stop]
            elif isinstance(module, nn.Upsample):
                total = total + self.demand_on(index)
            else:
                total = total + self.demand(module)
        return total

    def demand(self, module: nn.Module) -> torch.Tensor:
        """Return the covariance of what the first full convolution of a module reads, weighed by its weights."""
        if isinstance(module, DepthwiseSeparable):
            return self.demand(module.pointwise)
        first: Any = next(m for m in module.modules() if m in self.moments)
        weights = first.weight.double().pow(2).sum((0, 2, 3)).sqrt()
        demand: torch.Tensor = self.moments[first].read()[1] * torch.outer(weights, weights)
        return demand

    def chain(self, old: Any, new: Any, given: torch.Tensor, wanted: torch.Tensor | None) -> torch.Tensor:
        """Fill a module that maps one tensor to one.

        Args:
            old: the module of the wide network.
            new: that of the narrower one.
            given: which inputs are kept.
            wanted: the demand on its outputs, (C, C); or the very outputs to keep, (kept,); or `None` for all.

        Returns:
            which outputs are kept.
        """
        if isinstance(new, G2L_CRM):
            return self.cross_stage(old, new, given, wanted)
        if isinstance(new, SPPF):
            hidden = old.cv1.conv.out_channels
            part = self.chain(old.cv1, new.cv1, given, blocks(self.demand(old.cv2), hidden))
            return self.chain(old.cv2, new.cv2, joined([part] * (new.n + 1), [hidden] * (new.n + 1)), wanted)
        if isinstance(new, DepthwiseSeparable):
            self.chain(old.depthwise, new.depthwise, given, None)
            if not isinstance(new.se, nn.Identity):
                squeezed = self.convolution(old.se.squeeze, new.se.squeeze, given, self.demand(old.se.excite))
                self.convolution(old.se.excite, new.se.excite, squeezed, given)
            return self.chain(old.pointwise, new.pointwise, given, wanted)
        if isinstance(new, nn.Sequential):
            if len(old) != len(new):
                raise SystemExit("the narrower network has to have as many layers as the wide one")
            for index, (inner, slim) in enumerate(zip(old, new, strict=True)):
                rest = old[index + 1 :]
                given = self.chain(inner, slim, given, self.demand(rest) if len(rest) else wanted)
            return given
        if isinstance(new, nn.Conv2d):
            return self.convolution(old, new, given, wanted)
        output = self.convolution(old.conv, new.conv, given, wanted)
        copy(old.bn, new.bn, output)
        return output

    def convolution(
        self, old: nn.Conv2d, new: nn.Conv2d, given: torch.Tensor, wanted: torch.Tensor | None
    ) -> torch.Tensor:
        """Fill a convolution; see `chain`."""
        if old.groups > 1:
            new.weight.copy_(old.weight[given])
            return given
        output = torch.arange(old.out_channels) if wanted is None else wanted
        if output.ndim == 2:
            output = chosen(output, new.out_channels)
        new.weight.copy_(self.predicted(old, old.weight[output], given))
        if old.bias is not None and new.bias is not None:
            new.bias.copy_(old.bias[output] + self.offset(old, old.weight[output], given))
        return output

    def predicted(self, old: nn.Module, rows: torch.Tensor, given: torch.Tensor) -> torch.Tensor:
        """Return weights (out, C, k, k) on the kept inputs, which stand for the others too."""
        weights: torch.Tensor = torch.einsum("ochw,cs->oshw", rows.double(), self.prediction(old, given)).float()
        return weights

    def offset(self, old: nn.Module, rows: torch.Tensor, given: torch.Tensor) -> torch.Tensor:
        """Return what the means of the inputs that are left out add to each output."""
        mean = self.moments[old].read()[0]
        return (rows.double().sum((2, 3)) @ (mean - self.prediction(old, given) @ mean[given])).float()

    def prediction(self, old: nn.Module, given: torch.Tensor) -> torch.Tensor:
        """Return (C, kept), by which all inputs of a convolution are predicted from the kept ones."""
        covariance = self.moments[old].read()[1]
        ridge = RIDGE * covariance.diagonal().mean() * torch.eye(len(given), dtype=torch.float64)
        prediction = torch.linalg.solve(covariance[given][:, given] + ridge, covariance[given]).T
        prediction[given] = torch.eye(len(given), dtype=torch.float64)
        return prediction

    def cross_stage(self, old: G2L_CRM, new: G2L_CRM, given: torch.Tensor, wanted: Any) -> torch.Tensor:
        """Fill a G2L_CRM: its first convolution's output is two halves; the second runs through the blocks."""
        parts = 2 + len(old.blocks)
        c, slim = (block.merge.conv.in_channels // parts for block in (old, new))
        merged = self.demand(old.merge)
        halves = [merged[:c, :c], blocks(merged[c:, c:], c) + self.demand(old.blocks[0])]
        first, second = (chosen(half, slim) for half in halves)
        both = joined([first, second], [c, c])
        self.convolution(old.split.conv, new.split.conv, given, both)
        copy(old.split.bn, new.split.bn, both)
        for pair in zip(old.blocks, new.blocks, strict=True):
            self.block(*pair, second)
        return self.chain(old.merge, new.merge, joined([first, *[second] * (parts - 1)], [c] * parts), wanted)

    def block(self, old: Any, new: Any, given: torch.Tensor) -> None:
        """Fill a bottleneck, whose outputs are those of its inputs that are kept."""
        if isinstance(new, CIB):
            before, grow, within, shrink, after = zip(old.layers, new.layers, strict=True)
            self.chain(*before, given, None)
            hidden = self.chain(*grow, given, self.demand(shrink[0]))
            self.chain(*within, hidden, None)
            self.chain(*shrink, hidden, given)
            self.chain(*after, given, None)
            return
        assert isinstance(new, CRMBottleneck)
        (first, crm, final), (slim_first, slim_crm, slim_final) = old.layers, new.layers
        middle = self.chain(first, slim_first, given, self.demand(crm) + self.demand(final))
        self.receptive(crm, slim_crm, middle)
        self.chain(final, slim_final, middle, given)

    def receptive(self, old: Any, new: Any, given: torch.Tensor) -> None:
        """Fill a CRM, whose outputs are those of its inputs that are kept."""
        c, branches, slim = len(old.weight), len(old.norms), len(new.weight)
        responses = chosen(self.demand(old.point), slim)
        new.weight.copy_(self.predicted(old, old.weight[responses], given))
        for norm, slim_norm in zip(old.norms, new.norms, strict=True):
            copy(norm, slim_norm, responses)
        points = self.convolution(old.point, new.point, responses, blocks(self.demand(old.project), c))
        mixed = joined([points] * branches, [c] * branches)
        self.convolution(old.gate, new.gate, given, mixed)
        self.convolution(old.project.conv, new.project.conv, mixed, given)
        copy(old.project.bn, new.project.bn, given)


def sources(module: Any) -> list[int]:
    """Return the layers that a layer reads, -1 for the page."""
    return [module.i - 1 if j == -1 else j for j in (module.f if isinstance(module.f, list) else [module.f])]


def copy(old: Any, new: Any, kept: torch.Tensor) -> None:
    """Copy a normalisation's kept channels."""
    for key, value in old.state_dict().items():
        new.state_dict()[key].copy_(value[kept] if value.ndim else value)


def blocks(demand: torch.Tensor, size: int) -> torch.Tensor:
    """Add up the blocks on the diagonal: the demands on the copies of one map that a concatenation holds."""
    count = len(demand) // size
    return demand.reshape(count, size, count, size).diagonal(dim1=0, dim2=2).sum(-1)


def joined(kept: list[torch.Tensor], counts: list[int]) -> torch.Tensor:
    """Return which channels of a concatenation are kept."""
    starts = [sum(counts[:k]) for k in range(len(counts))]
    return torch.cat([part + start for part, start in zip(kept, starts, strict=True)])


def chosen(demand: torch.Tensor, count: int) -> torch.Tensor:
    """Choose channels whose linear span leaves least of the total demand, one after the other; in rising order."""
    left = demand.clone() + RIDGE * demand.diagonal().mean() * torch.eye(len(demand), dtype=torch.float64)
    kept: list[int] = []
    for _ in range(count):
        gain = left.pow(2).sum(0) / left.diagonal().clamp(min=1e-12)
        gain[kept] = -1
        best = int(gain.argmax())
        kept.append(best)
        left = left - torch.outer(left[:, best], left[best]) / left[best, best].clamp(min=1e-12)
    return torch.tensor(sorted(kept))


@torch.no_grad()
def normalise(model: Any, pages: Iterable[torch.Tensor]) -> None:
    """Measure the means and variances of all normalisations on some pages."""
    norms = [module for module in model.modules() if isinstance(module, nn.BatchNorm2d)]
    momenta = [norm.momentum for norm in norms]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None  # a plain average
    model.train()
    for page in tqdm(pages, unit="page", disable=None):
        model(page)
    for norm, momentum in zip(norms, momenta, strict=True):
        norm.momentum = momentum
    model.eval()


if __name__ == "__main__":
    run_script(main)
