"""Documents in: finding them, opening any kind of source, and its pages one at a time.

Pages stream: a page holds memory from `SourceDocument.load` to its `close`, and a document holds about as much for a
thousand pages as for one.
"""

from __future__ import annotations

import glob
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, TypeVar, Union

import numpy as np
import numpy.typing as npt

from doclayout._pages import PagesLike, select_pages
from doclayout.errors import (
    DamagedFileError,
    EmptyFileError,
    InputError,
    NoPagesError,
    NotADocumentError,
    PageRangeError,
    PasswordError,
    SourceNotFoundError,
    UsageError,
)

if TYPE_CHECKING:
    from PIL.Image import Image
    from pypdfium2 import PdfPage

    from doclayout.lines import Word
    from doclayout.region import Box, Unit

R = TypeVar("R")

SUFFIXES = frozenset({".pdf", ".png", ".jpg", ".jpeg", ".tif", ".tiff", ".webp", ".bmp", ".gif"})
"""What a folder search takes, in any case."""

SourceLike: TypeAlias = Union[str, Path, bytes, npt.NDArray[np.uint8], "Image", "PdfPage"]
"""A path, a file's bytes, an (H, W, 3) RGB array, a Pillow image, or a page of pypdfium2 or PyMuPDF."""

_MARK = b"%PDF-"
_HEAD = 1024
"""Bytes within which a PDF's header may start (ISO 32000-1, annex H.3)."""


class SourcePage(Protocol):
    """One page, in the frame in which it is displayed: rotation, crop box and EXIF orientation applied.

    Attributes:
        number: counted from 1.
        width: in `unit`.
        height: in `unit`.
        unit: `pt` (1/72 inch) for a PDF, `px` for an image.
    """

    number: int
    width: float
    height: float
    unit: Unit

    def render(self, long_side: int) -> npt.NDArray[np.uint8]:
        """Draw the page so that its longer side has `long_side` pixels.

        Args:
            long_side: in pixels.

        Returns:
            (H, W, 3) RGB, C-contiguous, a new array.

        Raises:
            UsageError: `long_side` is less than 1.
            PageSizeError: the drawing would be too large.
        """

    def raster(self, pixels: int) -> npt.NDArray[np.uint8]:
        """Draw the page with about so many pixels, at one scale in both directions.

        Unlike `render`, it does not stretch the page to whole pixels: sides are rounded up, so the last column and row
        may lie beyond the page in part. Labels of datasheets count such a drawing as the page, and so do boxes.

        Args:
            pixels: at least 1; strips get fewer.

        Returns:
            (H, W, 3) RGB, C-contiguous, a new array.

        Raises:
            UsageError: `pixels` is less than 1.
        """

    def words(self) -> npt.NDArray[np.float32]:
        """Return the boxes of the words in the text layer, without spaces and text that is drawn invisibly.

        A word made of several text objects has one box for each. Boxes are cut at the page's edges. Text that
        something else covers, or that has the colour of its background, is not told apart.

        Returns:
            (n, 4) xyxy in `unit`, origin top left; (0, 4) where there is no text layer.
        """

    def written(self) -> list[Word]:
        """Return the words of the text layer with what they say, in the order in which the file has them.

        Text that is drawn invisibly is among them: it is what OCR puts behind scans.
        """

    def openings(self, boxes: Sequence[Box]) -> list[str]:
        """Return how the text layer's text in boxes (xyxy, in `unit`) begins, up to 64 UTF-16 units; empty for none."""

    def close(self) -> None:
        """Free what the page holds; the other methods load it again when they are called after this."""


def and_close(page: SourcePage, read: Callable[..., R], *options: Any) -> R:
    """Read something of a closed page, and close it again: results hold many pages, and open ones are large."""
    try:
        return read(*options)
    finally:
        page.close()


class _Source(Protocol):
    """What an opened source gives: pages by their number, counted from 1 up to `count`."""

    @property
    def count(self) -> int: ...

    def page(self, number: int) -> SourcePage: ...

    def close(self) -> None: ...


