"""`doclayout convert`: from one format to another, with counts of what went in and came out."""

from __future__ import annotations

from difflib import get_close_matches
from importlib import import_module
from pathlib import Path
from typing import Any

from doclayout.convert.classes import parse_map, rename
from doclayout.convert.files import check_size, placing
from doclayout.convert.labels import LabelSet
from doclayout.convert.split import split_documents
from doclayout.errors import UsageError

FORMATS = ("coco", "yolo", "voc", "labelstudio", "cvat")


def convert(
    source: str | Path, out: str | Path, from_: str, to: str, *, schema: str | None = None, map: str | None = None,
    images: str | Path | None = None, size: int = 1600, val: float | None = None,
) -> tuple[LabelSet, LabelSet]:  # fmt: skip
    """Write a labelled data set in another format, whole or not at all.

    Args:
        source: the label file or folder; each format's `read` tells more.
        out: folder of the new data set; absent or empty.
        from_: format of the source, one of `FORMATS`.
        to: format written.
        schema: class list of the new data set; the source's by default.
        map: classes renamed, `old:new,old:new` or a YAML; see `parse_map`.
        images: folder of the pages, where they do not lie where the format has them.
        size: long side in pixels of pages that are drawn, from PDFs, for formats that need images; COCO keeps PDFs.
        val: share of the pages that go to a split for validation, by document.

    Returns:
        what was read and what was written.

    Raises:
        UsageError: an option is wrong, or `out` is not empty.
        DatasetError: the source is broken.
        SchemaError: there is no such schema.
    """
    folder = Path(out)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(f"out={out} is not an empty folder; give a new one")
    check_size(size)
    reader, writer = format_module("from", from_), format_module("to", to)
    read: LabelSet = reader.read(Path(source), Path(images) if images else None)
    written = rename(read, parse_map(map), schema)
    if val is not None:
        written = split_documents(written, val)
    with placing(folder) as part:
        writer.write(written, part, size)
    return read, written


def format_module(key: str, name: str) -> Any:
    """Return the module of a format, which has `read` and `write`.

    Raises:
        UsageError: there is no such format.
    """
    if name not in FORMATS:
        near = get_close_matches(name, FORMATS, 1)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(FORMATS)}"
        raise UsageError(f"{key}={name} is no format; {hint}")
    return import_module(f"doclayout.convert.{name}")


def run(options: dict[str, Any]) -> int:
    """Run the mode with its parsed options, print the counts, and return the exit code."""
    options = {"from_": options.pop("from"), **options}  # `from` is no name in Python
    read, written = convert(**options)
    print(report(f"in: {options['from_']}, {read.where}", read))
    print(report(f"out: {options['to']}, {options['out']}", written))
    return 0


def report(title: str, data: LabelSet) -> str:
    """Lay out a data set's pages and its boxes per class; classes without boxes too."""
    pages = [f"{sum(page.split == s for page in data.pages)} {s}".strip() for s in data.splits()]
    counts = data.counts()
    rows = [f"  {count:>6}  {name}" for name, count in counts.items()]
    total = f"  {counts.total():>6}  boxes in all, on {' + '.join(pages)} pages"
    return "\n".join([title, *rows, total, *(f"  {note}" for note in data.notes)])
