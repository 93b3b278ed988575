"""Tight boxes: each edge of a predicted box moves to the border of the ink that it most likely stands for.

Around every edge the page's ink is counted per pixel line. The places where ink begins, coming from outside, are the
edge's candidates. A small network, one for upright and one for level edges, scores each candidate by what surrounds
it: how far the edge would move, the white gap outside, the thickness of the ink inside, what would be cut off or
taken in, where the neighbouring box begins. The best one wins, and takes in the faint pixels that border on it.
`doclayout.train.edges` fits the scorers; those that ship learnt from drawings 1,280 pixels long.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from doclayout.ink import (
    BoxArray,
    IntArray,
    count_ink,
    edge_profiles,
    ink_integral,
    paper_contrast,
    take_in_faint,
    trim_blank,
)
from doclayout.letterbox import unit_of
from doclayout.perceptron import Network, outputs, read_networks
from doclayout.roles import Role, roles
from doclayout.schema import Schema

FloatArray = npt.NDArray[np.float32]

NEIGHBOUR = 0.2
"""Least score of a box that others keep off; with the doubtful ones for neighbours too, AP is 3 points lower."""
ROUNDS = (1, 0, 1)
"""Order in which level (1) and upright (0) edges are refined: each needs the others' extent."""

_REACH = 48
_MARGIN = 32
EDGES = Path(__file__).resolve().parent / "weights" / "edges.npz"
_GROUPS = ("line", "block", "band", "table", "plot", "graphic")
_OF_ROLES = {
    "header": "band", "footer": "band", "title": "line", "heading": "line", "caption": "line", "formula": "line"
}  # fmt: skip


@dataclass(frozen=True)
class Candidates:
    """Places that edges may move to.

    Attributes:
        edge: (m,) index of the edge, 0 to 2n - 1: all left or top edges, then the others.
        position: (m,) where the edge would be, in pixels.
        features: (m, f) what the scorer sees.
    """

    edge: npt.NDArray[np.int64]
    position: FloatArray
    features: FloatArray


def refine_boxes(
    boxes: BoxArray,
    scores: FloatArray,
    image: npt.NDArray[np.uint8],
    class_ids: npt.NDArray[np.integer],
    schema: Schema,
    words: Callable[[], BoxArray] | None = None,
) -> BoxArray:
    """Snap predicted boxes to the page's ink.

    Args:
        boxes: (n, 4) xyxy in pixels of `image`.
        scores: (n,) 0-1; boxes of at least `NEIGHBOUR` are taken for neighbours by the others.
        image: (H, W, 3) RGB, 0-255, of about `doclayout.letterbox.PIXELS` pixels.
        class_ids: (n,) classes in `schema`.
        schema: says which classes are lines, blocks, tables or graphics.
        words: gives (m, 4) xyxy boxes of the text layer's words in the same pixels; asked for where a box has no ink.
            They only say where to look closer for pale print, so a misplaced text layer does no harm.

    Returns:
        (n, 4) xyxy in the same pixels. An edge without ink in reach stays where it was, but for white paper
        inside it; from running text, paper of any colour is cut off.
    """
    refined = np.array(boxes, dtype=np.float32).reshape(-1, 4)
    if not len(refined):
        return refined
    contrast = paper_contrast(image)
    integral = ink_integral(contrast)
    if words is not None and (count_ink(integral, refined) == 0).any():
        integral = ink_integral(contrast, words())
    groups = np.array(edge_groups(schema), dtype=np.int64)[np.asarray(class_ids, dtype=np.int64)]
    neighbours = np.asarray(scores) >= NEIGHBOUR
    for axis, network in zip(ROUNDS, load_networks(), strict=True):
        refined = move_edges(refined, propose(refined, integral, groups, axis, neighbours), network, axis)
    of_print = np.isin(groups, [_GROUPS.index("line"), _GROUPS.index("block")])
    refined = trim_blank(refined, integral, image, of_print)
    inked = count_ink(integral, refined) > 0
    refined[inked] = take_in_faint(refined[inked], contrast)
    return refined


@cache
def edge_groups(schema: Schema) -> tuple[int, ...]:
    """Return, per class, the group of classes whose edges look alike: an index below `len(_GROUPS)`."""
    return tuple(_GROUPS.index(_group_of(name, role)) for name, role in zip(schema.names, roles(schema), strict=True))