class SourceDocument:
    """An opened source and the pages selected from it; a context manager.

    Pages may be loaded and drawn in one thread while another uses them too: calls into pdfium wait for each other.

    Attributes:
        name: the path as given, or such as `<bytes>`.
        numbers: the selected pages, counted from 1, in the order asked for.
    """

    def __init__(self, name: str, source: _Source, pages: PagesLike) -> None:
        """Select pages; `open_document` tells how.

        Raises:
            PageRangeError: the selection does not parse, or no selected page exists.
        """
        self.name = name
        self._source = source
        self.numbers = select_pages(pages, source.count)
        if not any(1 <= number <= source.count for number in self.numbers):
            raise PageRangeError(f"{name}: pages={pages!r} selects none of its {source.count} page(s)")

    def load(self, number: int) -> SourcePage:
        """Read one page, whether it was selected or not.

        Raises:
            PageRangeError: there is no such page.
            DamagedFileError: the page is broken.
            PageSizeError: the page is too large, or has no area.
        """
        if not 1 <= number <= self._source.count:
            raise PageRangeError(f"{self.name}: there is no page {number}; it has {self._source.count} page(s)")
        return self._source.page(number)

    def close(self) -> None:
        """Let go of the file; pages that were loaded still work."""
        self._source.close()

    def __enter__(self) -> SourceDocument:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def find_documents(source: str | Path, without: str | Path | None = None) -> list[Path]:
    """Find the documents of a file, a folder or a glob such as `sheets/**/*.pdf`.

    A folder is searched with all folders below it, for files with a suffix of `SUFFIXES`, sorted, without hidden
    ones. A file that is named, or that the glob matches, is taken whatever its suffix. Folders that cannot be read
    come last, as paths that fail when they are opened.

    Args:
        source: the file, folder or glob.
        without: a folder below the source's, or below where the glob's wildcards begin, whose files are left out, as
            results are no documents.

    Raises:
        SourceNotFoundError: there is no such file or folder, or nothing matches the glob.
        NoPagesError: a folder holds no documents.
        InputError: the source cannot be reached.
    """
    if source == "":
        raise SourceNotFoundError("the source is an empty text; write . for the current folder")
    path = typed_path(source)
    try:
        is_folder, is_there = path.is_dir(), path.exists()
    except OSError as error:
        raise InputError(f"{source} cannot be read: {error.strerror}") from None
    if is_folder:
        found = [file for file in _walk(path) if without is None or not _within(file, Path(without), path)]
        if not found:
            raise NoPagesError(f"{source} holds no documents ({', '.join(sorted(SUFFIXES))})")
    elif is_there:
        found = [path]
    elif glob.has_magic(str(path)):
        matches = [Path(match) for match in sorted(glob.glob(str(path), recursive=True))]
        files = [file for match in matches for file in (_walk(match) if match.is_dir() else [match])]
        longest_first = sorted(files, key=lambda file: -len(file.parts))  # links may lead back up, and round again
        once = set({(os.path.realpath(file.parent), file.name): file for file in longest_first}.values())
        base = Path(*takewhile(lambda part: not glob.has_magic(part), path.parts))
        ours = (file for file in dict.fromkeys(files) if file in once)
        found = [file for file in ours if without is None or not _within(file, Path(without), base)]
        if not found:
            raise SourceNotFoundError(f"{source} matches no documents")
    else:
        raise SourceNotFoundError(f"{source} does not exist")
    return found


def _within(file: Path, folder: Path, source: Path) -> bool:
    """Tell whether a file is in a folder that is below the source."""
    own = folder.resolve()
    return own != source.resolve() and own.is_relative_to(source.resolve()) and file.resolve().is_relative_to(own)


def open_document(source: SourceLike, *, pages: PagesLike = None, password: str | None = None) -> SourceDocument:
    """Open one document.

    Args:
        source: see `SourceLike`. A page object is a document of one page, whose number is 1.
        pages: page numbers from 1, as numbers or as text such as `1-3,7,-1,10-`: -1 is the last page, and `10-` is
            page 10 and all that follow. None selects all. A selected page that does not exist raises when it is
            loaded, so that the others can be read; the part of a range past the end counts as one page.
        password: of an encrypted PDF; others ignore it.

    Raises:
        SourceNotFoundError: there is no such file.
        EmptyFileError: it has no bytes.
        NotADocumentError: it is neither a PDF nor an image.
        DamagedFileError: it is truncated or broken.
        NoPagesError: it is a PDF without pages.
        PasswordError: it is encrypted, and the password is missing or wrong.
        PageRangeError: the selection does not parse, or no selected page exists.
        PageSizeError: it is an image with too many pixels or with none.
        UsageError: the source is of an unsupported type.
    """
    name, opened = _open(source, password)
    try:
        return SourceDocument(name, opened, pages)
    except InputError:
        opened.close()
        raise


