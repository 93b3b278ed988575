"""The losses that `distill=` names.

Each is a module; those of maps are made of the channels of both sides'. Its `reads` says what it needs of the teacher:
`maps` of the neck, `detections` too, or the raw outputs of both `branches` of the head. Called with a `Scene`, it gives
its weighted terms, by name, or by name and level index: `object/0`.
"""

from __future__ import annotations

from collections.abc import Sequence

from torch import nn

from doclayout.errors import UsageError
from doclayout.schema import text_flags

KINDS = ("fgd", "graph", "fgd+graph", "l2", "dense", "resolution")


def check_kind(distill: object) -> str:
    """Return a kind of distillation as it was given.

    Raises:
        UsageError: there is no such kind.
    """
    if not isinstance(distill, str) or distill not in KINDS:
        raise UsageError(f"distill={distill!r} is unknown; give one of {', '.join(KINDS)}")
    return distill


def build_losses(
    distill: str, student: Sequence[int], teacher: Sequence[int], names: Sequence[str], teacher_names: Sequence[str]
) -> nn.ModuleDict:
    """Return the losses of a kind by name.

    Args:
        distill: one of `KINDS`.
        student: channels of the student's maps, per level.
        teacher: channels of the teacher's.
        names: the student's classes, in id order.
        teacher_names: the teacher's, the same ones.
    """
    return nn.ModuleDict({kind: _build(kind, student, teacher, names, teacher_names) for kind in distill.split("+")})


def _build(
    kind: str, student: Sequence[int], teacher: Sequence[int], names: Sequence[str], teacher_names: Sequence[str]
) -> nn.Module:
    if kind == "fgd":
        from doclayout.train.distill.fgd import FocalGlobalLoss

        return FocalGlobalLoss(student, teacher)
    if kind == "graph":
        from doclayout.train.distill.graph import GraphLoss

        return GraphLoss(student, teacher, text_flags(names))
    order = [list(teacher_names).index(name) for name in names]
    if kind == "dense":
        from doclayout.train.distill.dense import DenseLoss

        return DenseLoss(order)
    if kind == "resolution":
        from doclayout.train.distill.resolution import ResolutionLoss

        return ResolutionLoss(student, teacher, order)
    from doclayout.train.distill.l2 import ScoreWeightedLoss

    return ScoreWeightedLoss(student, teacher)
