"""Where shards are made: in this process, in worker processes, or on a Ray cluster; always the same bytes."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path
from typing import Any

import cv2

from doclayout.errors import MissingExtraError, SynthError
from synth.recipe import Recipe
from synth.shards import Shard, shard_files, write_shard

Done = Callable[[int], object]
Engine = Callable[[Recipe, Path, list[Shard], int, Done], None]
_RETRIES = 5  # of a shard whose worker is lost
_STORE = 256 << 20  # bytes for shards on their way, of a Ray started here


def run_local(recipe: Recipe, out: Path, todo: list[Shard], workers: int, done: Done) -> None:
    """Make shards in `workers` processes of this machine; one works in this process.

    Args:
        recipe: of the run.
        out: its folder.
        todo: the shards to make.
        workers: processes.
        done: called with the number of pages of each finished shard.

    Raises:
        SynthError: a page cannot be made or written.
    """
    if workers == 1 or len(todo) < 2:
        for shard in todo:
            done(_make_here(recipe, out, shard))
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context, initializer=_alone) as executor:
        futures = [executor.submit(_make_here, recipe, out, shard) for shard in todo]
        try:
            for future in as_completed(futures):
                done(future.result())
        except BaseException:
            executor.shutdown(wait=False, cancel_futures=True)
            raise


def _alone() -> None:
    cv2.setNumThreads(1)


def _make_here(recipe: Recipe, out: Path, shard: Shard) -> int:
    return write_shard(out, shard, shard_files(recipe, shard))


def run_ray(recipe: Recipe, out: Path, todo: list[Shard], workers: int, done: Done) -> None:
    """Make shards on the Ray cluster that `RAY_ADDRESS` names, or on a Ray of `workers` processes started here.

    Workers send finished files to this process, which alone writes, so that a cluster needs no shared folder but the
    pool's. A shard whose worker is lost is made again.

    Args:
        recipe: of the run.
        out: its folder.
        todo: the shards to make.
        workers: shards made at a time.
        done: called with the number of pages of each finished shard.

    Raises:
        MissingExtraError: Ray is not installed.
        SynthError: a page cannot be made or written, or a shard lost its worker time and again.
    """
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # it would report to its makers
    try:
        import ray
    except ImportError as error:
        raise MissingExtraError("engine=ray", "ray") from error

    started = not ray.is_initialized()
    if started:
        _start(ray, workers)
    try:
        for shard, files in _finished(ray, recipe, todo, workers):
            done(write_shard(out, shard, files))
    finally:
        if started:
            ray.shutdown()


def _start(ray: Any, workers: int) -> None:
    address = os.environ.get("RAY_ADDRESS")
    size = {} if address else {"num_cpus": workers, "object_store_memory": _STORE}
    try:
        ray.init(include_dashboard=False, log_to_driver=False, logging_level="WARNING", **size)
    except ConnectionError as error:
        raise SynthError(f"no Ray cluster at RAY_ADDRESS={address}: {error}; start it, or unset RAY_ADDRESS") from error


def _finished(
    ray: Any, recipe: Recipe, todo: list[Shard], workers: int
) -> Iterator[tuple[Shard, list[tuple[str, bytes]]]]:
    """Yield shards with their files as they are made, at most `workers` under way and as many waiting to be written."""
    task = ray.remote(_make_there).options(max_retries=_RETRIES, num_cpus=1)
    waiting, running = iter(todo), {}
    for _ in range(2 * workers):
        if (shard := next(waiting, None)) is not None:
            running[task.remote(recipe, shard)] = shard
    while running:
        (ready,), _ = ray.wait(list(running), num_returns=1)
        shard = running.pop(ready)
        try:
            files = ray.get(ready)
        except ray.exceptions.RayTaskError as error:
            if isinstance(error.cause, SynthError):
                raise error.cause from error
            raise
        except ray.exceptions.RayError as error:
            pages = f"{shard[0]} to {shard[1] - 1}"
            raise SynthError(f"pages {pages} lost their worker too often, run again to go on: {error}") from error
        yield shard, files
        if (shard := next(waiting, None)) is not None:
            running[task.remote(recipe, shard)] = shard


def _make_there(recipe: Recipe, shard: Shard) -> list[tuple[str, bytes]]:
    _alone()
    return list(shard_files(recipe, shard))


ENGINES: dict[str, Engine] = {"local": run_local, "ray": run_ray}
