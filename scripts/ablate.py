"""Compare ways of distillation: the same start, data, schedule, seeds and steps, each measured on the validation pages.

    python scripts/ablate.py data=DATA teacher=TEACHER.pt [start=edocnet-s.yaml] [key=value ...]
    python scripts/ablate.py what=cost [teacher=edocnet-l.yaml] [start=edocnet-s.yaml] [imgsz=320]

DATA is as in `doclayout train`; keys that are not listed below are arguments of its trainer, such as epochs=4. A run
that has its result, below out=, is not run again, and one that was stopped goes on, so the same command can be given
until all is done. Tables are printed, and put into docs/distillation.md between the markers `<!-- WHAT -->` and
`<!-- /WHAT -->`.

what=runs  AP of the teacher, of the student alone, and of the student by each kind of distillation, for each seed; the
           AP after each epoch; the size of each loss term.
what=cost  time of a training step with each kind, as a multiple of one without, on random pages.
"""

from __future__ import annotations

import csv
import json
import math
import shutil
import sys
import time
from collections.abc import Callable
from copy import copy
from pathlib import Path
from statistics import mean, median
from typing import Any

from command import read_open_words, run_script
from markers import SHOWN, figures, table, write_block

from doclayout import DocLayoutModel
from doclayout.errors import UsageError
from doclayout.options import Option, names
from doclayout.saving import write_atomic

OPTIONS = (
    Option("what", "runs or cost", "runs"),
    Option("data", "data set, for runs", None),
    Option("teacher", "checkpoint; for cost a model YAML serves too", "edocnet-l.yaml"),
    Option("start", "what students start from: a model YAML or a .pt", "edocnet-s.yaml"),
    Option("kinds", "what is compared", ("alone", "l2", "fgd", "graph", "fgd+graph"), names),
    Option("seeds", "one run of each kind per seed", ("0", "1"), names),
    Option("out", "folder of the runs", "runs/ablate"),
    Option("imgsz", "long side of the pages", 320, int),
    Option("batch", "pages a step", 8, int),
    Option("rounds", "steps timed of each kind, in turns, for cost", 12, int),
)


def main() -> None:
    """Run what is missing, print the tables and write them."""
    options, extra = read_open_words(OPTIONS, sys.argv[1:])
    if options["what"] not in ("runs", "cost"):
        raise UsageError(f"what={options['what']} is unknown; there are runs and cost")
    text = cost(options) if options["what"] == "cost" else runs(options, extra)
    write_block("distillation.md", options["what"], text)


def runs(options: dict[str, Any], extra: dict[str, Any]) -> str:
    """Run each kind with each seed, and lay out what came of it."""
    if not options["data"]:
        raise UsageError("what=runs needs data=")
    out = Path(options["out"])
    budget = {"epochs": 4, "warmup_epochs": 0.5, **extra, "imgsz": options["imgsz"], "batch": options["batch"]}
    teacher = result(out / "teacher", {"teacher": options["teacher"], "imgsz": options["imgsz"]}, options)
    found: dict[str, list[dict[str, Any]]] = {}
    for seed in options["seeds"]:
        for kind in options["kinds"]:
            settings = {**budget, "seed": int(seed), "start": options["start"], "distill": kind}
            if kind != "alone":
                settings["teacher"] = options["teacher"]
            found.setdefault(kind, []).append(result(out / f"{kind}-{seed}", settings, options))
    given = ", ".join(f"{key}={value}" for key, value in budget.items())
    start, count = Path(options["start"]).name, steps(options["data"], budget)
    intro = f"Students start from {start} and take {count} steps: {given}, seeds {', '.join(options['seeds'])}."
    return "\n\n".join([intro, scores(teacher, found), curves(found), terms(found)])


