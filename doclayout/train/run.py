"""One training run, from arguments to its best checkpoint."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ultralytics.cfg import check_cfg
from ultralytics.utils import DEFAULT_CFG_DICT, LOGGER
from ultralytics.utils.torch_utils import select_device, strip_optimizer

from doclayout.errors import DocLayoutError, TeacherError, UsageError
from doclayout.nn.checkpoint import load_model
from doclayout.options import hint
from doclayout.runtime import find_weights
from doclayout.train.trainer import LayoutTrainer


def train(
    model: Path, data: str | Path, device: str | None, options: dict[str, Any], teacher: str | Path | None = None,
    distill: str | None = None,
) -> Path:  # fmt: skip
    """Train and return the best checkpoint.

    Args:
        model: a `.pt` to start from, or a model YAML.
        data: a data set's YAML, or a folder with `train/` and `val/annotations.json`.
        device: torch's name of a device; its own choice by default.
        options: ultralytics' arguments; those of `LayoutTrainer` replace its defaults. `resume=True` goes on with the
            run whose last checkpoint `model` is; one that has done all of its epochs is left as it is.
        teacher: a `.pt` to learn from; a resumed run has its own, unless that has moved.
        distill: how, one of `doclayout.train.distill.losses.KINDS`; `fgd` by default where there is a teacher.

    Raises:
        UsageError: an argument that ultralytics does not have, a value or device that it cannot take, `single_cls`, a
            distillation that cannot be, or a checkpoint to resume that is not of a run.
        WeightsError: a checkpoint that is not safe to load.
        TeacherError: the teacher does not fit the student, or a resumed run's is gone.
        DatasetError: the data set does not match its description, or a page of it cannot be read.
    """
    for key in options:
        if key == "cfg":
            raise UsageError("cfg= is read by ultralytics' own command alone; give what the file holds as key=value")
        if key == "distill_model":
            raise UsageError("distill_model= is ultralytics' name: give teacher=, and distill=l2 for its own loss")
        if key not in DEFAULT_CFG_DICT and key not in {"augmentations", "save_dir"}:
            raise UsageError(f"train has no argument {key!r}; {hint(key, [*DEFAULT_CFG_DICT, 'teacher', 'distill'])}")
    if options.get("single_cls"):
        raise UsageError("single_cls is for data without classes; give a data set's YAML with one name instead")
    # ultralytics, which reads these again, would run code from them, and download what is an address
    for file in (model, options.get("resume"), options.get("pretrained")):
        if isinstance(file, (str, Path)) and Path(file).suffix.lower() not in {".yaml", ".yml"}:
            load_model(Path(file))
    overrides = {**options, "model": str(model), "data": str(data), "task": "detect"}
    if device:
        overrides["device"] = device
    if options.get("resume"):
        last = Path(model if isinstance(options["resume"], int) else options["resume"])  # `True`, or 1
        checkpoint = load_model(last)[1]
        best = last.with_name("best.pt")
        if best.exists():
            load_model(best)  # it is read again at the run's end
        teacher, distill = _resumed(last, checkpoint, teacher, distill)
        if _finish_if_done(last, checkpoint):
            LOGGER.info(f"{last}: the run has done all of its epochs")
            return best if best.exists() else last
        overrides["resume"] = str(last)
        folder = last.parent.parent
        if (folder / "args.yaml").is_file():  # the run may have been moved, and its checkpoint knows the old place
            overrides.setdefault("save_dir", str(folder.resolve()))
    try:
        check_cfg(dict(overrides))
        select_device(overrides.get("device"), verbose=False)
    except (TypeError, ValueError) as error:
        raise UsageError(str(error)) from error
    trainer = _trainer(overrides, teacher, distill)
    try:
        trainer.train()
    except DocLayoutError as error:
        error.args = (_own_words(error),)
        raise
    return Path(trainer.best if trainer.best.exists() else trainer.last)


def _own_words(error: DocLayoutError) -> str:
    """Return what an error says without the traceback that torch puts before it where it comes from a worker."""
    kind = type(error)
    return str(error).rpartition(f"\n{kind.__module__}.{kind.__qualname__}: ")[2].rstrip("\n")


def _trainer(overrides: dict[str, Any], teacher: str | Path | None, distill: str | None) -> LayoutTrainer:
    """Return the trainer, one that distils where there is a teacher."""
    if not teacher:
        if distill:
            raise UsageError(f"distill={distill} needs teacher=, the checkpoint to learn from")
        return LayoutTrainer(overrides=overrides)
    from doclayout.train.distill.losses import check_kind
    from doclayout.train.distill.trainer import DistillationTrainer

    weights = find_weights(teacher)
    load_model(weights)  # fails before a run folder is made
    kind = check_kind(distill or "fgd")
    return DistillationTrainer(overrides={**overrides, "distill_model": str(weights.resolve()), "distill": kind})


def _finish_if_done(last: Path, checkpoint: dict[str, Any]) -> bool:
    """Tell whether the run of a last checkpoint has done all of its epochs; then strip what only a stopped one needs.

    Raises:
        UsageError: it is not of a run.
    """
    epoch, args = checkpoint.get("epoch", -1), checkpoint.get("train_args", {})
    if 0 <= epoch < args.get("epochs", 0) - 1:
        return False
    if not (last.parent.parent / "args.yaml").is_file():
        raise UsageError(f"{last} is not of a run that was stopped; leave resume= out to start a new run from it")
    for file in (last, last.with_name("best.pt")):
        if epoch >= 0 and file.exists():  # killed between its last epoch and this
            strip_optimizer(file, updates={"state": None})
    return True


def _resumed(
    last: Path, checkpoint: dict[str, Any], teacher: str | Path | None, distill: str | None
) -> tuple[str | Path | None, str | None]:
    """Return teacher and kind of distillation of the run whose checkpoint this is.

    Raises:
        UsageError: another kind is asked for than the run has, or the checkpoint is not its last.
        TeacherError: the run's teacher is gone, and no other is given.
    """
    args = checkpoint.get("train_args", {})
    kind, own = args.get("distill"), args.get("distill_model")
    if distill and distill != kind:
        raise UsageError(f"{last} is a run with distill={kind}; leave distill={distill} out, or start a new run")
    if teacher and not kind:
        raise UsageError(f"{last} is a run without distillation; leave teacher= out, or start a new run")
    if kind and "state" not in checkpoint:
        raise UsageError(f"{last} lacks what distillation goes on from; give the run's weights/last.pt")
    if kind and not teacher and not Path(own).is_file():
        raise TeacherError(f"the run of {last} learns from {own}, which is gone; put it back, or give teacher=PATH")
    return teacher or own, kind
