"""Generation: n pages into a folder, as a COCO data set; page i depends on (seed, i) alone."""

from __future__ import annotations

import io
import json
import multiprocessing
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict
from pathlib import Path
from typing import Any

import cv2
from PIL import Image
from tqdm import tqdm

from doclayout.errors import SynthError
from doclayout.schema import load_schema
from synth.makers import page_maker
from synth.page import SynthPage
from synth.recipe import Recipe, make_recipe
from synth.shards import SHARD, claim, disk_errors, merge, shard_name, write_whole


def generate(
    out: str | Path,
    n: int = 1000,
    kind: str = "datasheet",
    seed: int = 0,
    workers: int = 2,
    pool: str | Path | None = None,
    format: str = "webp",
    imgsz: int = 1280,
    progress: Callable[[int], None] | None = None,
) -> Path:
    """Write n pages and their labels to a folder: `images/`, `annotations.json` (COCO), `run.json`, `shards/`.

    A run that was killed goes on where it stopped when called again with the same settings; a larger n adds pages.

    Args:
        out: the folder; empty, absent, or of the same run.
        n: number of pages.
        kind: `recompose`, `bestfit`, `datasheet` or `mix`; all but `datasheet` need a pool.
        seed: of the run; page i is the same whatever n and the number of workers.
        workers: processes; 1 works in this process.
        pool: COCO data set whose elements are used, of real pages or another run's folder.
        format: `webp`, `png`, or `pdf` for typeset pages with their text layer.
        imgsz: longer side of the pages, in pixels.
        progress: called with the number of pages just done or found done, instead of a progress bar.

    Returns:
        The path of `annotations.json`.

    Raises:
        SynthError: an option is wrong, the pool cannot be used, or the folder holds another run's data or
            cannot be written.
    """
    recipe = make_recipe(n, kind, seed, pool, format, imgsz)
    if workers < 1:
        raise SynthError(f"workers must be at least 1, got {workers}")
    folder = Path(out)
    page_maker(kind, recipe.pool, imgsz, format == "pdf")  # the pool's errors come before the first file
    claim(folder, asdict(recipe), n)
    shards = [(start, min(start + SHARD, n)) for start in range(0, n, SHARD)]
    todo = [shard for shard in shards if not (folder / "shards" / shard_name(*shard)).is_file()]
    with tqdm(total=n, desc=f"synth {kind}", unit="page", disable=True if progress else None) as bar:
        done = progress or bar.update
        if len(todo) < len(shards):
            done(n - sum(stop - start for start, stop in todo))
        _run(recipe, folder, todo, workers, done)
    merge(folder, shards, load_schema())
    return folder / "annotations.json"


def _run(recipe: Recipe, out: Path, todo: list[tuple[int, int]], workers: int, done: Callable[[int], object]) -> None:
    if workers == 1 or len(todo) < 2:
        for shard in todo:
            done(write_shard(recipe, out, shard))
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context, initializer=_worker) as executor:
        futures = [executor.submit(write_shard, recipe, out, shard) for shard in todo]
        try:
            for future in as_completed(futures):
                done(future.result())
        except BaseException:
            executor.shutdown(wait=False, cancel_futures=True)
            raise


def _worker() -> None:
    cv2.setNumThreads(1)


def write_shard(recipe: Recipe, out: Path, shard: tuple[int, int]) -> int:
    """Write the pages of one shard, then its labels; return the number of pages."""
    rows: dict[str, list[dict[str, Any]]] = {"images": [], "annotations": []}
    with disk_errors(out):
        for index in range(*shard):
            page = recipe.page(index)
            name = f"images/{index:07d}.{recipe.format}"
            write_whole(out / name, encode(page, recipe.format))
            height, width = page.image.shape[:2]
            rows["images"].append({"id": index + 1, "file_name": name, "width": width, "height": height})
            rows["annotations"].extend(_annotations(page, index + 1))
        write_whole(out / "shards" / shard_name(*shard), json.dumps(rows).encode())
    return shard[1] - shard[0]


def encode(page: SynthPage, format: str) -> bytes:
    """Return the page's file."""
    if format == "pdf":
        if page.pdf is None:
            raise SynthError("this page has no PDF; format=pdf needs kind=datasheet")
        return page.pdf
    buffer = io.BytesIO()
    options: dict[str, Any] = {"quality": 90, "method": 0} if format == "webp" else {"compress_level": 3}
    Image.fromarray(page.image).save(buffer, format, **options)
    return buffer.getvalue()


def _annotations(page: SynthPage, image_id: int) -> list[dict[str, Any]]:
    rows = []
    for (x0, y0, x1, y1), class_id in zip(page.boxes.tolist(), page.class_ids.tolist(), strict=True):
        bbox = [round(v, 1) for v in (x0, y0, x1 - x0, y1 - y0)]
        rows.append(
            {
                "image_id": image_id,
                "category_id": class_id,
                "bbox": bbox,
                "area": round(bbox[2] * bbox[3], 1),
                "iscrowd": 0,
            }
        )
    return rows
