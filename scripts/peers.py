"""Compare networks: from random weights, on the same pages, for as many steps, by the same trainer; AP beside latency.

    python scripts/peers.py data=DATA [models=edocnet-s,yolo26n,yolov8n] [key=value ...]

DATA is as in `doclayout train`, and has a val split; keys that are not listed below are arguments of the trainer, such
as epochs=4. yolo26n and yolov8n are ultralytics' YAMLs at scale n; yolov8n gets the NMS-free head that the others have,
since that is what `doclayout` runs. Checkpoints are the last, so the validation pages choose nothing. Runs that are
there are not made again, and one that was stopped goes on. The table is printed, and put into docs/results.md between
the markers `<!-- peers -->` and `<!-- /peers -->`.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

import ultralytics
import yaml
from ablate import result, steps
from command import read_open_words, run_script
from markers import table, write_block
from model_table import fastest, runner

from doclayout.nn.checkpoint import load_model
from doclayout.nn.model import LayoutModel, gflops
from doclayout.options import Option, names
from doclayout.saving import write_atomic

PEERS = {"yolo26n": "26/yolo26.yaml", "yolov8n": "v8/yolov8.yaml"}
OPTIONS = (
    Option("data", "data set", required=True),
    Option("models", "what is compared: YAMLs that ship, and peers", ("edocnet-s", *PEERS), names),
    Option("out", "folder of the runs", "runs/peers"),
    Option("imgsz", "long side of the pages", 320, int),
    Option("batch", "pages a step", 8, int),
    Option("rounds", "passes timed of each network, in turns", 30, int),
)


def main() -> None:
    """Run what is missing, time the networks, print the table and write it."""
    options, extra = read_open_words(OPTIONS, sys.argv[1:])
    out = Path(options["out"]).resolve()
    budget = {"epochs": 4, "warmup_epochs": 0.5, "seed": 0, **extra}
    budget |= {"imgsz": options["imgsz"], "batch": options["batch"]}
    figures: dict[str, dict[str, Any]] = {}
    for name in options["models"]:
        settings = {**budget, "start": start(name, out), "distill": "alone"}
        figures[name] = result(out / name, settings, options)["figures"]
    lines = [*timed(figures, out, options["rounds"])]
    given = ", ".join(f"{key}={value}" for key, value in budget.items())
    intro = f"{steps(options['data'], budget)} steps from random weights: {given}."
    header = "network | parameters (M) | GFLOPs at 640 | AP alone | AP50 alone | AP refined | ms | AP points per ms"
    write_block("results.md", "peers", f"{intro}\n\n{table(header, lines)}")


def start(name: str, out: Path) -> str:
    """Return the YAML of a network; a peer's is ultralytics' own, with an NMS-free head."""
    if name not in PEERS:
        return f"{name}.yaml"
    path = out / f"{name}.yaml"
    source = Path(ultralytics.__file__).parent / "cfg" / "models" / PEERS[name]
    config = {**yaml.safe_load(source.read_text(encoding="utf-8")), "end2end": True}
    write_atomic(path, yaml.safe_dump(config, sort_keys=False).encode())
    return str(path)


def timed(figures: dict[str, dict[str, Any]], out: Path, rounds: int) -> list[str]:
    """Time the networks side by side, and lay out each one's row."""
    models: dict[str, LayoutModel] = {}
    for name in figures:
        models[name], _ = load_model(out / name / "run" / "weights" / "last.pt")
    with tempfile.TemporaryDirectory() as folder:
        seconds = fastest({name: runner(model, name, Path(folder)) for name, model in models.items()}, rounds)
    lines = []
    for name, model in models.items():
        before, after = figures[name]["before"], figures[name]["after"]
        size = sum(p.numel() for p in model.parameters()) / 1e6
        count, ms = gflops(model.fuse(verbose=False)), 1000 * seconds[name]
        scores = f"{before['AP']:.3f} | {before['AP50']:.3f} | {after['AP']:.3f}"
        lines.append(f"{name} | {size:.2f} | {count:.1f} | {scores} | {ms:.1f} | {100 * before['AP'] / ms:.2f}")
    return lines


if __name__ == "__main__":
    run_script(main)
