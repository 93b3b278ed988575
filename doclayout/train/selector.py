"""Fits the selector of `imgsz=auto` by how well each page is read at each size.

For a page and sizes k with quality q_k and cost c_k, the selector's distribution p over sizes has the expected loss

    Σ_k p_k·(price·c_k + max q − q_k),

which rewards cheap sizes and penalises lost quality (DLD: Chen et al., ECCV 2022, sec. 3.3). With few sizes, all of
whose qualities are known, the expectation is exact and needs no sampling. The entropy of p is rewarded too, ever less:
without that, all pages soon get the size that is best on average, and a sure softmax has no gradient to leave it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import nn

from doclayout.letterbox import Letterbox
from doclayout.selector import FloatArray, SizeSelector
from doclayout.train.metrics import coco_scores

_CHANNELS = (8, 16, 32)
_LEARNING_RATE = 1e-2
_BATCH = 16
_ENTROPY = 0.2
"""Of the first step; it falls to nothing by the last."""


def page_quality(truth: dict[str, Any], found: list[dict[str, Any]]) -> FloatArray:
    """Return each page's own AP, (pages,) 0–1, in the order of `truth`; 1 where there is nothing to find."""
    by_page: dict[int, list[dict[str, Any]]] = {image["id"]: [] for image in truth["images"]}
    labels: dict[int, list[dict[str, Any]]] = {image["id"]: [] for image in truth["images"]}
    for item in found:
        by_page[item["image_id"]].append(item)
    for item in truth["annotations"]:
        labels[item["image_id"]].append(item)
    values = [
        coco_scores({**truth, "images": [image], "annotations": labels[image["id"]]}, by_page[image["id"]])["AP"]
        if labels[image["id"]]
        else 1.0
        for image in truth["images"]
    ]
    return np.array(values, np.float32)


def page_costs(truth: dict[str, Any], sizes: Sequence[int]) -> FloatArray:
    """Return the (pages, sizes) areas of the network's canvases, over that of the largest size."""
    areas = []
    for image in truth["images"]:
        boxes = [Letterbox.fit(image["width"], image["height"], size) for size in sizes]
        areas.append([box.height * box.width for box in boxes])
    array = np.array(areas, np.float32)
    return np.asarray(array / array[:, -1:], np.float32)


def expected_loss(
    logits: torch.Tensor, quality: torch.Tensor, cost: torch.Tensor, price: float, entropy: float = 0.0
) -> torch.Tensor:
    """Return the mean over pages of what a size drawn from softmax(logits) is expected to lose; all (pages, sizes).

    Each nat of the distribution's entropy counts as a gain of `entropy`.
    """
    lost = quality.amax(1, keepdim=True) - quality
    share, log_share = logits.softmax(1), logits.log_softmax(1)
    return (share * (price * cost + lost + entropy * log_share)).sum(1).mean()


def fit_selector(
    thumbnails: Sequence[FloatArray], quality: FloatArray, cost: FloatArray, sizes: Sequence[int], price: float,
    epochs: int = 60, seed: int = 0,
) -> SizeSelector:  # fmt: skip
    """Fit a selector.

    Args:
        thumbnails: one of each page, from `doclayout.selector.thumbnail`.
        quality: (pages, sizes), 0–1.
        cost: (pages, sizes), of the largest size 1.
        sizes: long sides in pixels, ascending.
        price: quality that the cost of a page at the largest size is worth; higher chooses smaller sizes.
        epochs: passes over the pages.
        seed: of weights, order and shifts.

    Raises:
        ValueError: sizes that do not ascend, arrays that do not fit, or a negative price.
    """
    if list(sizes) != sorted(set(sizes)) or quality.shape != cost.shape or quality.shape[1] != len(sizes) or price < 0:
        raise ValueError(
            f"sizes={sizes} must ascend, quality {quality.shape} and cost {cost.shape} be (pages, {len(sizes)}), "
            f"and price={price} 0 or more"
        )
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    pages = torch.from_numpy(np.stack(thumbnails))[:, None]
    network = _Network(len(sizes))
    optimizer = torch.optim.AdamW(network.parameters(), weight_decay=1e-2)
    batches = -(-len(pages) // _BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, _LEARNING_RATE, epochs * batches)
    goal, spent = torch.from_numpy(quality), torch.from_numpy(cost)
    order = [part for _ in range(epochs) for part in np.array_split(rng.permutation(len(pages)), batches)]
    for step, chosen in enumerate(order):
        batch = torch.roll(pages[chosen], tuple(int(v) for v in rng.integers(-4, 5, 2)), (2, 3))
        entropy = _ENTROPY * (1 - step / len(order))
        loss: Any = expected_loss(network(batch), goal[chosen], spent[chosen], price, entropy)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    return network.selector(sizes)


class _Network(nn.Module):
    """The selector's network while it learns; see `SizeSelector`."""

    def __init__(self, sizes: int):
        super().__init__()
        widths = zip((1, *_CHANNELS[:-1]), _CHANNELS, strict=True)
        self.convolutions = nn.ModuleList(nn.Conv2d(a, b, 3, 2, 1) for a, b in widths)
        self.head = nn.Linear(2 * _CHANNELS[-1], sizes)

    def forward(self, ink: torch.Tensor) -> torch.Tensor:
        """Map (B, 1, h, w) to (B, sizes)."""
        for convolution in self.convolutions:
            ink = convolution(ink).relu()
        scores: torch.Tensor = self.head(torch.cat([ink.mean((2, 3)), ink.amax((2, 3))], 1))
        return scores

    def selector(self, sizes: Sequence[int]) -> SizeSelector:
        """Return what has been learnt."""
        parts = [part.detach().numpy() for part in self.parameters()]
        *convolutions, head = zip(parts[::2], parts[1::2], strict=True)
        return SizeSelector(tuple(sizes), convolutions, (head[0].T, head[1]))
