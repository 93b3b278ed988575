"""Font families, and one line of marked-up text cut into runs that one font each can show."""

from __future__ import annotations

import hashlib
import io
import re
from functools import cache, lru_cache
from importlib import import_module
from pathlib import Path

from matplotlib import get_data_path
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFError, TTFont

from doclayout.errors import SynthError

Run = tuple[str, str, float, float, bool, float]
"""Text, font, size factor, rise (in font sizes), overlined, width (in font sizes)."""

_STANDARD = {
    "Helvetica": ("Helvetica", "Helvetica-Bold", "Helvetica-Oblique", "Helvetica-BoldOblique"),
    "Times": ("Times-Roman", "Times-Bold", "Times-Italic", "Times-BoldItalic"),
    "Courier": ("Courier", "Courier-Bold", "Courier-Oblique", "Courier-BoldOblique"),
}
_FILES: dict[str, tuple[str, str, str, str]] = {
    "DejaVu": ("DejaVuSans", "DejaVuSans-Bold", "DejaVuSans-Oblique", "DejaVuSans-BoldOblique"),
    "DejaVuSerif": ("DejaVuSerif", "DejaVuSerif-Bold", "DejaVuSerif-Italic", "DejaVuSerif-BoldItalic"),
    "STIX": ("STIXGeneral", "STIXGeneralBol", "STIXGeneralItalic", "STIXGeneralBolIta"),
}
_BUNDLED = Path(get_data_path()) / "fonts" / "ttf"
_FAR_EASTERN = (
    ("/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc", 0),
    ("/usr/share/fonts/truetype/wqy/wqy-microhei.ttc", 0),
    ("/usr/share/fonts/truetype/droid/DroidSansFallbackFull.ttf", 0),
)
_WIDE = "\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef"
FAR_EASTERN = re.compile(f"[{_WIDE}]")
_SCRIPTS = re.compile(f"[{_WIDE}]+|[^{_WIDE}]+")
_MARKUP = re.compile(r"([_^~])\{([^}]*)\}")


@cache
def family(name: str) -> tuple[str, str, str, str]:
    """Return the regular, bold, italic and bold italic font names of a family.

    Raises:
        SynthError: no such family is known, or a file of it is missing or damaged.
    """
    if name in _STANDARD:
        return _STANDARD[name]
    if name not in _FILES:
        raise SynthError(f"unknown font family {name!r}; known are {', '.join([*_STANDARD, *_FILES])}")
    fonts = _FILES[name]
    for font in fonts:
        path = _BUNDLED / f"{font}.ttf"
        if not path.is_file():
            raise SynthError(f"the font {path} is not there, which comes with matplotlib; install matplotlib again")
        try:
            pdfmetrics.registerFont(TTFont(font, str(path)))
        except TTFError as error:
            raise SynthError(f"the font {path} is damaged: {error}; install it again") from error
    return fonts


@lru_cache(maxsize=1 << 16)
def layout_runs(markup: str, font: str) -> tuple[tuple[Run, ...], float]:
    """Cut markup into runs and return them with their total width, in font sizes.

    `_{x}` is a subscript, `^{x}` a superscript, `~{x}` overlined. ReportLab itself takes the Greek and mathematical
    letters that the standard fonts lack from Symbol.
    """
    runs: list[Run] = []
    at = 0
    for match in _MARKUP.finditer(markup):
        _add(runs, markup[at : match.start()], font, 1.0, 0.0, False)
        kind, text = match.groups()
        if kind == "~":
            _add(runs, text, font, 1.0, 0.0, True)
        else:
            _add(runs, text, font, 0.72, -0.16 if kind == "_" else 0.34, False)
        at = match.end()
    _add(runs, markup[at:], font, 1.0, 0.0, False)
    return tuple(runs), sum(run[5] for run in runs)


def text_width(markup: str, font: str, size: float, scale: float = 1.0) -> float:
    """Return the width of one line in points."""
    return layout_runs(markup, font)[1] * size * scale


@cache
def far_eastern() -> str | None:
    """Return the name of a font with Chinese characters, or None: the system's, or the one that PyMuPDF brings.

    The name has a digest of the font's file, so that two machines' pages are of one font where the names are alike.
    """
    for path, index in _FAR_EASTERN:
        if Path(path).is_file():
            return _registered(Path(path).stem, Path(path).read_bytes(), index)
    try:
        return _registered("pymupdf", import_module("pymupdf").Font("cjk").buffer, 0)
    except ImportError:
        return None


def _registered(name: str, data: bytes, index: int) -> str:
    whole = f"{name}-{hashlib.sha256(data).hexdigest()[:8]}"
    pdfmetrics.registerFont(TTFont(whole, io.BytesIO(data), subfontIndex=index))
    return whole


def _add(runs: list[Run], text: str, font: str, factor: float, rise: float, bar: bool) -> None:
    for piece in _SCRIPTS.findall(text):
        name = far_eastern() or font if FAR_EASTERN.match(piece) else font
        runs.append((piece, name, factor, rise, bar, float(pdfmetrics.stringWidth(piece, name, 1.0)) * factor))
