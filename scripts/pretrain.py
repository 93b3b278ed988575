"""Compare synthetic pages by what they teach: the same network pre-trained on each kind, for the same number of steps.

    python scripts/pretrain.py data=DATA [key=value ...]

DATA holds train/ and val/, each with annotations.json. From the same start, the network is trained on recomposed crops
of the real training pages, on BestFit pages of them, on typeset datasheets that have seen no real page, and on the mix;
and each result, and the start itself too, is then fine-tuned on DATA/train, for equally many steps. All are
scored on DATA/val. Checkpoints are the last, so the validation pages choose nothing. Keys that are not listed below
are arguments of the trainer, such as lr0=1e-3 seed=1, for both trainings. Pages, trainings and scores that are there
are not made again, and a training that was stopped goes on, so the same command can be given until all is done. The
table is printed, and put into docs/synth.md between the markers `<!-- pretraining -->` and `<!-- /pretraining -->`.
"""

from __future__ import annotations

import json
import math
import shutil
import sys
from pathlib import Path
from typing import Any

import yaml
from command import read_open_words, run_script
from markers import table, write_block

from doclayout import DocLayoutModel
from doclayout.options import Option, names
from doclayout.saving import replacing, write_atomic
from synth.generate import generate

OPTIONS = (
    Option("data", "folder with train/ and val/", required=True),
    Option("out", "folder of pages and runs", "runs/pretrain"),
    Option("kinds", "what is compared", ("none", "recompose", "bestfit", "datasheet", "mix"), names),
    Option("start", "a model YAML for random weights, or a .pt", "edocnet-s.yaml"),
    Option("pages", "synthetic pages of each kind", 4000, int),
    Option("steps", "steps of pre-training", 4000, int),
    Option("tune", "steps of fine-tuning", 600, int),
    Option("epochs", "parts that a training is cut into; one that was stopped goes on with a whole part", 4, int),
    Option("imgsz", "long side of the network's input in pixels", 640, int),
    Option("batch", "pages a step", 8, int),
    Option("workers", "processes that draw pages", 2, int),
)
TITLES = {
    "none": "nothing",
    "recompose": "recomposed crops",
    "bestfit": "BestFit",
    "datasheet": "typeset",
    "mix": "mix",
}


def main() -> None:
    """Run what is missing, print the table and write it."""
    options, extra = read_open_words(OPTIONS, sys.argv[1:])
    header = "trained on | as it is | refined | fine-tuned | fine-tuned, refined"
    rows = table(header, [row(kind, options, extra) for kind in options["kinds"]])
    write_block("synth.md", "pretraining", f"{head(options)}\n\n{rows}")


def head(options: dict[str, Any]) -> str:
    """Tell what all runs share."""
    start, imgsz, batch = Path(options["start"]), options["imgsz"], options["batch"]
    origin = f"{start.stem} from random weights" if start.suffix == ".yaml" else f"From {start.name}"
    return (
        f"{origin}, {options['steps']} steps on {options['pages']} pages, then {options['tune']} steps on "
        f"the real training pages; {batch} pages a step, {imgsz} px. AP (AP50) on the real validation pages."
    )


def row(kind: str, options: dict[str, Any], extra: dict[str, Any]) -> str:
    """Make one row of the table, with all that it needs."""
    cells, start = ["–", "–"], Path(options["start"])
    if kind != "none":
        start = train(kind, start, pages(kind, options), options["steps"], options, extra)
        cells = scores(kind, start, options)
    real = [Path(options["data"]).resolve() / "train" / "annotations.json"]
    tuned = train(f"{kind}-tuned", start, real, options["tune"], options, extra)
    return " | ".join([TITLES[kind], *cells, *scores(f"{kind}-tuned", tuned, options)])


def pages(kind: str, options: dict[str, Any]) -> list[Path]:
    """Draw the pages of a kind, and return their annotations."""
    pool = None if kind == "datasheet" else Path(options["data"]) / "train"
    folder = Path(options["out"]).resolve() / "pages" / kind
    return [generate(folder, options["pages"], kind, workers=options["workers"], pool=pool)]


def train(
    name: str, start: Path, annotations: list[Path], steps: int, options: dict[str, Any], extra: dict[str, Any]
) -> Path:
    """Train for a number of steps, and return the last checkpoint."""
    out, epochs = Path(options["out"]).resolve(), options["epochs"]
    kept, last, data = out / f"{name}.pt", out / name / "weights" / "last.pt", out / f"{name}.yaml"
    if kept.exists():
        return kept
    if last.exists():
        DocLayoutModel(last).train(data, resume=True)
    else:
        size = math.ceil(steps / epochs) * options["batch"]
        count = sum(len(json.loads(path.read_text(encoding="utf-8"))["images"]) for path in annotations)
        paths = [str(path) for path in annotations] * math.ceil(size / count)
        val = str(Path(options["data"]).resolve() / "val" / "annotations.json")
        config = {"train": paths, "val": val, "schema": "datasheet21", "epoch_size": size}
        write_atomic(data, yaml.safe_dump(config, sort_keys=False).encode())
        run = {"epochs": epochs, "imgsz": options["imgsz"], "batch": options["batch"], "val": False, **extra}
        DocLayoutModel(start).train(data, **run, project=str(out), name=name, exist_ok=True)
    with replacing(kept) as part:
        shutil.copyfile(last, part)
    return kept


def scores(name: str, model: Path, options: dict[str, Any]) -> list[str]:
    """Return AP and AP50 of a checkpoint, of the network alone and after refinement."""
    folder = Path(options["out"]) / name / "val"
    if not (folder / "metrics.json").exists():
        DocLayoutModel(model).val(options["data"], save_dir=folder, imgsz=options["imgsz"], rescore=False)
    result = json.loads((folder / "metrics.json").read_text(encoding="utf-8"))
    return [f"{result[step]['AP']:.3f} ({result[step]['AP50']:.3f})" for step in ("before", "after")]


if __name__ == "__main__":
    run_script(main)
