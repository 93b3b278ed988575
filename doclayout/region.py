"""One part of a page, and a page or source that could not be read; both check themselves when they are made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from math import ceil, floor, isfinite
from numbers import Integral, Real
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

Box = tuple[float, float, float, float]
Unit = Literal["pt", "px"]

LINKS = ("caption_of", "note_of", "section")
"""Attributes of a region that hold another region's id, or `None`."""


def expect(fact: bool, what: str, expected: str, got: object) -> None:
    """Raise a `ValueError` that quotes what was expected and what came, unless a fact holds."""
    if not fact:
        raise ValueError(f"{what} must be {expected}, got {got!r}")


def is_number(value: object) -> bool:
    """Tell whether a value is a finite real number, of Python or NumPy."""
    try:
        return isinstance(value, Real) and isfinite(value)
    except OverflowError:  # of an integer beyond all floats
        return False


def cut(picture: npt.NDArray[np.uint8], box: Box, width: float, height: float) -> npt.NDArray[np.uint8]:
    """Return a copy of the pixels that a box of a page of width x height touches, of its picture; one at least."""
    tall, wide = picture.shape[:2]
    left = min(max(floor(box[0] * wide / width), 0), wide - 1)
    top = min(max(floor(box[1] * tall / height), 0), tall - 1)
    right, bottom = max(ceil(box[2] * wide / width), left + 1), max(ceil(box[3] * tall / height), top + 1)
    return picture[top:bottom, left:right].copy()


@dataclass(frozen=True, slots=True)
class Region:
    """One part of a page.

    Attributes:
        id: unique in its document, such as `p1r0`.
        name: class name.
        class_id: position of the class in the schema.
        score: confidence, 0 to 1.
        bbox: x0, y0, x1, y1 in the page's unit, with x0 < x1 and y0 < y1.
        order: position in the page's reading order, from 0.
        caption_of: id of the region that this one captions, or `None`.
        note_of: id of the region that this footnote notes, or `None`.
        section: id of the heading that this region stands under, or `None`.
        captions: ids of this region's captions, in reading order; the page that the region is in fills them in.
        reader: gives the text of the region; `None` where its source is out of reach.

    Raises:
        ValueError: a value is not as described.
    """

    id: str
    name: str
    class_id: int
    score: float
    bbox: Box
    order: int
    caption_of: str | None = None
    note_of: str | None = None
    section: str | None = None
    captions: tuple[str, ...] = ()
    reader: Callable[[], str] | None = field(default=None, repr=False, compare=False)

    def __post_init__(self) -> None:
        expect(isinstance(self.id, str) and self.id != "", "region id", "a string that is not empty", self.id)
        own = f"region {self.id}:"
        expect(isinstance(self.name, str) and self.name != "", f"{own} name", "a string that is not empty", self.name)
        for key in ("class_id", "order"):
            value = getattr(self, key)
            expect(isinstance(value, Integral) and int(value) >= 0, f"{own} {key}", "an integer from 0", value)
            object.__setattr__(self, key, int(value))
        expect(is_number(self.score) and 0 <= self.score <= 1, f"{own} score", "a number from 0 to 1", self.score)
        object.__setattr__(self, "score", float(self.score))
        corners = len(self.bbox) == 4 and all(is_number(v) for v in self.bbox)
        expect(corners, f"{own} bbox", "four finite numbers", self.bbox)
        x0, y0, x1, y1 = (float(v) for v in self.bbox)
        expect(x0 < x1 and y0 < y1, f"{own} bbox", "x0, y0, x1, y1 with x0 < x1 and y0 < y1", self.bbox)
        object.__setattr__(self, "bbox", (x0, y0, x1, y1))
        for key in LINKS:
            link = getattr(self, key)
            fits = link is None or (isinstance(link, str) and link != self.id)
            expect(fits, f"{own} {key}", "the id of another region, or None", link)

    @property
    def text(self) -> str:
        """What the region says, read when it is asked for; empty where there is no text, or none at hand.

        Lines of running text are joined and their hyphens mended, list items and rows of tables stand on lines of their
        own, and a tab parts the cells of a row; `doclayout.text` tells how.

        Raises:
            InputError: the source was moved or has changed since the page was read.
        """
        return self.reader() if self.reader else ""

    def json(self, full: bool = False) -> dict[str, Any]:
        """Return the region as it stands in a result file: lengths to 0.01 unit, the score to 0.0001.

        Args:
            full: add the links that format `doclayout/1` leaves out (note_of, section), and the text.
        """
        more = {"note_of": self.note_of, "section": self.section, "text": self.text} if full else {}
        return {
            "id": self.id,
            "class": self.name,
            "class_id": self.class_id,
            "score": round(self.score, 4),
            "bbox": [round(v, 2) for v in self.bbox],
            "order": self.order,
            "caption_of": self.caption_of,
            **more,
        }


@dataclass(frozen=True, slots=True)
class PageError:
    """A page, or where `page` is `None` the whole source, that could not be read.

    Attributes:
        page: counted from 1, or `None`.
        error: name of the error's class, such as `PageSizeError`.
        message: what was wrong, and what to do.
    """

    page: int | None
    error: str
    message: str

    @classmethod
    def of(cls, page: int | None, error: Exception, hint: str = "") -> PageError:
        """Record an error, with words before its own if need be."""
        return cls(page, type(error).__name__, f"{hint}{error}")
