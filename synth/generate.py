"""Generation: n pages into a folder, as a COCO data set; page i depends on (seed, i) alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from tqdm import tqdm

from doclayout.errors import UsageError
from doclayout.schema import load_schema
from synth.engines import ENGINES
from synth.recipe import make_recipe
from synth.shards import claim, merge, shard_name, shards_of, write_yolo


def generate(
    out: str | Path, n: int = 1000, kind: str = "datasheet", seed: int = 0, workers: int = 2,
    pool: str | Path | None = None, format: str = "webp", imgsz: int = 1280, min_count: int | None = None,
    yolo: bool = False, engine: str = "local", progress: Callable[[int], None] | None = None,
) -> Path:  # fmt: skip
    """Write n pages and their labels to a folder: `images/`, `annotations.json` (COCO), `run.json`, `shards/`.

    A run that was killed goes on where it stopped when called again with the same settings; a larger n adds pages.

    Args:
        out: the folder; empty, absent, or of the same run.
        n: number of pages.
        kind: `recompose`, `bestfit`, `datasheet` or `mix`; all but `datasheet` need a pool.
        seed: of the run; page i is the same whatever n, the engine and the number of workers.
        workers: processes; 1 works in this process.
        pool: COCO data set whose elements are used, of real pages or another run's folder.
        format: `webp`, `png`, or `pdf` for typeset pages with their text layer.
        imgsz: longer side of the pages, in pixels.
        min_count: elements that a class of the pool should have; rarer ones are multiplied, 100 by default. For
            `bestfit` and `mix`.
        yolo: write `labels/` and `data.yaml` too, as ultralytics' YOLO data sets have them.
        engine: `local`, or `ray` for the cluster that `RAY_ADDRESS` names.
        progress: called with the number of pages just done or found done, instead of a progress bar.

    Returns:
        The path of `annotations.json`.

    Raises:
        UsageError: an option is wrong.
        SynthError: the pool cannot be used, or the folder holds another run's data or cannot be written.
        MissingExtraError: the engine is not installed.
    """
    recipe = make_recipe(n, kind, seed, pool, format, imgsz, min_count)
    if workers < 1:
        raise UsageError(f"workers must be at least 1, got {workers}")
    if engine not in ENGINES:
        raise UsageError(f"unknown engine {engine!r}; known are {', '.join(ENGINES)}")
    if yolo and format == "pdf":
        raise UsageError("yolo needs images, and format=pdf has none; give format=webp or png")
    folder = Path(out)
    recipe.maker()  # the pool's errors come before the first file
    claim(folder, asdict(recipe), n)
    shards = shards_of(n)
    todo = [shard for shard in shards if not (folder / shard_name(shard)).is_file()]
    with tqdm(total=n, desc=f"synth {kind}", unit="page", disable=True if progress else None) as bar:
        done = progress or bar.update
        if len(todo) < len(shards):
            done(n - sum(stop - start for start, stop in todo))
        ENGINES[engine](recipe, folder, todo, workers, done)
    merge(folder, shards, load_schema())
    if yolo or (folder / "data.yaml").exists():  # a run that goes on has labels for all of its pages or for none
        write_yolo(folder, shards, load_schema())
    return folder / "annotations.json"
