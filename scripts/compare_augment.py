"""Compare augmentations: the same start, data, seed and budget, each measured on the validation pages.

    python scripts/compare_augment.py DATA START.pt [key=value ...]

DATA is as in `doclayout train`. Further words are arguments of the trainer, such as epochs=2 imgsz=320. A variant whose
run folder, below runs/augment, has its results is not run again. Prints a Markdown table.
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

from command import read_open_words, read_positions, run_script
from markers import table

from doclayout import DocLayoutModel
from doclayout.train.augment import document_augmentations

RUNS = Path("runs/augment")
VARIANTS: dict[str, dict[str, Any]] = {
    "none": {"augmentations": [], "scale": 0.0, "translate": 0.0, "hsv_h": 0.0, "hsv_s": 0.0, "hsv_v": 0.0},
    "scale and shift": {"augmentations": [], "hsv_h": 0.0, "hsv_s": 0.0, "hsv_v": 0.0},
    "document (default)": {"augmentations": document_augmentations()},
    "document and mirror images": {"augmentations": document_augmentations(), "fliplr": 0.5},
}


def main() -> None:
    """Run what is missing and print the table."""
    data, start, *words = read_positions(2)
    _, options = read_open_words((), words)
    lines = []
    for name, overrides in VARIANTS.items():
        folder = "-".join(name.replace("(", "").replace(")", "").split())
        results = RUNS / folder / "results.csv"
        if not results.exists() or len(results.read_text().splitlines()) <= options.get("epochs", 2):
            run = {"epochs": 2, **options, **overrides, "project": str(RUNS), "name": folder, "exist_ok": True}
            DocLayoutModel(start).train(data, **run)
        with results.open() as file:
            last = {key.strip(): value for key, value in list(csv.DictReader(file))[-1].items()}
        lines.append(f"{name} | {float(last['metrics/mAP50(B)']):.3f} | {float(last['metrics/mAP50-95(B)']):.3f}")
    print(table("augmentation | AP50 | AP", lines))


if __name__ == "__main__":
    run_script(main)
