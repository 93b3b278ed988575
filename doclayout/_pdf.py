"""PDF pages by pdfium: opening and rendering.

pdfium must never run in two threads at once, so every call into it happens under `PDFIUM_LOCK`. A single rendering
thread beside the main thread is safe; more threads are safe too, but wait for each other.
"""

from __future__ import annotations

import ctypes
import io
import re
import threading
import weakref
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import cv2
import numpy as np
import numpy.typing as npt
import pypdfium2
import pypdfium2.raw as pdfium

from doclayout._file_state import FileState
from doclayout._pdf_text import read_openings, read_words, word_boxes
from doclayout.errors import (
    DamagedFileError,
    InputError,
    NoPagesError,
    PageSizeError,
    PasswordError,
)
from doclayout.letterbox import MAX_PIXELS, raster_scale, raster_size
from doclayout.lines import Word
from doclayout.region import Box, Unit

R = TypeVar("R")

PDFIUM_LOCK = threading.RLock()
MAX_POINTS = 14_400.0
"""Longest page side, in points: the limit of the PDF format itself (ISO 32000-1, annex C.2)."""

_HELD_BYTES = 64 * 2**20
"""About how much of a file pdfium may keep in memory before the file is opened afresh."""
_PAGES_PER_OPENING = 256
_MOST_OPEN = 64
"""Files open at once but for their open pages; the one opened longest ago is closed, and opened again when needed."""
_recent: deque[weakref.ref[PdfFile]] = deque()

_PAGES_DICT = re.compile(rb"<<[^<>]*/Type\s*/Pages\b[^<>]*>>")
_LINEAR_LENGTH = re.compile(rb"/Linearized[^>]*?/L\s+(\d+)")


