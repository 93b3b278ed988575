"""`doclayout prelabel`: what a model finds, as tasks of Label Studio for a person to correct."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from doclayout.convert import labelstudio
from doclayout.convert.files import check_size, placing
from doclayout.convert.labels import Label, LabelledPage, LabelSet, writable
from doclayout.errors import NoPagesError, UsageError
from doclayout.saving import unique_stem
from doclayout.schema import Schema

if TYPE_CHECKING:
    from doclayout.layout import Document
    from doclayout.model import DocLayoutModel
    from doclayout.region import PageError


def prelabel(
    model: DocLayoutModel, source: str | Path, out: str | Path, size: int = 1600,
    progress: Callable[[], object] | None = None, **options: Any,
) -> tuple[LabelSet, list[tuple[str, PageError]]]:  # fmt: skip
    """Write tasks with predictions, and beside them the pages in `images` and the interface `labelling.xml`.

    Args:
        model: finds the regions.
        source: a file, folder or glob.
        out: the JSON of the tasks.
        size: long side in pixels of pages drawn from PDFs.
        progress: called after each page.
        **options: of `DocLayoutModel.predict_all`, but for `password`: the pages of tasks are drawn without one.

    Returns:
        what was found, and what could not be read with the document that it is of.

    Raises:
        UsageError: `out` is no JSON or cannot be written, `size` is out of range, a password is given, or files that
            would be written are there already.
        NoPagesError: no page could be read.
    """
    target = Path(out)
    if target.suffix != ".json":
        raise UsageError(f"out={out} must be a JSON file, such as labels/tasks.json")
    beside = [target, target.parent / "images", target.parent / labelstudio.INTERFACE]
    check_size(size)
    if options.get("password"):
        raise UsageError("password: tasks are made of PDFs that open without one; decrypt them first")
    there = [str(path) for path in beside if path.exists()]
    if there:
        raise UsageError(f"{', '.join(there)} is there already; give another folder, out=FOLDER/{target.name}")
    documents = model.predict_all(source, progress=progress, **options)
    with placing(target.parent) as part:
        found, failed = _found(documents, source)
        labelstudio.write(found, part, size)
        (part / labelstudio.TASKS).rename(part / target.name)
    return found, failed


def _found(documents: Iterable[Document], source: str | Path) -> tuple[LabelSet, list[tuple[str, PageError]]]:
    """Return what was found in documents, and what could not be read."""
    taken: set[str] = set()
    pages: list[LabelledPage] = []
    failed: list[tuple[str, PageError]] = []
    schema: Schema | None = None
    for document in documents:
        pages += _pages(document, unique_stem(writable(document.source), taken))
        failed += [(document.source, error) for error in document.errors]
        schema = document.schema
    if schema is None or not pages:
        raise NoPagesError(
            f"source={source}: none of its pages could be read: {failed[0][1].message if failed else ''}"
        )
    return LabelSet(str(source), schema.names, tuple(pages), predicted=True), failed


def _pages(document: Document, stem: str) -> list[LabelledPage]:
    file = Path(document.source)
    return [
        LabelledPage(
            file, f"{stem}{writable(file.suffix)}", page.width, page.height,
            [Label(region.name, region.bbox, round(region.score, 4)) for region in page.regions],
            page.number, where=f"{document.source} page {page.number}",
        )
        for page in document.pages
    ]  # fmt: skip
