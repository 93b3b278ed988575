"""The text layer of a PDF page by pdfium: the boxes of its words, and what they say.

The caller holds `doclayout._pdf.PDFIUM_LOCK`. Boxes are xyxy in points in the page as displayed, origin top left.
"""

from __future__ import annotations

import ctypes
import math
import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pypdfium2.raw as pdfium

from doclayout.lines import Word
from doclayout.region import Box

_UNSEEN_MODES = (pdfium.FPDF_TEXTRENDERMODE_INVISIBLE, pdfium.FPDF_TEXTRENDERMODE_CLIP)
_PRIVATE = range(0xE000, 0xF900)
_HIGH, _LOW = range(0xD800, 0xDC00), range(0xDC00, 0xE000)  # halves of UTF-16 pairs
_PICTURE_FONTS = ("wingdings", "webdings", "marlett", "dingbats")
_OPENING = 64  # UTF-16 units
_APART = 0.5  # the gap within a word, in its height, from which its letters are two words


def word_boxes(text_page: Any, width: float, height: float) -> npt.NDArray[np.float32]:
    """Return the boxes of the visible words of a page; see `SourcePage.words`.

    Args:
        text_page: a `pypdfium2.PdfTextPage`.
        width: of the displayed page, in points.
        height: of the displayed page, in points.
    """
    boxes = np.array(_visible_boxes(text_page), np.float64).reshape(-1, 4)
    shown = _to_display(boxes, text_page.page, width, height)
    x, y = np.clip(shown[:, [0, 2]], 0, width), np.clip(shown[:, [1, 3]], 0, height)
    inside = (x[:, 1] > x[:, 0]) & (y[:, 1] > y[:, 0])
    return np.ascontiguousarray(np.stack([x[:, 0], y[:, 0], x[:, 1], y[:, 1]], 1)[inside], np.float32)


def _visible_boxes(text_page: Any) -> list[tuple[float, float, float, float]]:
    """Return (left, top, right, bottom) in PDF space, one for each stretch of a word that is one text object."""
    count = max(pdfium.FPDFText_CountChars(text_page), 0)
    buffer = (ctypes.c_ushort * (2 * count + 2))()
    units = pdfium.FPDFText_GetText(text_page, 0, count, buffer) if count else 1
    text = "".join(map(chr, buffer[: units - 1]))  # halves of a pair stay two, as pdfium counts them
    box = tuple(ctypes.c_double() for _ in range(4))
    boxes = []
    for word in re.finditer(r"\S+", text):
        first = pdfium.FPDFText_GetCharIndexFromTextIndex(text_page, word.start())
        last = pdfium.FPDFText_GetCharIndexFromTextIndex(text_page, word.end() - 1)
        drawn_by = pdfium.FPDFText_GetTextObject(text_page, first)
        if drawn_by and pdfium.FPDFTextObj_GetTextRenderMode(drawn_by) in _UNSEEN_MODES:
            continue
        for index in range(pdfium.FPDFText_CountRects(text_page, first, last - first + 1)):
            if pdfium.FPDFText_GetRect(text_page, index, *box):
                boxes.append((box[0].value, box[1].value, box[2].value, box[3].value))
    return boxes


def read_openings(text_page: Any, boxes: Sequence[Box]) -> list[str]:
    """Return how the text in some boxes of a `pypdfium2.PdfTextPage` begins; see `SourcePage.openings`."""
    buffer = (ctypes.c_ushort * _OPENING)()
    frame, rotation = text_page.page.get_bbox(), text_page.page.get_rotation()
    openings = []
    for box in boxes:
        units = pdfium.FPDFText_GetBoundedText(text_page, *_to_pdf(box, frame, rotation), buffer, _OPENING)
        openings.append(bytes(buffer)[: 2 * units].decode("utf-16-le", "ignore").strip("\0 \r\n"))
    return openings


def _to_pdf(box: Box, frame: Box, rotation: int) -> Box:
    """Turn an xyxy box of the displayed page into left, top, right, bottom in PDF space: `_to_display` backwards."""
    left, bottom, right, top = frame
    x0, y0, x1, y1 = box
    return {
        0: (left + x0, top - y0, left + x1, top - y1),
        90: (left + y0, bottom + x1, left + y1, bottom + x0),
        180: (right - x1, bottom + y1, right - x0, bottom + y0),
        270: (right - y1, top - x0, right - y0, top - x1),
    }[rotation]


