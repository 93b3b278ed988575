"""Parameters, GFLOPs and relative latency of the model YAMLs that ship, as their header comments list them.

    python scripts/model_table.py [scales=t,n,s] [rounds=30]

Parameters are those that are trained; GFLOPs are of one forward pass of the fused network at 640×640. Latency is the
fastest of some rounds on a 640×512 page by OpenVINO in float32 on two threads, over that of yolov8n in the same rounds.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import openvino as ov
import torch
from command import read_words, run_script
from markers import table
from tqdm import tqdm
from ultralytics.nn.tasks import DetectionModel

from doclayout.config import cfg_dir
from doclayout.nn.model import LayoutModel, gflops, read_yaml
from doclayout.options import Option, names
from doclayout.train.export import export

OPTIONS = (
    Option("scales", "scales of the models that ship", ("t", "n", "s"), names),
    Option("rounds", "passes timed of each network, in turns", 30, int),
)
HEIGHT, WIDTH = 640, 512


def shipped(scales: Sequence[str]) -> Iterator[str]:
    """List the shipped models at some scales, such as `edocnet-n`."""
    for path in sorted((cfg_dir() / "models").glob("*.yaml")):
        yield from (f"{path.stem}-{scale}" for scale in read_yaml(path)["scales"] if scale in scales)


def runner(model: DetectionModel, name: str, folder: Path) -> Callable[[], None]:
    """Export a network and return a call that runs it once."""
    weights = folder / f"{name}.pt"
    torch.save({"model": model, "train_args": {}}, weights)
    core = ov.Core()
    network = core.read_model(export(weights, "onnx", {"save_dir": folder}))
    network.reshape([1, 3, HEIGHT, WIDTH])
    config = {"INFERENCE_NUM_THREADS": 2, "INFERENCE_PRECISION_HINT": "f32", "PERFORMANCE_HINT": "LATENCY"}
    compiled = core.compile_model(network, "CPU", config)
    page = np.random.default_rng(0).random((1, 3, HEIGHT, WIDTH), np.float32)
    return lambda: compiled({0: page})


def fastest(calls: dict[str, Callable[[], None]], rounds: int) -> dict[str, float]:
    """Time calls in turn, round after round, and return the least seconds of each: other load on the machine adds."""
    least = dict.fromkeys(calls, float("inf"))
    for _ in tqdm(range(rounds), unit="round", leave=False, disable=None):
        for name, call in calls.items():
            start = time.perf_counter()
            call()
            least[name] = min(least[name], time.perf_counter() - start)
    return least


def main() -> None:
    """Print the table."""
    options = read_words(OPTIONS, sys.argv[1:])
    models = {name: LayoutModel(f"{name}.yaml").eval() for name in shipped(options["scales"])}
    parameters = {name: sum(p.numel() for p in model.parameters()) / 1e6 for name, model in models.items()}
    with tempfile.TemporaryDirectory() as folder:
        calls = {name: runner(model, name, Path(folder)) for name, model in models.items()}
        calls["yolov8n"] = runner(DetectionModel("yolov8n.yaml", nc=21, verbose=False).eval(), "yolov8n", Path(folder))
        seconds = fastest(calls, options["rounds"])
    lines = []
    for name, model in models.items():
        count = gflops(model.fuse(verbose=False))
        lines.append(f"{name} | {parameters[name]:.2f} | {count:.1f} | {seconds[name] / seconds['yolov8n']:.2f}")
    print(table("model | parameters (M) | GFLOPs | latency (yolov8n = 1)", lines))
    print(f"yolov8n: {1000 * seconds['yolov8n']:.1f} ms")


if __name__ == "__main__":
    run_script(main)
