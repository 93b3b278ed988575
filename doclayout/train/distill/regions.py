"""Regions of a page as nodes of a graph: which boxes, what they look like, and which of them are one."""

from __future__ import annotations

from typing import Any

import torch
from torchvision.ops import batched_nms, roi_align
from ultralytics.utils.metrics import bbox_iou

_SAME = 0.7
"""IoU from which two boxes of a one-to-many head are of one region: ultralytics' own for NMS."""


def mine_background(
    detections: torch.Tensor, boxes: torch.Tensor, valid: torch.Tensor, limit: int = 32, conf: float = 0.05,
    iou: float = 0.3,
) -> tuple[torch.Tensor, torch.Tensor]:  # fmt: skip
    """Choose what a detector took for a region where there is none.

    Args:
        detections: (B, n, 5) xyxy and score 0–1.
        boxes: (B, N, 4) the labelled boxes, in the same frame.
        valid: (B, N), which of them are boxes.
        limit: most of a page.
        conf: least score.
        iou: overlap with any labelled box from which a detection is not background.

    Returns:
        (B, m, 4) the best scored, m at most `limit`; and (B, m), which of them are chosen.
    """
    score = detections[..., 4]
    if boxes.shape[1]:
        overlap = bbox_iou(detections[..., None, :4], boxes[:, None], xywh=False)[..., 0] * valid[:, None]
        score = score.masked_fill(overlap.amax(2) >= iou, 0)
    best, order = score.topk(min(limit, score.shape[1]), dim=1)
    return detections[..., :4].gather(1, order[..., None].expand(-1, -1, 4)), best >= conf


def detections_of(head: Any, canvas: tuple[int, int], limit: int = 300) -> torch.Tensor:
    """Return what a head found in eval mode, (B, n, 5): xyxy as parts of the canvas, and score; n at most `limit`.

    Of the many boxes that a one-to-many head has for one region all but the best have score 0.
    """
    found = head[0].float()
    if found.shape[-1] != 6:  # one-to-many: (B, 4 + classes, anchors), xywh
        centre, half, scores = found[:, :2], found[:, 2:4] / 2, found[:, 4:].amax(1)
        order = scores.topk(min(limit, scores.shape[1]), dim=1).indices
        xyxy = torch.cat([centre - half, centre + half], 1).transpose(1, 2)
        found = torch.cat([xyxy, scores[..., None]], 2).gather(1, order[..., None].expand(-1, -1, 5))
        pages = torch.arange(len(found), device=found.device).repeat_interleave(found.shape[1])
        boxes, score = found[..., :4].flatten(0, 1), found[..., 4].flatten()
        best = torch.zeros_like(score)
        best[batched_nms(boxes, score, pages, _SAME)] = 1
        found = torch.cat([found[..., :4], (score * best).view(*found.shape[:2], 1)], 2)
    height, width = canvas
    return torch.cat([found[..., :4] / found.new_tensor([width, height] * 2), found[..., 4:5]], 2)


def pool_regions(maps: torch.Tensor, boxes: torch.Tensor) -> torch.Tensor:
    """Return the mean of each box's 3×3 RoI-aligned samples.

    Args:
        maps: (B, C, H, W).
        boxes: (B, N, 4) xyxy as parts of the canvas, 0–1.

    Returns:
        (B, N, C).
    """
    pages, count = boxes.shape[:2]
    scale = boxes.new_tensor([maps.shape[3], maps.shape[2]] * 2)
    found = roi_align(maps.contiguous(), list(boxes * scale), output_size=3, sampling_ratio=2, aligned=True)
    pooled: torch.Tensor = found.mean((2, 3)).view(pages, count, maps.shape[1])
    return pooled


def gaps(boxes: torch.Tensor) -> torch.Tensor:
    """Return the (B, N, N) distances between boxes (B, N, 4) xyxy, 0 where they touch."""
    low, high = boxes[..., :2], boxes[..., 2:]
    apart = (low[:, :, None] - high[:, None]).clamp(min=0)
    apart = torch.maximum(apart, apart.transpose(1, 2))
    return apart.square().sum(-1).sqrt()


def group(joined: torch.Tensor) -> torch.Tensor:
    """Return which group each node is in, by the lowest index of the nodes that it reaches.

    Args:
        joined: (B, N, N), symmetric, which nodes are one.

    Returns:
        (B, N) int64.
    """
    count = joined.shape[1]
    reach: torch.Tensor = joined | torch.eye(count, dtype=torch.bool, device=joined.device)
    for _ in range(max(count - 1, 1).bit_length()):  # each squaring doubles the length of the paths
        reach = (reach.float() @ reach.float()) > 0
    return reach.to(torch.uint8).argmax(2)
