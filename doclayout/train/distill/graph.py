"""Distillation of a page's regions and of how they relate, after GraphKD (arXiv 2402.11401), for one-stage detectors.

Nodes are the labelled boxes and what the teacher takes for a region in error. Levels of a neck differ in channels, so a
node is read from all of them, one after the other in its vector, and nodes of any size can be compared. Text nodes, of
which there are many, are merged where they are alike at the teacher and close on the page, as paragraphs of a column
are. Per page:

* nodes: w_T·mean over text ‖F − G‖² + w_N·mean over others ‖F − G‖², w_T = w_N·min(1, others / text);
* edges: the weighted mean of (exp(−d_F/m) − exp(−d_G/m))², d the Mahalanobis distance of two nodes under the teacher's
  running covariance, m the median of the teacher's on the page; pairs of two texts weigh 1, mixed ones 2, others 4.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import nn

from doclayout.train.distill.regions import detections_of, gaps, group, mine_background, pool_regions
from doclayout.train.distill.scene import Scene, pad_boxes

MERGED_COSINE = 0.9
MERGED_GAP = 0.02
MOMENTUM = 0.05
SHRINKAGE = 0.1


class GraphLoss(nn.Module):
    """Node and edge losses, with the linear maps that bring the student's nodes to the teacher's channels.

    Args:
        student: channels of the student's maps, per level.
        teacher: channels of the teacher's.
        text: per class id, whether it is mainly running text.
        node: weight of the node loss.
        edge: weight of the edge loss.
    """

    reads = "detections"

    def __init__(
        self, student: Sequence[int], teacher: Sequence[int], text: Sequence[bool], node: float = 5e-3,
        edge: float = 10.0,
    ):  # fmt: skip
        super().__init__()
        self.node, self.edge = node, edge
        self.adapters = nn.ModuleList(
            nn.Linear(s, t) if s != t else nn.Identity() for s, t in zip(student, teacher, strict=True)
        )
        self.covariance: torch.Tensor
        self.text: torch.Tensor
        self.register_buffer("covariance", torch.zeros(sum(teacher), sum(teacher)))
        self.register_buffer("text", torch.tensor(list(text), dtype=torch.bool))

    def forward(self, scene: Scene) -> dict[str, torch.Tensor]:
        """Return the weighted terms: `text/0` and so on, `other/0` and so on, by level index, and `edge`."""
        boxes, valid, text = self._boxes(scene)
        teacher = [pool_regions(maps, boxes) for maps in scene.teacher]
        student = [adapt(pool_regions(maps, boxes)) for adapt, maps in zip(self.adapters, scene.student, strict=True)]
        sizes = [nodes.shape[2] for nodes in teacher]
        merge, text = merging(torch.cat(teacher, 2), boxes * _page(scene.canvas, boxes), valid, text)
        ours, theirs = (merge @ torch.cat(nodes, 2) for nodes in (student, teacher))
        valid = merge.sum(2) > 0
        pages = (valid.sum(1) >= 2).float()
        pages = pages / pages.sum().clamp(min=1)
        terms: dict[str, torch.Tensor] = {}
        for level, delta in enumerate(torch.split((ours - theirs).square(), sizes, dim=2)):
            losses = node_losses(delta.sum(2), valid, text)
            terms |= {f"{name}/{level}": self.node * (value * pages).sum() for name, value in losses.items()}
        if self.training:
            self._update(theirs[valid])
        return terms | {"edge": self.edge * (self._edge_losses(ours, theirs, valid, text) * pages).sum()}

    def _boxes(self, scene: Scene) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Return boxes (B, N, 4), which of them are there, and which are text; the labelled ones and the mined."""
        rows, valid = pad_boxes(torch.cat([scene.boxes, scene.cls[:, None]], 1), scene.batch_idx, scene.pages)
        mined, chosen = mine_background(detections_of(scene.teacher_head, scene.canvas), rows[..., :4], valid)
        text = self.text[rows[..., 4].long()] & valid
        boxes = torch.cat([rows[..., :4], mined], 1).clamp(0, 1)
        return boxes, torch.cat([valid, chosen], 1), torch.cat([text, torch.zeros_like(chosen)], 1)

    @torch.no_grad()
    def _update(self, nodes: torch.Tensor) -> None:
        """Let the covariance follow that of the teacher's nodes, (n, D)."""
        if len(nodes) > 1:
            fresh = nodes.T.cov()
            started = bool(self.covariance.any())
            self.covariance.lerp_(fresh, MOMENTUM if started else 1.0)

    def _edge_losses(
        self, ours: torch.Tensor, theirs: torch.Tensor, valid: torch.Tensor, text: torch.Tensor
    ) -> torch.Tensor:
        """Return (B,) losses of the edges between nodes (B, N, D)."""
        factor = torch.linalg.cholesky(shrunk(self.covariance))
        distances = [_distances(whiten(nodes, factor)) for nodes in (ours, theirs)]
        count = valid.shape[1]
        pairs = valid[:, :, None] & valid[:, None] & ~torch.eye(count, dtype=torch.bool, device=valid.device)
        medians = distances[1].masked_fill(~pairs, float("nan")).flatten(1).nanmedian(1).values.nan_to_num(1.0)
        one, two = (torch.exp(-d / medians.clamp(min=1e-6)[:, None, None]) for d in distances)
        others = (~text).float()
        weights = 2.0 ** (others[:, :, None] + others[:, None]) * pairs
        return ((one - two).square() * weights).sum((1, 2)) / weights.sum((1, 2)).clamp(min=1)


