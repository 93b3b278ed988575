"""Results written to files, each whole or not at all, under names that do not collide."""

from __future__ import annotations

import json
import os
import re
import secrets
import tempfile
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from math import sqrt
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import numpy.typing as npt

from doclayout.errors import UsageError
from doclayout.letterbox import MAX_PIXELS

if TYPE_CHECKING:
    from doclayout.layout import Document
    from doclayout.region import Region

_HTML_DPI = 144  # sharp on a screen at twice the page's size
_CROP_DPI = 200
_NOT_IN_NAMES = re.compile(r'[<>:"/\\|?*\x00-\x1f]')


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a temporary path beside a file, which becomes the file where all goes well, and is removed where not."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{secrets.token_hex(8)}.part")
    try:
        yield part
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def write_atomic(path: Path, data: bytes) -> Path:
    """Write a file by way of a temporary one, so that it is never seen half-written; return its path."""
    with replacing(path) as part:
        part.write_bytes(data)
    return path


def stem_of(source: str) -> str:
    """Return the stem for a source's files: its name without folder and extension, and without what names cannot hold.

    Sources that are no files, such as `<bytes>`, give what stands in their brackets. It has at most 200 bytes, which
    leaves room for endings such as `.docling.json`.
    """
    name = source.strip("<>") if source.startswith("<") else Path(source).stem
    short = os.fsencode(_NOT_IN_NAMES.sub("_", name))[:200].decode(errors="ignore")
    return short.strip() if short.strip(" .") else "document"


def crop_name(region: Region) -> str:
    """Return the name of the file with a region's picture, such as `p1r0-heading.png`."""
    return f"{region.id}-{_NOT_IN_NAMES.sub('_', region.name)}.png"


def unique_stem(source: str, taken: set[str]) -> str:
    """Return a stem that no earlier source of the run has, whatever the case, and add it to those taken.

    A second `a.pdf` gives `a-2`, as `a.png` does after `a.pdf`.
    """
    first = stem_of(source)

    def stem(number: int) -> str:
        return first if number == 1 else f"{first}-{number}"

    def is_free(number: int) -> bool:
        return claims(stem(number)).isdisjoint(taken)

    number = 1
    while not is_free(number):
        number *= 2
    numbers = range(number // 2 + 1, number + 1)  # bisected, as thousands of documents may have one name
    chosen = stem(numbers[bisect_left(numbers, True, hi=len(numbers) - 1, key=is_free)])
    taken |= claims(chosen)
    return chosen


def claims(stem: str) -> set[str]:
    """Return the stems of all JSON files that a stem makes, in lower case."""
    return {f"{stem}{kind}".casefold() for kind in ("", ".coco", ".docling", ".full")}


def save_document(document: Document, folder: Path, formats: Sequence[str], stem: str | None = None) -> list[Path]:
    """Write a document in some formats (see `Document.save`) and return the paths of the files.

    Raises:
        UsageError: an unknown format, a stem that is not a file name, or pictures of pages without a renderer.
    """
    check_formats(formats)
    name = stem_of(document.source) if stem is None else stem
    if name in ("", ".", "..") or _NOT_IN_NAMES.search(name):
        raise UsageError(f"stem {name!r} is not a file name; give one without folders and extension")
    return [path for key in _WRITERS if key in formats for path in _WRITERS[key](document, folder, name)]


def make_folder(folder: str | Path) -> None:
    """Make the folder of results, before there are any.

    Raises:
        UsageError: it cannot be made, or not be written to.
    """
    try:
        Path(folder).mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise UsageError(f"{folder} is no folder that results can be written to: {error.strerror}") from None


def check_formats(formats: Sequence[str]) -> None:
    """Raise what would keep a document from being saved in some formats, before there is one.

    Raises:
        UsageError: an unknown format.
        MissingExtraError: one needs a package that is not installed.
    """
    unknown = [name for name in formats if name not in _WRITERS]
    if isinstance(formats, str) or unknown:
        raise UsageError(f"unknown format {', '.join(unknown) or formats!r}; give some of {', '.join(_WRITERS)}")
    if not {"docling", "md", "html"}.isdisjoint(formats):
        import doclayout.docling_document  # noqa: F401


def _json(data: dict[str, Any]) -> bytes:
    return (json.dumps(data, indent=1, allow_nan=False) + "\n").encode()


def png_bytes(image: npt.NDArray[np.uint8]) -> bytes:
    """Return an RGB picture as a PNG file, quicker and larger than Pillow's (0.4 of its time, 1.7 times the bytes)."""
    return bytes(cv2.imencode(".png", image[..., ::-1])[1])


def _save_json(document: Document, folder: Path, stem: str) -> Iterator[Path]:
    yield write_atomic(folder / f"{stem}.json", _json(document.json()))


def _save_full(document: Document, folder: Path, stem: str) -> Iterator[Path]:
    yield write_atomic(folder / f"{stem}.full.json", _json(document.json(full=True)))


def _save_coco(document: Document, folder: Path, stem: str) -> Iterator[Path]:
    yield write_atomic(folder / f"{stem}.coco.json", _json(document.coco()))


def _save_overlays(document: Document, folder: Path, stem: str) -> Iterator[Path]:
    for page in document.pages:
        yield write_atomic(folder / f"{stem}-p{page.number}.png", png_bytes(page.plot()))


def _save_crops(document: Document, folder: Path, stem: str) -> Iterator[Path]:
    target = folder / f"{stem}-crops"
    stale = set(target.glob("p*r*-*.png"))  # of an earlier run
    for page in document.pages:
        most = 71.9 * sqrt(MAX_PIXELS / (page.width * page.height))
        for region, image in page.crops(dpi=min(_CROP_DPI, most)):
            path = write_atomic(target / crop_name(region), png_bytes(image))
            stale.discard(path)
            yield path
    for path in stale:
        path.unlink()


def _save_docling(document: Document, folder: Path, stem: str) -> Iterator[Path]:
    data = document.to_docling().export_to_dict()
    yield write_atomic(folder / f"{stem}.docling.json", _json(data))


def _save_markdown(document: Document, folder: Path, stem: str) -> Iterator[Path]:
    from doclayout.docling_document import to_markdown

    yield write_atomic(folder / f"{stem}.md", to_markdown(document).encode())


def _save_html(document: Document, folder: Path, stem: str) -> Iterator[Path]:
    from doclayout.docling_document import to_html

    yield write_atomic(folder / f"{stem}.html", to_html(document, _HTML_DPI).encode(errors="replace"))


_WRITERS: dict[str, Callable[[Document, Path, str], Iterator[Path]]] = {
    "json": _save_json,
    "full": _save_full,
    "coco": _save_coco,
    "png": _save_overlays,
    "crops": _save_crops,
    "docling": _save_docling,
    "md": _save_markdown,
    "html": _save_html,
}