def typed_path(source: str | Path) -> Path:
    """Return the path that a text stands for, `~` being a home folder; a path stays: `~a.pdf` may be a file's name."""
    if isinstance(source, str):
        with suppress(RuntimeError):  # there is no such home
            return Path(source).expanduser()
    return Path(source)


def _walk(folder: Path) -> Iterator[Path]:
    """Yield the documents below a folder, also where links lead, each folder once; then folders that are closed."""
    closed: list[Path] = []
    seen: set[str] = set()
    for parent, folders, files in os.walk(folder, True, lambda error: closed.append(Path(error.filename)), True):
        if (real := os.path.realpath(parent)) in seen:
            folders.clear()
            continue
        seen.add(real)
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            if Path(name).suffix.lower() in SUFFIXES and not name.startswith("."):
                yield Path(parent, name)
    yield from closed


def _open(source: Any, password: str | None) -> tuple[str, _Source]:
    if isinstance(source, (str, Path)):
        return str(source), _open_file(typed_path(source), str(source), password)
    if isinstance(source, (bytes, bytearray, memoryview)):
        return "<bytes>", _open_data(bytes(source), "<bytes>", password, bytes(source[:_HEAD]))
    if isinstance(source, np.ndarray) or _is_a(source, "Image", "PIL"):
        from doclayout._image import ImageArray

        return "<array>" if isinstance(source, np.ndarray) else "<image>", ImageArray(source)
    if _is_a(source, "PdfPage", "pypdfium2"):
        from doclayout._pdf import BorrowedPdf

        return "<pypdfium2 page>", BorrowedPdf(source)
    if _is_a(source, "Page", "pymupdf", "fitz"):
        data = _pymupdf_page_bytes(source)
        return "<pymupdf page>", _open_data(data, "<pymupdf page>", None, data[:_HEAD])
    raise UsageError(
        f"a source of type {type(source).__name__} is not supported; give a path, bytes, image or PDF page; "
        "predict_all takes several paths"
    )


def _open_file(path: Path, name: str, password: str | None) -> _Source:
    try:
        if path.exists() and not (path.is_file() or path.is_dir()):  # reading a pipe would wait for someone to write
            raise NotADocumentError(f"{name} is a pipe or a device; give a file")
        with path.open("rb") as file:
            head = file.read(_HEAD)
    except (FileNotFoundError, ValueError):  # of a path with a null character
        hint = "; predict_all takes globs" if glob.has_magic(name) else ""
        raise SourceNotFoundError(f"{name} does not exist{hint}") from None
    except IsADirectoryError:
        raise NotADocumentError(f"{name} is a folder; give it to predict_all, or a document of it") from None
    except OSError as error:
        raise InputError(f"{name} cannot be read: {error.strerror}") from None
    return _open_data(path, name, password, head)


def is_pdf(path: Path) -> bool:
    """Tell whether a file is opened as a PDF, whatever its suffix.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        return _MARK in file.read(_HEAD)


def _open_data(data: Path | bytes, name: str, password: str | None, head: bytes) -> _Source:
    if not head:
        raise EmptyFileError(f"{name} is empty: 0 bytes")
    if _MARK in head:
        from doclayout._pdf import PdfFile

        return PdfFile(data, name, password)
    from doclayout._image import ImageFile

    return ImageFile(data, name)


def _is_a(source: object, class_name: str, *packages: str) -> bool:
    """Tell a class or its subclass by name, so that the package need not be imported, nor installed."""
    kinds = ((base.__name__, base.__module__.split(".")[0]) for base in type(source).__mro__)
    return any(name == class_name and package in packages for name, package in kinds)


def _pymupdf_page_bytes(page: Any) -> bytes:
    """Copy a PyMuPDF page into a PDF of its own, in the caller's thread, so that pdfium draws it like any other.

    Raises:
        DamagedFileError: the page or its document is closed.
        PasswordError: its document is encrypted, and was not authenticated.
    """
    document = page.parent
    if document is None or document.is_closed:
        raise DamagedFileError("the PyMuPDF page is closed; keep its document open")
    if document.is_encrypted:
        raise PasswordError("the PyMuPDF page is of an encrypted document: authenticate it with its password")
    if not document.is_pdf:
        return bytes(document.convert_to_pdf(from_page=page.number, to_page=page.number))
    with sys.modules[type(document).__module__].open() as copy:
        copy.insert_pdf(document, from_page=page.number, to_page=page.number)
        return bytes(copy.tobytes())