def merging(
    nodes: torch.Tensor, boxes: torch.Tensor, valid: torch.Tensor, text: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Find text nodes that are one: alike by cosine, and close, or linked by such.

    Args:
        nodes: (B, N, D), the teacher's.
        boxes: (B, N, 4) xyxy in units of the page's longer side.
        valid: (B, N), which nodes are there.
        text: (B, N), which of them are text.

    Returns:
        (B, N, N), rows of which average the nodes of a group, or are 0; and (B, N), which groups are text.
    """
    alike = F.normalize(nodes, dim=2)
    close = gaps(boxes) < MERGED_GAP
    texts = (text & valid)[:, :, None] & (text & valid)[:, None]
    leader = group((alike @ alike.transpose(1, 2) > MERGED_COSINE) & close & texts)
    members = F.one_hot(leader, nodes.shape[1]).transpose(1, 2) * valid[:, None]
    return members / members.sum(2, keepdim=True).clamp(min=1), text


def node_losses(errors: torch.Tensor, valid: torch.Tensor, text: torch.Tensor) -> dict[str, torch.Tensor]:
    """Return `text` and `other`, (B,) each: means of errors (B, N) over nodes, text weighed down where it is more."""
    texts, others = (text & valid).float(), (~text & valid).float()
    weight = (others.sum(1) / texts.sum(1).clamp(min=1)).clamp(max=1)
    mean = {name: (errors * m).sum(1) / m.sum(1).clamp(min=1) for name, m in (("text", texts), ("other", others))}
    return {"text": weight * mean["text"], "other": mean["other"]}


def shrunk(covariance: torch.Tensor) -> torch.Tensor:
    """Return (1 − r)·C + r·tr(C)/D·I of a (D, D) covariance: sound to invert even of fewer samples than D."""
    size = len(covariance)
    even = torch.eye(size, device=covariance.device) * (covariance.trace() / size)
    floor = torch.eye(size, device=covariance.device) * 1e-6  # nodes that are all the same have none
    return (1 - SHRINKAGE) * covariance + SHRINKAGE * even + floor


def whiten(nodes: torch.Tensor, factor: torch.Tensor) -> torch.Tensor:
    """Return nodes (B, N, D) in coordinates whose Euclidean distance is Mahalanobis', by a Cholesky factor (D, D)."""
    flat: torch.Tensor = torch.linalg.solve_triangular(factor, nodes.flatten(0, 1).T, upper=False)
    return flat.T.reshape(nodes.shape)


def _distances(nodes: torch.Tensor) -> torch.Tensor:
    """Return the (B, N, N) Euclidean distances of (B, N, D), with a gradient that is finite where they are 0."""
    size = nodes.square().sum(2)
    return (size[:, :, None] + size[:, None] - 2 * nodes @ nodes.transpose(1, 2)).clamp(min=1e-6).sqrt()


def _page(canvas: tuple[int, int], like: torch.Tensor) -> torch.Tensor:
    """Return what parts of a canvas (height, width) are multiplied by to be parts of its longer side, xyxy."""
    height, width = canvas
    return like.new_tensor([width, height] * 2) / max(canvas)
