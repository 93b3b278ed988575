"""Text between two markers of a Markdown page, for the scripts here that write their tables into the documentation."""

from __future__ import annotations

from pathlib import Path

from doclayout.saving import write_atomic


def replace_block(page: Path, name: str, text: str) -> None:
    """Put a text between `<!-- name -->` and `<!-- /name -->` of a page, in the place of what is there."""
    before, start, rest = page.read_text(encoding="utf-8").partition(f"<!-- {name} -->")
    _, end, after = rest.partition(f"<!-- /{name} -->")
    if not (start and end):
        raise ValueError(f"{page} has no <!-- {name} --> and <!-- /{name} -->")
    write_atomic(page, f"{before}{start}\n{text}\n{end}{after}".encode())