def _group_of(name: str, role: Role) -> str:
    if role != "graphic":
        return _OF_ROLES.get(role, "block")
    if "table" in name.lower():
        return "table"
    return "plot" if "curve" in name.lower() else "graphic"


def propose(
    boxes: BoxArray, integral: IntArray, groups: npt.NDArray[np.int64], axis: int, neighbours: npt.NDArray[np.bool_]
) -> Candidates:
    """List the places that the edges of one axis may move to, with their features.

    Args:
        boxes: (n, 4) xyxy in pixels, n > 0.
        integral: (H + 1, W + 1) from `ink_integral`.
        groups: (n,) edge groups.
        axis: 0 for left and right edges, 1 for top and bottom edges.
        neighbours: (n,) whether a box counts as another's neighbour.
    """
    unit = unit_of(integral.shape[0] - 1, integral.shape[1] - 1)
    reach, margin = round(_REACH * unit), round(_MARGIN * unit)
    start = reach + margin
    counts, span, positions = edge_profiles(integral, boxes, axis, start, start)
    size = np.maximum(np.tile(np.rint(boxes[:, axis + 2]) - np.rint(boxes[:, axis]), 2), 1).astype(np.float32)
    ink = counts > 0
    density = (counts / np.maximum(span, 1)[:, None]).astype(np.float32)
    begins = _begins(ink, density)
    begins[:, :margin] = False
    begins &= np.arange(ink.shape[1]) - start < 0.5 * size[:, None]
    edge, line = np.nonzero(begins)
    outward = np.where(edge < len(boxes), -1, 1)
    position = (positions[edge] + outward * (start - line)).astype(np.float32)
    features = np.concatenate(
        [
            _ink_features(ink, density, edge, line, start, unit, size),
            _box_features(size, span, facing_gaps(boxes, axis, neighbours), edge, start - line, unit),
            np.eye(len(_GROUPS))[np.tile(groups, 2)[edge]],
        ],
        axis=1,
    )
    return Candidates(edge, position, features.astype(np.float32))


def _begins(ink: npt.NDArray[np.bool_], density: FloatArray) -> npt.NDArray[np.bool_]:
    """Mark the lines where ink begins after a gap, after a rule that it touches, or after a narrow place."""
    begins = ink.copy()
    outer, here = density[:, :-1], density[:, 1:]
    after_rule = (outer > 0.7) & (here < 0.6)
    inner = np.concatenate([here[:, 1:], here[:, -1:]], axis=1)
    before = np.concatenate([outer[:, :1], outer[:, :-1]], axis=1)
    narrow = (outer <= before) & (outer < 0.1) & (outer < 0.5 * np.maximum(here, inner))
    begins[:, 1:] &= ~ink[:, :-1] | after_rule | narrow
    return begins


def _ink_features(
    ink: npt.NDArray[np.bool_],
    density: FloatArray,
    edge: npt.NDArray[np.int64],
    line: npt.NDArray[np.int64],
    start: int,
    unit: float,
    size: FloatArray,
) -> FloatArray:
    """Describe the ink and the gaps around each candidate; lengths are in pixels of a drawing of `PIXELS`.

    A run is a stretch of lines that all have ink: a line of text, a rule, a side of a frame.
    """
    width = ink.shape[1]
    index = np.arange(width)
    last_ink = np.maximum.accumulate(np.where(ink, index, -1), axis=1)
    last_gap = np.maximum.accumulate(np.where(ink, -1, index), axis=1)
    next_ink = np.minimum.accumulate(np.where(ink, index, width)[:, ::-1], axis=1)[:, ::-1]
    next_gap = np.minimum.accumulate(np.where(ink, width, index)[:, ::-1], axis=1)[:, ::-1]
    inked = np.pad(ink.cumsum(axis=1), ((0, 0), (1, 0)))
    mass = np.pad(density.cumsum(axis=1), ((0, 0), (1, 0)))

    end = next_gap[edge, line]
    run = end - line
    outer = np.where(line > 0, last_ink[edge, line - 1], -1)
    has_outer = outer >= 0
    outer_run = np.where(has_outer, outer - last_gap[edge, np.maximum(outer, 0)], 0)
    gap = line - 1 - outer
    gap_inside = np.where(end < width, next_ink[edge, np.minimum(end, width - 1)] - end, 0)
    taken = np.maximum(inked[edge, start] - inked[edge, line], 0)
    cut = np.maximum(inked[edge, line] - inked[edge, start], 0)
    return np.stack(
        [
            np.log1p(gap / unit) / 2,
            np.minimum(gap / unit, 40) / 20,
            np.log1p(gap / run),
            np.log1p(gap_inside / unit) / 2,
            np.log1p(run / unit) / 2,
            run <= 3 * unit,
            (mass[edge, end] - mass[edge, line]) / run,
            density[edge, line],
            density[edge, np.maximum(line - 1, 0)],
            density[edge, np.minimum(line + 1, width - 1)],
            has_outer & (gap == 0),
            np.maximum(end - start, 0).clip(max=run) / run,
            taken / unit / 16,
            cut / unit / 16,
            taken / size[edge],
            cut / size[edge],
            np.log1p(outer_run / unit) / 2,
            has_outer & (outer_run <= 3 * unit),
            np.where(has_outer, density[edge, np.maximum(outer, 0)], 0),
            np.clip(outer + 1 - start, 0, outer_run) / np.maximum(outer_run, 1),
        ],
        axis=1,
    )


