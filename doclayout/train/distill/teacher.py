"""The teacher: read without running code, and held to what its student needs of it."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from doclayout.errors import TeacherError
from doclayout.nn.checkpoint import load_model


def load_teacher(path: str | Path, student: Any, names: Sequence[str], distill: str) -> Any:
    """Read a teacher and check that it fits.

    Args:
        path: its checkpoint.
        student: the model that learns from it.
        names: the student's class names, in id order.
        distill: how it learns, one of `KINDS`.

    Returns:
        the model, float32 in eval mode.

    Raises:
        WeightsError: the file is missing, or no checkpoint that is safe to load.
        TeacherError: it knows other classes, has maps of other strides, or a head whose outputs cannot be compared.
    """
    teacher, _ = load_model(Path(path))
    known = list(teacher.names.values())
    if sorted(known) != sorted(names):
        extra, lacking = sorted(set(known) - set(names)), sorted(set(names) - set(known))
        raise TeacherError(
            f"teacher={path} has other classes than the data set: {', '.join(extra) or 'none'} are its own, "
            f"{', '.join(lacking) or 'none'} it lacks; choose a teacher trained on the same schema"
        )
    levels, own = ([int(s) for s in model.stride] for model in (teacher, student))
    if levels != own:
        raise TeacherError(
            f"teacher={path} has maps at strides {levels}, the student at {own}; choose a teacher of the same levels"
        )
    heads = [(m.reg_max, hasattr(m, "one2one_cv2")) for m in (teacher.model[-1], student.model[-1])]
    if distill in ("dense", "resolution") and heads[0] != heads[1]:
        raise TeacherError(
            f"teacher={path} has another kind of head than the student (reg_max, NMS-free: {heads[0]}, {heads[1]}), "
            f"and distill={distill} compares their outputs; choose a teacher of the student's architecture"
        )
    if distill in ("dense", "resolution") and heads[1] != (1, True):
        raise TeacherError(
            f"distill={distill} compares NMS-free heads with reg_max 1, and these have (reg_max, NMS-free) {heads[1]}; "
            "give end2end: True and reg_max: 1 in both YAMLs"
        )
    sizes = [sum(p.numel() for p in model.parameters()) for model in (teacher, student)]
    if sizes[0] < sizes[1]:
        warnings.warn(
            f"teacher={path} has {sizes[0]:,} parameters, fewer than the student's {sizes[1]:,}; "
            "a student seldom gains from a smaller teacher",
            stacklevel=2,
        )
    return teacher
