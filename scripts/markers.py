"""Markdown tables, and the places between two markers of a page of docs/ that the scripts here write them to."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from doclayout.saving import write_atomic

DOCS = Path(__file__).resolve().parents[1] / "docs"
SHOWN = ("AP", "AP50", "AP75", "AR")
"""What tables show of `coco_scores`."""


def figures(scores: dict[str, Any]) -> str:
    """Lay out the figures that are shown, as cells."""
    return " | ".join(f"{scores[key]:.3f}" for key in SHOWN)


def table(header: str, lines: Iterable[str]) -> str:
    """Lay out a Markdown table; cells of its header and of each line are parted by ` | `."""
    return "\n".join([f"| {header} |", "|" + "---|" * (header.count("|") + 1), *[f"| {line} |" for line in lines]])


def write_block(page: str, name: str, text: str) -> None:
    """Print a text, and put it in the place of what is between `<!-- name -->` and `<!-- /name -->` of a page."""
    print(text)
    path = DOCS / page
    before, start, rest = path.read_text(encoding="utf-8").partition(f"<!-- {name} -->")
    _, end, after = rest.partition(f"<!-- /{name} -->")
    if not (start and end):
        raise ValueError(f"{path} has no <!-- {name} --> and <!-- /{name} -->")
    write_atomic(path, f"{before}{start}\n{text}\n{end}{after}".encode())
