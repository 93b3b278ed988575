"""From sources to documents: pages are drawn, detected on and refined, each step in a thread of its own."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from functools import cache, partial
from itertools import islice
from math import ceil
from numbers import Integral, Real
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import numpy as np
import numpy.typing as npt

from doclayout.document import SourceDocument, SourcePage, and_close, open_document
from doclayout.errors import InputError, UsageError
from doclayout.letterbox import PIXELS, Letterbox
from doclayout.postprocess import postprocess
from doclayout.region import PageError
from doclayout.rescore import can_judge
from doclayout.selector import load_selector
from doclayout.wording import wording_for

if TYPE_CHECKING:
    from doclayout._pages import PagesLike
    from doclayout.layout import Page
    from doclayout.runtime import Detector
    from doclayout.text import PageText, ReadPicture

LOOKS = (0.9, 1.0, 1.1)
"""Sizes at which `augment` looks at a page, in `imgsz`; the rules for rivals choose among what is found at each."""

FloatArray = npt.NDArray[np.float32]
T = TypeVar("T")
R = TypeVar("R")


@dataclass(frozen=True)
class Settings:
    """How to predict.

    Attributes:
        imgsz: long side of the network's input in pixels, 32 to 4096; `auto` chooses it page by page.
        conf: least score kept, 0 to 1; `auto` takes each class's own, which the weights hold.
        batch: pages that the network takes at once.
        refine: snap boxes to the ink.
        clean: put headers in one piece, and resolve duplicate and enclosing boxes.
        max_det: most regions of a page.
        wording: let the words in the text layer weigh on the classes, if those are the default model's.
        rescore: judge boxes again once they are refined and cleaned, if the classes are the default model's.
        text: reads the pictures of regions without a text layer, as `doclayout.text.ReadPicture` says.
        augment: also look at each page at `LOOKS` times `imgsz`, and put together what is found (test-time
            augmentation).

    Raises:
        UsageError: a value is out of range.
    """

    imgsz: int | Literal["auto"] = 640
    conf: float | Literal["auto"] = 0.25
    batch: int = 4
    refine: bool = True
    clean: bool = True
    max_det: int = 300
    wording: bool = True
    rescore: bool = True
    text: ReadPicture | None = None
    augment: bool = False

    def __post_init__(self) -> None:
        if self.text is not None and not callable(self.text):
            raise UsageError(f"text={self.text!r} must be a function that reads a picture, uint8 (H, W, 3) RGB")
        for key, low, high in (("imgsz", 32, 4096), ("conf", 0, 1), ("batch", 1, 1024), ("max_det", 1, 300)):
            value = getattr(self, key)
            if key in ("imgsz", "conf") and value == "auto":
                continue
            kind, plain, word = (Real, float, "number") if key == "conf" else (Integral, int, "whole number")
            fits = isinstance(value, kind) and not isinstance(value, bool)
            if not (fits and low <= value <= high):
                raise UsageError(f"{key}={value!r} must be a {word} from {low} to {high}")
            object.__setattr__(self, key, plain(value))


@dataclass(frozen=True)
class Job:
    """A page to detect on, or a document that could not be opened.

    Attributes:
        source: name of the document.
        number: of the page, counted from 1; 0 for a document that could not be opened.
        document: that the page is in, or why it could not be opened.
        last: whether it is the last one of its document.
    """

    source: str
    number: int
    document: SourceDocument | InputError
    last: bool = True

    def close(self) -> None:
        """Let go of the document, if it is open; pages that were loaded still work."""
        if isinstance(self.document, SourceDocument):
            self.document.close()


def jobs_of(document: SourceDocument) -> Iterator[Job]:
    """List the selected pages of a document."""
    for number in document.numbers:
        yield Job(document.name, number, document, number == document.numbers[-1])


def jobs_of_files(paths: Iterable[str | Path], pages: PagesLike = None, password: str | None = None) -> Iterator[Job]:
    """Open documents one after the other, and list their selected pages; one that cannot be opened is a job too."""
    for path in paths:
        try:
            yield from jobs_of(open_document(path, pages=pages, password=password))
        except InputError as error:
            yield Job(str(path), 0, error)


@dataclass(frozen=True)
class Look:
    """A page as the network takes it: `canvas`, (H, W, 3) uint8, laid out as `box` says."""

    canvas: npt.NDArray[np.uint8]
    box: Letterbox


@dataclass(frozen=True)
class Drawn:
    """A page drawn, `image`, and as the network takes it, once or in several sizes."""

    page: SourcePage
    image: npt.NDArray[np.uint8]
    looks: tuple[Look, ...]


def predict_pages(
    jobs: Iterable[Job], detector: Detector, settings: Settings
) -> Iterator[tuple[Job, Page | PageError]]:
    """Detect on pages of any documents, in their order; a page that fails gives its error.

    One thread draws, one runs the network, and the caller's refines what they have done, each ahead of the next. At
    most four batches of drawn pages are in memory.
    """
    with ThreadPoolExecutor(1) as drawer, ThreadPoolExecutor(1) as runner:
        drawings = _ahead(drawer, lambda job: (job, _try(job, draw, job, settings)), jobs, settings.batch)
        groups = iter(lambda: list(islice(drawings, settings.batch)), [])
        for group, rows in _ahead(runner, lambda group: (group, _detect(group, detector)), groups, 2):
            for (job, drawn), found in zip(group, rows, strict=True):
                if isinstance(drawn, Drawn):
                    yield job, _try(job, _finish, drawn, found, detector, settings)
                else:
                    yield job, drawn


def _try(job: Job, step: Callable[..., R], *given: Any) -> R | PageError:
    """Take a step of a page, or return why it fails; errors of documents, and before the first page, have no page."""
    try:
        return step(*given)
    except InputError as error:
        return PageError.of(job.number if job.number > 0 else None, error)


def _ahead(executor: Executor, work: Callable[[T], R], items: Iterable[T], count: int) -> Iterator[R]:
    """Yield the results of some work on items, in their order, with up to `count` of them begun beforehand."""
    rest = iter(items)
    begun = deque(executor.submit(work, item) for item in islice(rest, count))
    while begun:
        result = begun.popleft().result()
        begun.extend(executor.submit(work, item) for item in islice(rest, 1))
        yield result


def draw(job: Job, settings: Settings) -> Drawn:
    """Load and draw one page, in the drawing thread.

    Raises:
        InputError: it cannot be read or drawn, or its document could not be opened.
    """
    if isinstance(job.document, InputError):
        raise job.document
    page = job.document.load(job.number)
    image = page.raster(PIXELS)
    imgsz = load_selector().choose(image) if settings.imgsz == "auto" else int(settings.imgsz)
    sizes = [round(imgsz * times) for times in LOOKS] if settings.augment else [imgsz]
    seen = fine_enough(page, image, max(sizes))
    page.close()
    height, width = image.shape[:2]
    boxes = [Letterbox.fit(width, height, size) for size in sizes]
    return Drawn(page, image, tuple(Look(box.apply(seen), box) for box in boxes))


def fine_enough(page: SourcePage, image: npt.NDArray[np.uint8], long_side: int) -> npt.NDArray[np.uint8]:
    """Return a drawing, `SourcePage.raster`, of at least `long_side` pixels: the one at hand, or a finer one."""
    ratio = long_side / max(image.shape)
    return image if ratio <= 1 else page.raster(ceil(PIXELS * ratio**2))


def _detect(group: list[tuple[Job, Drawn | PageError]], detector: Detector) -> list[FloatArray]:
    """Run the network on the drawn pages, looks of one canvas shape together.

    Returns:
        (n, 6) of each page: xyxy in pixels of its drawing, score and class id, look by look; (0, 6) for failed ones.
    """
    found = [[np.zeros((0, 6), np.float32)] for _ in group]
    pages = [(i, drawn) for i, (_, drawn) in enumerate(group) if isinstance(drawn, Drawn)]
    looks = [(i, look, drawn.image.shape[1::-1]) for i, drawn in pages for look in drawn.looks]
    for shape in {look.canvas.shape for _, look, _ in looks}:
        alike = [item for item in looks if item[1].canvas.shape == shape]
        for (i, look, size), rows in zip(alike, detector(np.stack([look.canvas for _, look, _ in alike])), strict=True):
            found[i].append(np.hstack([look.box.invert(rows[:, :4], *size), rows[:, 4:]]))
    return [np.concatenate(rows) for rows in found]


def _finish(drawn: Drawn, found: FloatArray, detector: Detector, settings: Settings) -> Page:
    """Turn the network's rows of one page, boxes in pixels of the drawing, into its regions."""
    from doclayout.layout import Page
    from doclayout.text import PageText

    page, image = drawn.page, drawn.image
    conf = thresholds_of(detector) if settings.conf == "auto" else settings.conf
    height, width = image.shape[:2]
    to_page = np.array([page.width / width, page.height / height] * 2, np.float32)
    wording = wording_for(detector.schema) if settings.wording else None
    text = PageText(page, detector.schema, settings.text)
    size = (page.number, page.width, page.height, page.unit)
    render = partial(and_close, page, page.render)
    words, openings = cache(lambda: page.words() / to_page), partial(_openings, text, to_page)
    with closing(page):
        boxes, scores, ids = postprocess(
            found[:, :4], found[:, 4], found[:, 5].astype(np.int64), detector.schema,
            image=image if settings.refine else None, words=words, openings=openings, wording=wording, conf=conf,
            clean=settings.clean, max_det=settings.max_det, rescore=settings.rescore and can_judge(detector.schema),
        )  # fmt: skip
        return Page.from_boxes(*size, boxes * to_page, scores, ids, detector.schema, render, text)


def _openings(text: PageText, to_page: FloatArray, boxes: FloatArray) -> list[str]:
    """Return how the text in boxes (n, 4), xyxy in pixels of the drawing, begins."""
    return text.openings((boxes * to_page).tolist())


def thresholds_of(detector: Detector) -> FloatArray:
    """Return the least score of each class (nc,), as the weights have them."""
    if detector.thresholds is None:
        raise UsageError(f"conf=auto needs weights that hold thresholds, and {detector.name} has none; give a number")
    return np.array([detector.thresholds.get(name, 0.25) for name in detector.schema.names], np.float32)