def result(folder: Path, settings: dict[str, Any], options: dict[str, Any]) -> dict[str, Any]:
    """Return what a run came to, after running what is missing of it.

    Raises:
        UsageError: the folder holds a run with other settings.
    """
    plan, settings = folder / "plan.json", {**settings, "data": str(Path(options["data"]).resolve())}
    if plan.exists() and json.loads(plan.read_text()) != settings:
        raise UsageError(f"{folder} holds a run with other settings, {plan.read_text()}; choose another out=")
    write_atomic(plan, json.dumps(settings).encode())
    done = folder / "result.json"
    if not done.exists():
        weights = options["teacher"] if folder.name == "teacher" else learn(folder, settings, options)
        model = DocLayoutModel(weights, "cpu")
        figures = model.val(options["data"], imgsz=options["imgsz"], save_dir=folder / "val", rescore=False)
        write_atomic(done, json.dumps({"figures": figures, "epochs": epochs(folder)}).encode())
    found: dict[str, Any] = json.loads(done.read_text())
    return found


def learn(folder: Path, settings: dict[str, Any], options: dict[str, Any]) -> Path:
    """Train one student, or go on with one that was stopped; return its last checkpoint.

    The last, not the best: it is of the same step for all, and not chosen by the pages that measure it.
    """
    last = folder / "run" / "weights" / "last.pt"
    if last.exists():
        DocLayoutModel(last, "cpu").train(options["data"], resume=True)
        return last
    shutil.rmtree(folder / "run", ignore_errors=True)  # stopped before its first checkpoint
    given = {key: value for key, value in settings.items() if key not in ("start", "data")}
    if given["distill"] == "alone":
        given["distill"] = None
    place = {"project": str(folder), "name": "run", "exist_ok": True}
    DocLayoutModel(settings["start"], "cpu").train(options["data"], **given, **place)
    return last


def epochs(folder: Path) -> list[dict[str, float]]:
    """Read the rows that the trainer wrote after each epoch; none of a teacher."""
    path = folder / "run" / "results.csv"
    if not path.exists():
        return []
    with path.open() as file:
        return [{key.strip(): float(value) for key, value in row.items()} for row in csv.DictReader(file)]


def steps(data: str, budget: dict[str, Any]) -> int:
    """Count the steps of a run."""
    from doclayout.train.data import resolve_data
    from doclayout.train.records import read_split

    config = resolve_data(data)
    pages = len(read_split(config["train"], config["names"]))
    return math.ceil(min(config.get("epoch_size", pages), pages) / budget["batch"]) * int(budget["epochs"])


def scores(teacher: dict[str, Any], found: dict[str, list[dict[str, Any]]]) -> str:
    """Compare COCO figures of the last checkpoints: of the network alone, and with all that `predict` does after it."""
    base = mean(run["figures"]["before"]["AP"] for run in found["alone"]) if "alone" in found else None
    lines = []
    for kind, group in {"teacher": [teacher], **found}.items():
        aps = [run["figures"]["before"]["AP"] for run in group]
        gain = f"{100 * (mean(aps) - base):+.1f}" if base is not None and kind not in ("teacher", "alone") else ""
        means = {key: mean(run["figures"]["before"][key] for run in group) for key in SHOWN}
        after = f"{mean(run['figures']['after']['AP'] for run in group):.3f}"
        lines.append(" | ".join([kind, ", ".join(f"{ap:.3f}" for ap in aps), figures(means), gain, after]))
    header = f"student | AP by seed | {' | '.join(SHOWN)} | points gained | AP after post-processing"
    return "### Figures\n\n" + table(header, lines)


def curves(found: dict[str, list[dict[str, Any]]]) -> str:
    """List the AP of the averaged weights after each epoch, as the trainer measures it, means over seeds."""
    lengths = {len(run["epochs"]) for group in found.values() for run in group}
    lines = []
    for epoch in range(min(lengths)):
        aps = [mean(run["epochs"][epoch]["metrics/mAP50-95(B)"] for run in group) for group in found.values()]
        lines.append(" | ".join([str(epoch + 1), *[f"{ap:.3f}" for ap in aps]]))
    return "### AP by epoch\n\n" + table(" | ".join(["epoch", *found]), lines)


