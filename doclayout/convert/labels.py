"""Labelled pages in memory, whatever format they came from or go to; they check themselves when they are made."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import isfinite, log
from pathlib import Path, PurePosixPath

from doclayout.errors import BoxError, DuplicateError, LabelFileError, UnknownClassError, UsageError
from doclayout.region import Box

_UNWRITABLE = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")
"""What names may not have: control codes, which XML cannot hold, and what Python puts for bytes that are no UTF-8."""

_PAGE = re.compile(r"-p\d+(?=\.\w+$)")
_ALIKE = 0.01  # by which shares of sides, in logarithms, may differ for all that rounding does to sides
_OVERHANG = 1.0  # units by which a box may leave its page before it is taken for wrong; it is cut at the edge


@dataclass(frozen=True, slots=True)
class Label:
    """One box.

    Attributes:
        name: of its class.
        bbox: x0, y0, x1, y1 in the frame of its page, origin top left.
        score: 0 to 1 where a model found it, `None` where a person drew it.
    """

    name: str
    bbox: Box
    score: float | None = None


@dataclass(frozen=True)
class LabelledPage:
    """One page with its boxes.

    Attributes:
        file: where the PDF or image lies.
        name: its path in the data set, such as `sub/a.pdf`, with `/` on every system.
        width: of the frame that boxes are in; for an image its pixels, or whatever a COCO file says.
        height: likewise.
        labels: in the order of the file.
        number: of the page in its file, counted from 1.
        split: such as `train`; empty where the data set has none.
        where: what to call the page in messages: the label file and the item of it.
        source: the document that the page is of, which a split into training and validation keeps together; the page's
            name by default, without the `-p3` that pages of a document get as files of their own.

    Raises:
        LabelFileError: the frame has no area, the number is below 1, or the name or split leads out of the data set or
            cannot be written.
        BoxError: a box has no area, or leaves the page by more than a unit.
    """

    file: Path
    name: str
    width: float
    height: float
    labels: Sequence[Label] = ()
    number: int = 1
    split: str = ""
    where: str = ""
    source: str = ""

    def __post_init__(self) -> None:
        if not all(isinstance(v, (int, float)) and isfinite(v) and v > 0 for v in (self.width, self.height)):
            raise LabelFileError(f"{self.where}: the page is {self.width} x {self.height}; both must be above 0")
        if self.number < 1:
            raise LabelFileError(f"{self.where}: page {self.number}; pages count from 1")
        for kind, name in (("page", self.name), ("split", self.split)):
            if PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts:
                raise LabelFileError(f"{self.where}: {kind} {name} leads out of the data set")
            if _UNWRITABLE.search(name):
                raise LabelFileError(f"{self.where}: {kind} {name!r} has characters that label files cannot hold")
        for key in ("width", "height"):
            value = getattr(self, key)
            object.__setattr__(self, key, int(value) if value == int(value) else float(value))
        object.__setattr__(self, "labels", tuple(self._fitted(k, label) for k, label in enumerate(self.labels, 1)))
        object.__setattr__(self, "source", self.source or _PAGE.sub("", self.name))

    def _fitted(self, k: int, label: Label) -> Label:
        """Return a box cut at the edges of the page, after checking it."""
        x0, y0, x1, y1 = label.bbox
        if 0 <= x0 < x1 <= self.width and 0 <= y0 < y1 <= self.height and label.score is None:
            return label  # nearly all boxes: data sets have hundreds of thousands
        what = f"{self.where}: box {k} ({label.name}) is {', '.join(f'{v:.6g}' for v in label.bbox)}"
        if label.score is not None and not (isinstance(label.score, (int, float)) and 0 <= label.score <= 1):
            raise LabelFileError(f"{what} has score {label.score!r}; it must be from 0 to 1")
        if not all(isfinite(v) for v in label.bbox) or not (x0 < x1 and y0 < y1):
            raise BoxError(f"{what}; it must have left < right and top < bottom")
        if min(x0, y0) < -_OVERHANG or x1 > self.width + _OVERHANG or y1 > self.height + _OVERHANG:
            raise BoxError(f"{what}; it leaves its page, {self.width:g} x {self.height:g}")
        cut = (max(x0, 0.0), max(y0, 0.0), min(x1, float(self.width)), min(y1, float(self.height)))
        if not (cut[0] < cut[2] and cut[1] < cut[3]):
            raise BoxError(f"{what}; it lies outside its page, {self.width:g} x {self.height:g}")
        return label if cut == label.bbox else replace(label, bbox=cut)

    def scaled(self, width: float, height: float) -> LabelledPage:
        """Return the page in a frame of another size, its boxes with it."""
        if (width, height) == (self.width, self.height):
            return self
        across, down = width / self.width, height / self.height
        labels = [
            replace(label, bbox=(b[0] * across, b[1] * down, b[2] * across, b[3] * down))
            for label in self.labels
            for b in [label.bbox]
        ]
        return replace(self, width=width, height=height, labels=labels)


@dataclass(frozen=True)
class LabelSet:
    """A data set.

    Attributes:
        where: the file or folder that it was read from, for messages.
        names: of all classes, in id order, whether they occur or not.
        pages: in the order of the file.
        notes: what was left out on reading, in words.
        predicted: whether a model found the boxes, so that a person has yet to look at them.

    Raises:
        LabelFileError: there are no pages, or a class has a name that is empty or cannot be written.
        DuplicateError: two classes have one name, or two pages of a split are one page of a file.
        UnknownClassError: a box has a class that is not in `names`.
    """

    where: str
    names: tuple[str, ...]
    pages: tuple[LabelledPage, ...]
    notes: tuple[str, ...] = ()
    predicted: bool = False

    def __post_init__(self) -> None:
        if not self.pages:
            raise LabelFileError(f"{self.where}: there are no labelled pages")
        for name in self.names:
            if not isinstance(name, str) or not name or name != " ".join(name.split()) or _UNWRITABLE.search(name):
                raise LabelFileError(
                    f"{self.where}: classes need names, without spaces at the ends or control codes; got {self.names}"
                )
        unique(self.where, "class", self.names)
        places = [(page.split, f"{page.file}, page {page.number}") for page in self.pages]
        unique(self.where, "page", [f"{place} in {split}" if split else place for split, place in places])
        known = set(self.names)
        for page in self.pages:
            for k, label in enumerate(page.labels, 1):
                if label.name not in known:
                    raise UnknownClassError(
                        f"{page.where}: box {k} has class {label.name!r}; the class list is {', '.join(self.names)}"
                    )

    def counts(self) -> Counter[str]:
        """Return how many boxes each class has, in id order; 0 too."""
        counts = Counter(dict.fromkeys(self.names, 0))
        counts.update(label.name for page in self.pages for label in page.labels)
        return counts

    def splits(self) -> tuple[str, ...]:
        """Return the names of the splits, in the order of their first pages; one empty name where there are none."""
        return tuple(dict.fromkeys(page.split for page in self.pages))

    def whole_splits(self) -> tuple[str, ...]:
        """Return the same for formats in which either all pages have a split or none has.

        Raises:
            UsageError: some have one, and some have none.
        """
        splits = self.splits()
        if "" in splits and len(splits) > 1:
            raise UsageError(
                f"{self.where}: some pages are in {', '.join(filter(None, splits))} and some in no split, which this "
                "format cannot hold; give all of them one, or write voc, labelstudio or cvat"
            )
        return splits


def writable(name: str) -> str:
    """Return a name with `_` for each character that label files cannot hold."""
    return _UNWRITABLE.sub("_", name)


def check_frame(where: str, frame: tuple[float, float], shown: tuple[float, float]) -> None:
    """Check that boxes are in the frame of a page as it is displayed, at whatever scale, and not as it was stored.

    Args:
        where: what to call the page in messages.
        frame: width and height of the frame that boxes are in.
        shown: width and height of the page with its rotation applied.

    Raises:
        BoxError: the sides are swapped. Of a page that is all but square this cannot be told.
    """
    boxes, page = (log(width / height) for width, height in (frame, shown))
    if abs(boxes + page) < _ALIKE < abs(boxes - page):
        raise BoxError(
            f"{where}: boxes are in a frame of {frame[0]:g} x {frame[1]:g}, and the page is shown turned, "
            f"{shown[0]:g} x {shown[1]:g}; turn the boxes, or take the page's rotation (EXIF, or a PDF's /Rotate) away"
        )


def unique(where: str, what: str, keys: Sequence[object]) -> None:
    """Raise a `DuplicateError` that names the keys which occur twice, if there are any."""
    twice = [repr(key) for key, count in Counter(keys).items() if count > 1]
    if twice:
        raise DuplicateError(f"{where}: {what} {', '.join(twice[:5])} is there more than once; give each its own")
