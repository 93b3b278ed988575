"""Lay the distributions of synthetic pages beside those of real ones: boxes, classes, sizes and shapes.

    python scripts/synth_stats.py data=DATA [pages=300] [seed=0]

DATA is the folder of the real pages, with annotations.json (COCO, its frame 1280 pixels long). Prints two Markdown
tables, and puts them into docs/synth.md between the markers `<!-- distributions -->` and `<!-- /distributions -->`.
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from pathlib import Path

import numpy as np
import numpy.typing as npt
from command import read_words, run_script
from markers import table, write_block

from doclayout.options import Option
from doclayout.schema import load_schema
from synth.recipe import make_recipe

OPTIONS = (
    Option("data", "folder of the real pages", required=True),
    Option("pages", "synthetic pages of each kind", 300, int),
    Option("seed", "of the pages", 0, int),
)
Boxes = npt.NDArray[np.float64]
Pages = list[tuple[list[str], Boxes]]
"""The class names of each page's boxes, and their widths and heights, (n, 2), in pixels of a page 1280 long."""


def main() -> None:
    """Draw, count, print and write."""
    options = read_words(OPTIONS, sys.argv[1:])
    sets = {"real": real(Path(options["data"]))}
    for kind in ("datasheet", "recompose", "bestfit"):
        sets[kind] = drawn(kind, options["data"], options["pages"], options["seed"])
    text = f"{per_page(sets)}\n\n{per_class(sets)}"
    write_block("synth.md", "distributions", text)


def real(folder: Path) -> Pages:
    """Read a COCO data set."""
    coco = json.loads((folder / "annotations.json").read_text(encoding="utf-8"))
    names = {category["id"]: category["name"] for category in coco["categories"]}
    rows = defaultdict(list)
    for item in coco["annotations"]:
        rows[item["image_id"]].append((names[item["category_id"]], item["bbox"][2:]))
    found = [rows[image["id"]] for image in coco["images"]]
    return [([name for name, _ in page], np.array([size for _, size in page]).reshape(-1, 2)) for page in found]


def drawn(kind: str, pool: str, count: int, seed: int) -> Pages:
    """Make pages of a kind."""
    recipe = make_recipe(count, kind, seed, None if kind == "datasheet" else pool)
    names, found = load_schema().names, []
    for index in range(count):
        page = recipe.page(index)
        found.append(([names[k] for k in page.class_ids], (page.boxes[:, 2:] - page.boxes[:, :2]).astype(np.float64)))
    return found


def per_page(sets: dict[str, Pages]) -> str:
    """Lay out how many boxes and classes a page has: the 10th, 50th and 90th of a hundred pages."""
    rows = []
    for name, pages in sets.items():
        boxes = spread([len(names) for names, _ in pages])
        rows.append(f"{name} | {len(pages)} | {boxes} | {spread([len(set(names)) for names, _ in pages])}")
    return table("pages | count | boxes a page | classes a page", rows)


def spread(values: list[int]) -> str:
    """Write the 10th, 50th and 90th percentile."""
    return " / ".join(f"{value:.0f}" for value in np.percentile(values, (10, 50, 90)))


def per_class(sets: dict[str, Pages]) -> str:
    """Lay out each class: boxes a page, median width × height in pixels, median width over height."""
    rows = []
    for name in load_schema().names:
        cells = []
        for pages in sets.values():
            sizes = np.concatenate([size[[label == name for label in names]] for names, size in pages])
            if len(sizes):
                width, height = np.median(sizes, axis=0)
                shape = np.median(sizes[:, 0] / sizes[:, 1])
                cells.append(f"{len(sizes) / len(pages):.2f}; {width:.0f} × {height:.0f}; {shape:.1f}")
            else:
                cells.append("–")
        rows.append(" | ".join([name, *cells]))
    return table(" | ".join(["class", *sets]), rows)


if __name__ == "__main__":
    run_script(main)