def terms(found: dict[str, list[dict[str, Any]]]) -> str:
    """List the mean size of each loss term in the first and in the last epoch, as parts of the detection loss."""
    lines = []
    for kind, group in found.items():
        for key in group[0]["epochs"][0]:
            name = key.removeprefix("train/")
            if not key.startswith("train/") or name.endswith("_loss"):
                continue
            shares = [mean(run["epochs"][e][key] / detection(run["epochs"][e]) for run in group) for e in (0, -1)]
            lines.append(f"{kind} | {name} | " + " | ".join(f"{share:.3f}" for share in shares))
    return "### Loss terms over the detection loss\n\n" + table("kind | term | first epoch | last epoch", lines)


def detection(epoch: dict[str, float]) -> float:
    """Return the detection loss of an epoch."""
    return sum(value for key, value in epoch.items() if key.startswith("train/") and key.endswith("_loss"))


def cost(options: dict[str, Any]) -> str:
    """Time a step of each kind in turns, on the same random pages and boxes."""
    contestants = {kind: stepper(kind, options) for kind in dict.fromkeys(("alone", *options["kinds"]))}
    for step in contestants.values():
        step()
    seconds: dict[str, list[float]] = {kind: [] for kind in contestants}
    for _ in range(options["rounds"]):
        for kind, step in contestants.items():
            start = time.perf_counter()
            step()
            seconds[kind].append(time.perf_counter() - start)
    lines = []
    for kind, taken in seconds.items():
        ratios = sorted(one / alone for one, alone in zip(taken, seconds["alone"], strict=True))
        lines.append(f"{kind} | {1000 * median(taken):.0f} | {median(ratios):.2f} | {ratios[0]:.2f}–{ratios[-1]:.2f}")
    names = f"{Path(options['start']).name} with {Path(options['teacher']).name}"
    title = f"{names}, batches of {options['batch']} at imgsz {options['imgsz']}, {options['rounds']} rounds in turns."
    return f"{title}\n\n" + table("kind | ms a step | times the step alone, median | least–most", lines)


def stepper(kind: str, options: dict[str, Any]) -> Callable[[], None]:
    """Return a function that takes one training step, with its pages there already."""
    import torch
    from ultralytics.utils import DEFAULT_CFG

    from doclayout.nn.checkpoint import load_model
    from doclayout.nn.model import LayoutModel
    from doclayout.runtime import has_bfloat16
    from doclayout.train.distill.model import LayoutDistillation

    torch.manual_seed(0)
    student = (
        LayoutModel(options["start"]) if options["start"].endswith("yaml") else load_model(Path(options["start"]))[0]
    )
    student.args = copy(DEFAULT_CFG)
    student.args.imgsz = options["imgsz"]
    student.bf16 = has_bfloat16()  # as the trainer has it
    model: Any = student.train().to(memory_format=torch.channels_last).requires_grad_(True)
    if kind != "alone":
        path = options["teacher"]
        teacher = LayoutModel(path) if path.endswith("yaml") else load_model(Path(path))[0]
        model = LayoutDistillation(teacher, student, kind).train()
    optimizer = torch.optim.AdamW(p for p in model.parameters() if p.requires_grad)
    pages, boxes = options["batch"], 12
    batch = {
        "img": torch.rand(pages, 3, options["imgsz"], max(options["imgsz"] * 3 // 4 // 64 * 64, 64)),
        "cls": torch.randint(0, student.model[-1].nc, (pages * boxes, 1)).float(),
        "bboxes": torch.rand(pages * boxes, 4) * 0.3 + 0.2,
        "batch_idx": torch.arange(pages * boxes) // boxes,
    }

    def step() -> None:
        optimizer.zero_grad()
        model.loss(batch)[0].sum().backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 10.0)
        optimizer.step()

    return step


if __name__ == "__main__":
    run_script(main)
