"""Time doclayout beside its peers, in turns, on one machine.

    python scripts/bench.py source=FOLDER_OF_PDFS [what=predict,cold,train] [threads=2] [rounds=5] ...

predict  page to regions: ours from the PDF, all included, also with half=true and with each of the weights of
         other=; ultralytics' predictor (yolov8n, ONNX) and rapid-layout's bundled model on the same pages drawn
         beforehand.
cold     one page from a fresh process: `doclayout predict` from PDF to JSON, `yolo predict` on the drawn page.
train    images a second on drawn pages, same model YAML and batch on the CPU: `LayoutTrainer`, and ultralytics'
         `DetectionTrainer` with its pages held in memory; each with its own defaults.

Each contestant has processes of its own, so that none changes another's threads. Peers run networks with random
weights where that does not change their speed, so nothing is downloaded. Needs `pip install -e '.[export,bench]'`.
"""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, suppress
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import pypdfium2
from command import read_words, run_script
from markers import table
from PIL import Image

from doclayout.document import find_documents, open_document
from doclayout.errors import DocLayoutError, InputError, UsageError
from doclayout.model import DocLayoutModel
from doclayout.options import Option, flag, names

OPTIONS = (
    Option("source", "PDFs: a file, a folder or a glob; train needs none", None),
    Option("what", "some of predict, cold, train, with commas", ("predict", "cold"), names),
    Option("model", "our weights; those that ship by default", None),
    Option("other", "predict: other weights of ours, timed too, with commas; none by default", (), names),
    Option("half", "predict: half precision, timed too; the CPU needs units for bfloat16", False, flag),
    Option("imgsz", "long side in pixels", 640, int),
    Option("pages", "pages timed, at most", 81, int),
    Option("threads", "cores given to predict and cold", 2, int),
    Option("rounds", "turns of predict and cold", 5, int),
    Option("yaml", "train: model YAML; ultralytics' yolo26, scale n, by default", None),
    Option("batch", "train: images in a batch", 8, int),
    Option("steps", "train: batches timed, after one pass over the pages", 24, int),
    Option("train_rounds", "train: turns", 2, int),
)
EACH = "doclayout, a PDF for each page"
PEERS = ("ultralytics, yolov8n ONNX", "rapid-layout, its bundled model")
SPAWN = multiprocessing.get_context("spawn")
QUIET = {"YOLO_OFFLINE": "true", "YOLO_AUTOINSTALL": "false", "YOLO_VERBOSE": "false"}


def main() -> None:
    """Run the chosen parts and print a table for each."""
    options = read_words(OPTIONS, sys.argv[1:])
    parts: dict[str, Callable[[dict[str, Any], Path], str]] = {"predict": predict, "cold": cold, "train": train}
    unknown = [name for name in options["what"] if name not in parts]
    if unknown:
        raise UsageError(f"what={','.join(unknown)} is unknown; there are {', '.join(parts)}")
    os.environ.update(QUIET)
    with tempfile.TemporaryDirectory() as scratch:
        if {"predict", "cold"} & set(options["what"]):
            prepare(options, Path(scratch))
        for name in options["what"]:
            print(parts[name](options, Path(scratch)), flush=True)


def prepare(options: dict[str, Any], scratch: Path) -> None:
    """Copy the pages to `all.pdf` and to one PDF each, and export the network of ultralytics' predictor."""
    (scratch / "pages").mkdir()
    everything, count = pypdfium2.PdfDocument.new(), 0
    for path in find_documents(options["source"] or ""):
        if path.suffix.lower() != ".pdf" or count == options["pages"]:
            continue
        with pypdfium2.PdfDocument(path) as document:
            for index in range(min(len(document), options["pages"] - count)):
                single = pypdfium2.PdfDocument.new()
                single.import_pages(document, [index])
                single.save(scratch / "pages" / f"{count:04d}.pdf")
                everything.import_pages(document, [index])
                count += 1
    if not count:
        raise InputError(f"source={options['source']} has no PDF")
    everything.save(scratch / "all.pdf")
    run([tool("yolo"), "export", "model=yolov8n.yaml", "format=onnx", f"imgsz={options['imgsz']}"], scratch)