def _box_features(
    size: FloatArray, span: IntArray, gaps: FloatArray, edge: npt.NDArray[np.int64], move: npt.NDArray[np.int64],
    unit: float,
) -> FloatArray:  # fmt: skip
    """Describe each candidate's move (pixels, outward positive) against the box's size and its neighbours."""
    out, into = np.maximum(move, 0), np.maximum(-move, 0)
    gap = gaps[edge]
    return np.stack(
        [
            out / unit / 16,
            into / unit / 16,
            out / np.maximum(size[edge], 8 * unit),
            into / np.maximum(size[edge], 8 * unit),
            np.abs(move) / unit / 8,
            (move / unit / 16) ** 2,
            np.clip((move - gap) / unit, 0, 40) / 16,
            np.clip(gap / unit, -20, 60) / 32,
            gap > 200 * unit,
            np.log(np.maximum(size[edge] / unit, 4) / 20),
            np.log(np.maximum(span[edge] / unit, 4) / 100),
        ],
        axis=1,
    )


def facing_gaps(boxes: BoxArray, axis: int, neighbours: npt.NDArray[np.bool_]) -> FloatArray:
    """Measure how far each edge is from the facing edge of the nearest neighbour beyond it.

    Boxes that overlap by more than half of the smaller one are taken for duplicates or contents, not for neighbours.

    Args:
        boxes: (n, 4) xyxy.
        axis: 0 for left and right edges, 1 for top and bottom edges.
        neighbours: (n,) whether a box counts as another's neighbour.

    Returns:
        (2n,) distances, negative where the two overlap, 1e4 without a neighbour.
    """
    low, high = boxes[:, axis], boxes[:, axis + 2]
    side_low, side_high = boxes[:, 1 - axis], boxes[:, 3 - axis]
    side = np.minimum(side_high[:, None], side_high) - np.maximum(side_low[:, None], side_low)
    along = np.minimum(high[:, None], high) - np.maximum(low[:, None], low)
    area = (high - low) * (side_high - side_low)
    length = side_high - side_low
    beside = neighbours & (side > 0.15 * np.minimum(length[:, None], length))
    apart = np.clip(side, 0, None) * np.clip(along, 0, None) <= 0.5 * np.minimum(area[:, None], area)
    after = (low + high)[None, :] - (low + high)[:, None]
    before_gap = np.where(beside & apart & (after < 0), low[:, None] - high[None, :], 1e4).min(axis=1)
    after_gap = np.where(beside & apart & (after > 0), low[None, :] - high[:, None], 1e4).min(axis=1)
    return np.concatenate([before_gap, after_gap]).astype(np.float32)


def move_edges(boxes: BoxArray, candidates: Candidates, network: Network, axis: int) -> BoxArray:
    """Move each edge of one axis to its best candidate; a box that would vanish keeps both edges."""
    scores = outputs(candidates.features, network)
    count = 2 * len(boxes)
    best = np.full(count, -np.inf, dtype=np.float32)
    np.maximum.at(best, candidates.edge, scores)
    won = scores >= best[candidates.edge]
    target = np.concatenate([boxes[:, axis], boxes[:, axis + 2]])
    target[candidates.edge[won]] = candidates.position[won]
    low, high = target[: len(boxes)], target[len(boxes) :]
    moved = boxes.copy()
    sound = high - low > 2
    moved[sound, axis], moved[sound, axis + 2] = low[sound], high[sound]
    return moved


@cache
def load_networks() -> tuple[Network, ...]:
    """Read the scorers, one per round."""
    return read_networks(EDGES)