class PdfFile:
    """A PDF that is opened afresh now and then, because pdfium keeps what it has read for as long as it is open.

    An opening lives until the last of its pages is closed, so pages survive both `close` and a fresh opening.
    """

    def __init__(self, data: Path | bytes, name: str, password: str | None) -> None:
        """Open a PDF, from a path or from its bytes.

        Raises:
            PasswordError: it is encrypted and the password is missing or wrong.
            NoPagesError: it has no pages.
            DamagedFileError: it is truncated or broken.
        """
        self._data = data if isinstance(data, bytes) else data.absolute()  # pypdfium2 takes ~a.pdf for a home
        self._name = name
        self._password = password
        self._pdf: Any = None
        self._state = FileState(self._data, name)
        with PDFIUM_LOCK:
            self.count = len(self._opened())  # an error that is kept would keep a document in a variable open
            whole = pdfium.FPDF_DocumentHasValidCrossReferenceTable(self._opened())
        if not whole and _is_cut(self._bytes()):
            raise DamagedFileError(f"{name} is truncated: its end is missing; get a complete copy")
        if self.count == 0:
            raise NoPagesError(f"{name} has no pages")
        size = len(data) if isinstance(data, bytes) else data.stat().st_size
        self._per_opening = min(_PAGES_PER_OPENING, max(1, _HELD_BYTES * self.count // max(size, 1)))

    def page(self, number: int) -> PdfSourcePage:
        """Load the page at a number, counted from 1.

        Raises:
            DamagedFileError: the page cannot be read.
            PageSizeError: a side is longer than `MAX_POINTS`, or zero.
        """
        return PdfSourcePage(number, partial(self._load, number - 1))

    def close(self) -> None:
        """Let go of the file; loading a page opens it again."""
        with PDFIUM_LOCK:
            self._pdf = None

    def __del__(self) -> None:
        # pdfium's own finalizers do not know the lock
        self.close()

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "_pdf": None}

    def _load(self, index: int) -> Any:
        if self._pdf is not None and self._served >= self._per_opening:
            self._pdf = None
        pdf = self._opened()
        self._served += 1
        with suppress(pypdfium2.PdfiumError):
            return pdf[index]
        del pdf  # an error that is kept would keep it open
        raise DamagedFileError(f"{self._name}: page {index + 1} is broken and cannot be read")

    def _opened(self) -> Any:
        if self._pdf is None:
            self._state.check()
            try:
                self._pdf = pypdfium2.PdfDocument(self._data, password=self._password)
                self._pdf.init_forms()
            except pypdfium2.PdfiumError as error:
                raise self._reason(error.err_code) from None
            except OSError as error:
                raise InputError(f"{self._name} cannot be read: {error}") from None
            self._served = 0
            _recent.append(weakref.ref(self))
            while len(_recent) > _MOST_OPEN:
                longest = _recent.popleft()()
                if longest is not None and longest is not self:
                    longest._pdf = None
        return self._pdf

    def _reason(self, code: int | None) -> InputError:
        if code == pdfium.FPDF_ERR_PASSWORD:
            wrong = "the password given is wrong" if self._password else "give its password (password=...)"
            return PasswordError(f"{self._name} is encrypted: {wrong}")
        if code == pdfium.FPDF_ERR_SECURITY:
            return PasswordError(f"{self._name} is encrypted by a method that pdfium does not know; decrypt it first")
        if _has_empty_page_tree(self._bytes()):
            return NoPagesError(f"{self._name} has no pages")
        return DamagedFileError(f"{self._name} is truncated or broken: pdfium finds no page tree; get a complete copy")

    def _bytes(self) -> bytes:
        return self._data if isinstance(self._data, bytes) else self._data.read_bytes()


class BorrowedPdf:
    """A page that the caller opened by pypdfium2, as a source of one page; it stays open, and is closed in copies."""

    count = 1

    def __init__(self, page: Any) -> None:
        """Take a `pypdfium2.PdfPage`, which must stay open while it is in use.

        Raises:
            DamagedFileError: it is closed.
        """
        self._page = page
        self._opened()

    def page(self, number: int) -> PdfSourcePage:
        """Return the only page.

        Raises:
            PageSizeError: a side is longer than `MAX_POINTS`, or zero.
        """
        return PdfSourcePage(number, self._opened, borrowed=True)

    def close(self) -> None:
        """Do nothing: the page is the caller's."""

    def __getstate__(self) -> dict[str, Any]:
        return {"_page": None}

    def _opened(self) -> Any:
        if self._page is None or not self._page.raw:
            raise DamagedFileError("the pypdfium2 page is closed; keep it open for pictures and text of its regions")
        return self._page


class PdfSourcePage:
    """One page of a PDF; `doclayout.document.SourcePage` describes its attributes and methods.

    The frame of all its boxes and sizes is the page as pdfium displays it: the crop box, within the media box, turned
    clockwise by the page's rotation.
    """

    unit: Unit = "pt"
    _page: Any = None
    _text: Any = None

    def __init__(self, number: int, load: Callable[[], Any], *, borrowed: bool = False) -> None:
        """Load the page; `load` returns a `pypdfium2.PdfPage`, which is never closed if it is borrowed.

        Raises:
            DamagedFileError: the page cannot be read.
            PageSizeError: a side is longer than `MAX_POINTS`, or zero.
        """
        self.number = number
        self._load = load
        self._borrowed = borrowed
        with PDFIUM_LOCK:
            page = self._opened()
            self.width, self.height = (float(side) for side in page.get_size())
            left, bottom, right, top = page.get_mediabox()
        empty = left == right or bottom == top or min(self.width, self.height) <= 0
        if empty or max(self.width, self.height) > MAX_POINTS:
            self.close()
            del page  # an error that is kept would keep its file open
            size = "has no area" if empty else f"is too large: {self.width:g} x {self.height:g} points"
            raise PageSizeError(f"page {number} {size}; sides may be up to {MAX_POINTS:g} points")

    def render(self, long_side: int) -> npt.NDArray[np.uint8]:
        """Draw the page, its annotations and form fields on white; see `SourcePage.render`."""
        width, height = raster_size(self.width, self.height, long_side)
        return self._drawn(width, height, width / self.width, height / self.height)

    def raster(self, pixels: int) -> npt.NDArray[np.uint8]:
        """Draw the page at one scale in both directions; see `SourcePage.raster`."""
        width, height, scale = raster_scale(self.width, self.height, pixels)
        return self._drawn(width, height, scale, scale)

    def _drawn(self, width: int, height: int, across: float, down: float) -> npt.NDArray[np.uint8]:
        """Draw the page into so many pixels, at so many pixels a point."""
        if width * height > MAX_PIXELS:
            raise PageSizeError(f"page {self.number} cannot be drawn at {width} x {height} pixels; ask for less")
        image = np.full((height, width, 3), 255, np.uint8)
        with PDFIUM_LOCK:
            page = self._opened()
            bitmap = pdfium.FPDFBitmap_CreateEx(
                width, height, pdfium.FPDFBitmap_BGR, image.ctypes.data_as(ctypes.c_void_p), 3 * width
            )
            if not bitmap:
                raise PageSizeError(f"page {self.number} cannot be drawn at {width} x {height} pixels; ask for less")
            scale, frame = pdfium.FS_MATRIX(across, 0, 0, down, 0, 0), pdfium.FS_RECTF(0, 0, width, height)
            pdfium.FPDF_RenderPageBitmapWithMatrix(bitmap, page, scale, frame, pdfium.FPDF_ANNOT)
            if page.formenv:
                size = round(across * self.width), round(down * self.height)
                pdfium.FPDF_FFLDraw(page.formenv, bitmap, page, 0, 0, *size, 0, pdfium.FPDF_ANNOT)
            pdfium.FPDFBitmap_Destroy(bitmap)
        # in place: faster than pdfium's reversed byte order
        cv2.cvtColor(image, cv2.COLOR_BGR2RGB, dst=image)
        return image

    def words(self) -> npt.NDArray[np.float32]:
        """Return the boxes of the visible text layer's words; see `SourcePage.words`."""
        found = self._read(word_boxes, self.width, self.height)
        return np.zeros((0, 4), np.float32) if found is None else found

    def written(self) -> list[Word]:
        """Return the words of the text layer; see `SourcePage.written`."""
        return self._read(read_words, self.width, self.height) or []

    def openings(self, boxes: Sequence[Box]) -> list[str]:
        """Return how the text in some boxes begins; see `SourcePage.openings`."""
        return self._read(read_openings, boxes) or [""] * len(boxes)

    def _read(self, read: Callable[..., R], *options: Any) -> R | None:
        """Read something of the text layer, `None` where it cannot be loaded; that takes long, and is done once."""
        with PDFIUM_LOCK:
            page = self._opened()
            if self._text is None:
                with suppress(pypdfium2.PdfiumError):
                    self._text = page.get_textpage()
            try:
                return None if self._text is None else read(self._text, *options)
            finally:
                if self._borrowed:  # its owner may change it
                    self._close_text()

    def _close_text(self) -> None:
        if self._text is not None:
            self._text.close()
        self._text = None

    def close(self) -> None:
        """Free what the page holds; the other methods load it again."""
        with PDFIUM_LOCK:
            self._close_text()
            if self._page is not None and not self._borrowed:
                self._page.close()
            self._page = None

    def __del__(self) -> None:
        # pdfium's own finalizers do not know the lock
        self.close()

    def _opened(self) -> Any:
        if self._page is None or self._borrowed:
            self._page = self._load()
        return self._page


def _has_empty_page_tree(data: bytes) -> bool:
    trees = _PAGES_DICT.findall(data)
    return any(re.search(rb"/Count\s+0\b", tree) for tree in trees) and not re.search(rb"/Type\s*/Page\b", data)


def _is_cut(data: bytes) -> bool:
    linear = _LINEAR_LENGTH.search(data, 0, 1024)
    return b"%%EOF" not in data or (linear is not None and int(linear[1]) > len(data))


def single_page(path: Path, number: int) -> bytes:
    """Return one page of a PDF, counted from 1, as a PDF of its own."""
    stream = io.BytesIO()
    with PDFIUM_LOCK:
        source, copy = pypdfium2.PdfDocument(path.absolute()), pypdfium2.PdfDocument.new()
        if source.get_formtype():  # a form stays behind, so its fields become part of the page
            source.init_forms()
            source[number - 1].flatten()
        copy.import_pages(source, [number - 1])
        copy.save(stream)
        copy.close()
        source.close()
    return stream.getvalue()
