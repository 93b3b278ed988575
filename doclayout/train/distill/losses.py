"""The losses that `distill=` names."""

from __future__ import annotations

from collections.abc import Sequence

from torch import nn

from doclayout.errors import UsageError

KINDS = ("fgd", "graph", "fgd+graph", "l2", "resolution")


def check_kind(distill: object) -> str:
    """Return a kind of distillation as it was given.

    Raises:
        UsageError: there is no such kind.
    """
    if not isinstance(distill, str) or distill not in KINDS:
        raise UsageError(f"distill={distill!r} is unknown; give one of {', '.join(KINDS)}")
    return distill


def build_losses(distill: str, student: Sequence[int], teacher: Sequence[int]) -> nn.ModuleDict:
    """Return the losses of a kind by name.

    Args:
        distill: one of `KINDS`.
        student: channels of the student's maps, per level.
        teacher: channels of the teacher's.
    """
    from doclayout.train.distill.fgd import FocalGlobalLoss
    from doclayout.train.distill.l2 import ScoreWeightedLoss

    classes = {"fgd": FocalGlobalLoss, "l2": ScoreWeightedLoss}
    return nn.ModuleDict({name: classes[name](student, teacher) for name in check_kind(distill).split("+")})
