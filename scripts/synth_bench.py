"""Time page synthesis: the BestFit search beside a plain port of the published loop, and pages of all kinds.

    python scripts/synth_bench.py pool=POOL [pages=60] [searches=6] [workers=2]

POOL is a COCO data set, such as DATA/train. Prints two Markdown tables, and puts them into docs/synth.md between the
markers `<!-- throughput -->` and `<!-- /throughput -->`. Core-seconds are CPU time of this process on one thread, which
other programs on the machine disturb little. Pages by the clock are made by `workers` processes at the same time, and
are fewer on a machine that does other work too.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from command import read_words, run_script
from markers import table, write_block

from doclayout.options import Option
from synth.augment import augment
from synth.generate import generate
from synth.layouts.bestfit import BestFit
from synth.layouts.mesh import Placement, fill
from synth.pool import load_pool
from synth.recipe import make_recipe
from synth.shards import SHARD, shard_files, write_shard

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from tests.synth.brute import fill as port  # the plain loops that the search is tested against

OPTIONS = (
    Option("pool", "a COCO data set", required=True),
    Option("pages", "pages timed of each kind", 60, int),
    Option("searches", "pages that both searches fill", 6, int),
    Option("workers", "processes, by the clock", 2, int),
)
MANY = 300_000
KINDS: dict[str, dict[str, Any]] = {
    "bestfit, 640 px": {"kind": "bestfit", "imgsz": 640},
    "bestfit, 1280 px": {"kind": "bestfit", "imgsz": 1280},
    "recompose, 1280 px": {"kind": "recompose", "imgsz": 1280},
    "datasheet with effects, 1280 px": {"kind": "datasheet", "imgsz": 1280},
    "datasheet as PDF": {"kind": "datasheet", "format": "pdf"},
    "mix, 1280 px": {"kind": "mix", "imgsz": 1280},
}


def searches(pool: str, count: int) -> str:
    """Time both searches on the same draws of candidates; placements must be the same."""
    maker, area = BestFit(augment(load_pool(pool)), 1280, running=0.0), (905, 1280)
    rng, seconds = np.random.default_rng(0), {"this package": 0.0, "port of the published loop": 0.0}
    for _ in range(count):
        sizes, _some = maker.candidates(area, rng)
        first, small = Placement(0, 10, 10), np.asarray(np.any(sizes < np.array(area) * 0.05, axis=1))
        found = []
        for name, search, given in (
            ("this package", fill, sizes),
            ("port of the published loop", port, sizes.tolist()),
        ):
            start = time.process_time()
            found.append(search(given, area, first, small=small))
            seconds[name] += time.process_time() - start
        if found[0] != found[1]:
            sys.exit("the two searches place differently")
    fast, slow = (total / count for total in seconds.values())
    rows = [f"{name} | {total / count:.4f}" for name, total in seconds.items()]
    head = f"{count} pages of {len(sizes)} candidates, the same placements; {slow / fast:.0f} times faster"
    return f"{head}\n\n{table('search | core-seconds a page', rows)}"


def throughput(pool: str, count: int, workers: int) -> str:
    """Time making, encoding and writing pages of each kind."""
    rows = []
    for name, options in KINDS.items():
        given = {**options, "pool": None if options["kind"] == "datasheet" else pool}
        recipe = make_recipe(n=count, seed=0, **given)
        recipe.page(count)  # pool and fonts are loaded once
        with tempfile.TemporaryDirectory() as scratch:
            start = time.process_time()
            write_shard(Path(scratch), (0, count), shard_files(recipe, (0, count)))
            core = (time.process_time() - start) / count
        wall = by_the_clock(given, workers)
        rows.append(f"{name} | {core:.4f} | {workers / core:.1f} | {wall:.1f} | {core * MANY / 3600:.1f}")
    head = f"{count} pages a kind; {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the end"
    columns = f"kind | core-seconds a page | pages/s on {workers} free cores | by the clock | core-hours of 300,000"
    return f"{head}\n\n{table(columns, rows)}"


def by_the_clock(options: dict[str, Any], workers: int) -> float:
    """Return pages a second of `workers` processes, from the end of each one's first shard to the last's end."""
    marks: list[float] = []
    with tempfile.TemporaryDirectory() as scratch:
        folder, n = Path(scratch) / "run", 3 * SHARD * workers
        generate(folder, n, workers=workers, progress=lambda _: marks.append(time.monotonic()), **options)
    return (len(marks) - workers) * SHARD / (marks[-1] - marks[workers - 1])


def main() -> None:
    """Time what the command line asks for."""
    options = read_words(OPTIONS, sys.argv[1:])
    cv2.setNumThreads(1)
    found = searches(options["pool"], options["searches"])
    text = f"{found}\n\n{throughput(options['pool'], options['pages'], options['workers'])}"
    write_block("synth.md", "throughput", text)


if __name__ == "__main__":
    run_script(main)