def run(command: list[str], folder: Path) -> float:
    """Run a command in a folder; return the seconds.

    Raises:
        DocLayoutError: it failed.
    """
    start = time.perf_counter()
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    if done.returncode:
        raise DocLayoutError(f"{' '.join(command)} failed:\n{done.stderr}")
    return time.perf_counter() - start


def tool(name: str) -> str:
    """Return the path of a command of this environment."""
    return str(Path(sys.executable).parent / name)


def drawn_pages(scratch: Path, imgsz: int) -> list[np.ndarray]:
    """Return all pages as (H, W, 3) BGR, the long side `imgsz`."""
    with open_document(scratch / "all.pdf") as document:
        pages = [document.load(number).render(imgsz) for number in document.numbers]
    return [np.ascontiguousarray(page[..., ::-1]) for page in pages]


def pin(threads: int) -> None:
    """Keep this process, and those that it starts, to the first cores, where the system can."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:threads])


def predict(options: dict[str, Any], scratch: Path) -> str:
    """Time the contestants, each once a round, the first of a round in turn."""
    peers = (*own(options), *PEERS)
    seconds: dict[str, list[float]] = {peer: [] for peer in peers}
    with ExitStack() as stack:
        rooms = {}
        for peer in peers:
            room = ProcessPoolExecutor(1, mp_context=SPAWN, initializer=enter, initargs=(peer, options, scratch))
            rooms[peer] = stack.enter_context(room)
            rooms[peer].submit(turn).result()
        for index in range(options["rounds"]):
            for peer in peers[index % len(peers) :] + peers[: index % len(peers)]:
                seconds[peer].append(rooms[peer].submit(turn).result())
    count = len(list((scratch / "pages").iterdir()))
    head = f"{count} pages, imgsz {options['imgsz']}, {options['threads']} threads, {options['rounds']} rounds"
    units = ("ms a page", "pages a second")
    return medians(head, units, seconds, lambda taken: (f"{1000 * taken / count:.1f}", f"{count / taken:.1f}"))


def own(options: dict[str, Any]) -> dict[str, tuple[str | None, bool]]:
    """List our contestants: the weights of each, and whether it computes in half precision."""
    first, others = options["model"], options["other"]
    listed = {"doclayout, one PDF of all pages": (first, False), EACH: (first, False)}
    listed |= {f"doclayout with {Path(weights).name}": (weights, False) for weights in others}
    if options["half"]:
        listed |= {"doclayout with half=true": (first, True)}
        listed |= {f"doclayout with {Path(weights).name} and half=true": (weights, True) for weights in others}
    return listed


def enter(peer: str, options: dict[str, Any], scratch: Path) -> None:
    """Prepare a contestant in its own process."""
    global _contestant
    pin(options["threads"])
    _contestant = contestant(peer, options, scratch)


def turn() -> float:
    """Run the contestant of this process over all pages; return the seconds."""
    start = time.perf_counter()
    _contestant()
    return time.perf_counter() - start


def contestant(peer: str, options: dict[str, Any], scratch: Path) -> Callable[[], None]:
    """Return what takes all pages once."""
    imgsz = options["imgsz"]
    if peer.startswith("doclayout"):
        weights, half = own(options)[peer]
        model = DocLayoutModel(weights, threads=options["threads"], half=half)
        source = scratch / ("pages" if peer == EACH else "all.pdf")
        return lambda: each(type, model.predict_all(source, imgsz=imgsz))
    pages = drawn_pages(scratch, imgsz)
    if peer.startswith("ultralytics"):
        from ultralytics import YOLO

        yolo = YOLO(scratch / "yolov8n.onnx", task="detect")
        return lambda: each(partial(yolo.predict, imgsz=imgsz, conf=0.5, verbose=False), pages)
    from rapid_layout import RapidLayout

    rapid = RapidLayout(engine_cfg={"intra_op_num_threads": options["threads"]})
    return lambda: each(rapid, pages)


def each(function: Callable[[Any], object], items: Iterable[Any]) -> None:
    """Call a function on each item."""
    for item in items:
        function(item)


def cold(options: dict[str, Any], scratch: Path) -> str:
    """Time both commands on the first page, in turns, after one run each."""
    pdf, png = scratch / "pages" / "0000.pdf", scratch / "page.png"
    Image.fromarray(drawn_pages(scratch, options["imgsz"])[0][..., ::-1]).save(png)
    ours = [tool("doclayout"), "predict", f"source={pdf}", f"imgsz={options['imgsz']}", f"save_dir={scratch / 'ours'}"]
    if options["model"]:
        ours.append(f"model={Path(options['model']).resolve()}")
    yolo = [tool("yolo"), "predict", "task=detect", f"model={scratch / 'yolov8n.onnx'}", f"source={png}", "conf=0.5"]
    yolo += [f"imgsz={options['imgsz']}", f"project={scratch / 'yolo'}", "exist_ok=True"]
    commands = {"doclayout predict, PDF to JSON": ours, "yolo predict, drawn page": yolo}
    seconds: dict[str, list[float]] = {name: [] for name in commands}
    with ProcessPoolExecutor(1, mp_context=SPAWN, initializer=pin, initargs=(options["threads"],)) as room:
        for index in range(options["rounds"] + 1):
            for name, command in commands.items():
                taken = room.submit(run, command, scratch).result()
                if index:
                    seconds[name].append(taken)
    head = f"one page from a fresh process, {options['threads']} threads, {options['rounds']} rounds"
    return medians(head, ("seconds",), seconds, lambda s: (f"{s:.2f}",))


def train(options: dict[str, Any], scratch: Path) -> str:
    """Time both trainers in turns, each run in a process of its own."""
    data = draw_data(scratch / "drawn", 12 * options["batch"])
    os.environ["DOCLAYOUT_CACHE"] = str(scratch / "cache")
    seconds: dict[str, list[float]] = {"LayoutTrainer": [], "ultralytics DetectionTrainer": []}
    for _ in range(options["train_rounds"]):
        for name, runs in seconds.items():
            with ProcessPoolExecutor(1, mp_context=SPAWN) as room:
                runs.append(room.submit(train_steps, name, options, data, scratch / "train").result())
    images = options["batch"] * options["steps"]
    head = f"training {options['yaml'] or 'yolo26, scale n'}, batch {options['batch']}, imgsz {options['imgsz']}"
    return medians(f"{head}, {os.cpu_count()} cores", ("images a second",), seconds, lambda s: (f"{images / s:.2f}",))


def draw_data(folder: Path, count: int) -> Path:
    """Draw typeset pages and write them as a YOLO data set; return its YAML."""
    from synth.generate import generate

    generate(folder, count, "datasheet", workers=1, yolo=True)
    return folder / "data.yaml"


class Enough(Exception):
    """Raised when the timed batches are done."""


def train_steps(name: str, options: dict[str, Any], data: Path, project: Path) -> float:
    """Train for one pass over the pages, then return the seconds that the timed batches take."""
    import ultralytics

    yaml = options["yaml"] or Path(ultralytics.__file__).parent / "cfg" / "models" / "26" / "yolo26.yaml"
    arguments = {"model": str(yaml), "data": str(data), "imgsz": options["imgsz"], "batch": options["batch"]}
    arguments |= {"epochs": 100, "device": "cpu", "val": False, "plots": False, "project": str(project)}
    if name == "LayoutTrainer":
        from doclayout.train.trainer import LayoutTrainer as Trainer
    else:
        from ultralytics.models.yolo.detect import DetectionTrainer as Trainer

        arguments["cache"] = "ram"
    marks: list[float] = []

    def tick(trainer: Any) -> None:
        marks.append(time.perf_counter())
        if len(marks) == len(trainer.train_loader) + options["steps"]:
            raise Enough

    trainer = Trainer(overrides=arguments)
    trainer.add_callback("on_train_batch_end", tick)
    with suppress(Enough):
        trainer.train()
    return marks[-1] - marks[-1 - options["steps"]]


def medians(head: str, units: tuple[str, ...], seconds: dict[str, list[float]], show: Callable[[float], Any]) -> str:
    """Lay out medians as Markdown; the ratio is the median over rounds of a row's time to the first row's."""
    first = next(iter(seconds.values()))
    lines = []
    for name, runs in seconds.items():
        ratio = median(mine / base for mine, base in zip(runs, first, strict=True))
        lines.append(" | ".join([name, *show(median(runs)), f"{ratio:.2f}"]))
    return table(" | ".join([head, *units, "time beside ours"]), lines) + "\n"


if __name__ == "__main__":
    run_script(main)
