"""The text of a page's regions: from the PDF's text layer, or for scans from a reader of pictures that the user gives.

Nothing is read before it is asked for, so that finding regions stays fast. The sources are closed by then, and opened
again: a file must still be there, as it was.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import TypeAlias, TypeVar
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt

from doclayout.document import SourcePage, and_close
from doclayout.lines import Style, Word, compose, flow
from doclayout.region import Box, cut
from doclayout.roles import roles
from doclayout.schema import Schema

ReadPicture: TypeAlias = Callable[[npt.NDArray[np.uint8]], str]
"""Reads a picture, uint8 (H, W, 3) RGB, C-contiguous, and returns its lines, with tabs between the cells of a row."""

R = TypeVar("R")

_DPI = 200  # of the picture of a PDF's page; images are read at their own resolution
_WHOLE = re.compile(r"[^\w-]*([^\W\d]+(?:-[^\W\d]+)*)[^\w-]*")


class PageText:
    """Reads the text of one page, region by region.

    A word is in a region if its centre is. Where the text layer has no words in a region, the region's picture is read
    if there is a reader of pictures.
    """

    def __init__(self, page: SourcePage, schema: Schema, read_picture: ReadPicture | None = None) -> None:
        """Take a page, which may be closed.

        Args:
            page: is opened when text is asked for, and closed again but for `openings`.
            schema: names the classes.
            read_picture: reads regions without a text layer.
        """
        self.page = page
        self._schema = schema
        self._read_picture = read_picture
        self._read: dict[Box, str] = {}
        self._openings: dict[Box, str] = {}

    def __call__(self, box: Box, class_id: int) -> str:
        """Return the text in a box, xyxy in the page's unit, of a class.

        Figures, tables and contents are rows of cells; lists and footnotes are items; all else is running text.

        Raises:
            InputError: the source was moved or has changed.
        """
        words, known = _words(self)
        inside = [word for word in words if _holds(box, word.box)]
        if inside:
            return compose(inside, self._style(class_id), known)
        if self._read_picture is not None and box not in self._read:
            lines = self._read_picture(cut(_drawn(self), box, self.page.width, self.page.height)).splitlines()
            self._read[box] = flow(lines, self._style(class_id), frozenset())
        return self._read.get(box, "")

    def openings(self, boxes: Sequence[Box]) -> list[str]:
        """Return how the text layer's text in some boxes begins; much faster than reading it.

        Boxes are taken to whole units and a unit larger, and each is read once. The page stays open.
        """
        whole = [(round(x0) - 1, round(y0) - 1, round(x1) + 1, round(y1) + 1) for x0, y0, x1, y1 in boxes]
        new = list(dict.fromkeys(box for box in whole if box not in self._openings))
        if new:
            self._openings.update(zip(new, self.page.openings(new), strict=True))
        return [self._openings[box] for box in whole]

    def _style(self, class_id: int) -> Style:
        name, role = self._schema.names[class_id].lower(), roles(self._schema)[class_id]
        if role == "graphic" or "contents" in name or "index" in name:
            return "rows"
        return "items" if role == "footnote" or name.startswith("list") else "running"


def _holds(box: Box, word: Box) -> bool:
    x, y = (word[0] + word[2]) / 2, (word[1] + word[3]) / 2
    return box[0] <= x <= box[2] and box[1] <= y <= box[3]


def _keeping(most: int) -> Callable[[Callable[[PageText], R]], Callable[[PageText], R]]:
    """Keep what is read of the last pages, `most` of them, each for as long as its `PageText` is there."""

    def decorate(read: Callable[[PageText], R]) -> Callable[[PageText], R]:
        kept: WeakKeyDictionary[PageText, R] = WeakKeyDictionary()

        def recall(text: PageText) -> R:
            found = kept.get(text)
            if found is None:
                found = kept[text] = read(text)
                for old in kept.keyrefs()[:-most]:
                    if (page := old()) is not None:
                        kept.pop(page, None)
            return found

        return recall

    return decorate


@_keeping(2)  # regions are mostly read page by page
def _words(text: PageText) -> tuple[list[Word], frozenset[str]]:
    """Return the words of a page, and in lower case those that stand whole, by which hyphens are judged."""
    words = and_close(text.page, text.page.written)
    whole = []
    for before, word in pairwise([None, *words]):
        bare = _WHOLE.fullmatch(word.text) if word else None
        if bare and not (before and before.text.endswith(("-", "\u2010", "\u00ad"))):
            whole.append(bare[1].lower())
    return words, frozenset(whole)


@_keeping(1)
def _drawn(text: PageText) -> npt.NDArray[np.uint8]:
    """Return the page's picture, uint8 (H, W, 3) RGB, fine enough to read."""
    long_side = max(text.page.width, text.page.height)
    fine = round(long_side * _DPI / 72) if text.page.unit == "pt" else round(long_side)
    return and_close(text.page, text.page.render, fine)