def _to_display(boxes: npt.NDArray[np.float64], page: Any, width: float, height: float) -> npt.NDArray[np.float64]:
    """Turn PDF-space boxes (left, top, right, bottom; y up), shape (n, 4), into xyxy of the displayed frame."""
    left, bottom, right, top = page.get_bbox()
    x, y = boxes[:, [0, 2]], boxes[:, [1, 3]]
    x, y = {
        0: (x - left, top - y),
        90: (y - bottom, x - left),
        180: (right - x, y - bottom),
        270: (top - y, right - x),
    }[page.get_rotation()]
    return np.stack([x.min(1), y.min(1), x.max(1), y.max(1)], 1)


def read_words(text_page: Any, width: float, height: float) -> list[Word]:
    """Return the words of a page, in the order in which the file draws them; see `SourcePage.written`.

    Args:
        text_page: a `pypdfium2.PdfTextPage`.
        width: of the displayed page, in points.
        height: of the displayed page, in points.
    """
    count = max(pdfium.FPDFText_CountChars(text_page), 0)
    codes = _codes(text_page, count)
    boxes = _to_display(_letter_boxes(text_page, count), text_page.page, width, height).tolist()
    turned = text_page.page.get_rotation() // 90
    words: list[Word] = []
    free = True
    for index, code in codes.items():
        hyphen = pdfium.FPDFText_IsHyphen(text_page, index) == 1
        letter = "-" if hyphen else _letter(text_page, index, code)
        if not letter or letter.isspace():
            free = free or bool(letter)
            continue
        turn = round(pdfium.FPDFText_GetCharAngle(text_page, index) / (math.pi / 2)) + turned
        new = Word(letter, tuple(boxes[index]), turn % 4, glued=not free)
        if words and not free and words[-1].runs_on(new, _APART):
            words[-1] = words[-1].joined(new)
        else:
            words.append(new)
        free = hyphen
    return words


def _codes(text_page: Any, count: int) -> dict[int, int]:
    """Return code points by pdfium's index; a character beyond U+FFFF has two, of one box, and stands at the first."""
    units = [pdfium.FPDFText_GetUnicode(text_page, index) for index in range(count)]
    codes: dict[int, int] = {}
    for index, unit in enumerate(units):
        if unit in _LOW and index and units[index - 1] in _HIGH:
            codes[index - 1] = 0x10000 + ((units[index - 1] - _HIGH[0]) << 10) + (unit - _LOW[0])
        else:
            codes[index] = unit
    return codes


def _letter_boxes(text_page: Any, count: int) -> npt.NDArray[np.float64]:
    """Return (count, 4), left, top, right, bottom in PDF space: as high as the font, where pdfium knows it."""
    loose, tight = pdfium.FS_RECTF(), tuple(ctypes.c_double() for _ in range(4))
    boxes = np.zeros((count, 4))
    for index in range(count):
        pdfium.FPDFText_GetLooseCharBox(text_page, index, loose)
        if loose.right > loose.left and loose.top != loose.bottom:
            boxes[index] = loose.left, loose.top, loose.right, loose.bottom
        else:
            pdfium.FPDFText_GetCharBox(text_page, index, *tight)
            left, right, bottom, top = (value.value for value in tight)
            boxes[index] = left, top, right, bottom
    return boxes


def _letter(text_page: Any, index: int, code: int) -> str:
    """Return what a character stands for: nothing for control codes, Unicode for the codes of symbol fonts."""
    if code in _PRIVATE:
        name = ctypes.create_string_buffer(128)
        pdfium.FPDFText_GetFontInfo(text_page, index, name, len(name), None)
        font = name.value.decode("utf-8", "replace").lower()
        if any(kind in font for kind in _PICTURE_FONTS):
            return "•"
        return _symbol(code) if "symbol" in font else ""
    letter = chr(code)
    return letter if letter.isprintable() or letter.isspace() or code == 0xAD else ""


def _symbol(code: int) -> str:
    """Return the Unicode of a code of the font Symbol (PDF 32000-1, annex D.5), which PDFs often put at U+F000."""
    from reportlab.pdfbase.rl_codecs import RL_Codecs

    RL_Codecs.register()
    return bytes([code & 0xFF]).decode("symbol", "ignore")
