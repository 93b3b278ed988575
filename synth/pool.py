"""The element pool: the pages of a COCO data set as rasters, with their labelled elements."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from doclayout.cache import cache_dir, trim_cache
from doclayout.convert import coco
from doclayout.convert.labels import LabelledPage, check_frame
from doclayout.document import open_document
from doclayout.errors import BoxError, DatasetError, SynthError
from doclayout.saving import replacing, write_atomic
from doclayout.schema import Schema, load_schema
from synth.page import Float32, Int64, UInt8


@dataclass(frozen=True)
class PoolPage:
    """One page of the pool.

    Attributes:
        name: the file it came from.
        doc: the document it belongs to; its file name where the data set does not say.
        width: of the raster, in pixels.
        height: of the raster, in pixels.
        bank: which of the pool's raster files holds its raster.
        offset: first byte of its raster in that file.
        tone: RGB of its paper, 0-255.
        boxes: float32 (n, 4), xyxy in pixels of the raster.
        class_ids: int64 (n,), positions in the schema.
    """

    name: str
    doc: str
    width: int
    height: int
    bank: int
    offset: int
    tone: tuple[int, int, int]
    boxes: Float32
    class_ids: Int64


@dataclass(frozen=True)
class Pool:
    """Pages with their elements; the rasters lie in memory-mapped files that all worker processes share.

    Attributes:
        schema: the class list that `class_ids` refer to.
        pages: the pages, in the data set's order.
        banks: each uint8 (bytes,), pages' RGB rasters end to end.
        long_side: longer side of a full page's raster, in pixels.
        digest: hex digest of the data set and raster size; the same pool has the same digest.
    """

    schema: Schema
    pages: tuple[PoolPage, ...]
    banks: tuple[UInt8, ...]
    long_side: int
    digest: str

    def image(self, page: int) -> UInt8:
        """Return a page's raster, uint8 (H, W, 3) RGB, as a read-only view."""
        at = self.pages[page]
        flat = self.banks[at.bank][at.offset : at.offset + at.width * at.height * 3]
        return flat.reshape(at.height, at.width, 3)

    def crop(self, page: int, xyxy: Sequence[float]) -> tuple[UInt8, tuple[int, int]]:
        """Return the part of a page inside a box grown by a pixel, and the (x, y) of its top left pixel."""
        at = self.pages[page]
        x0, y0 = max(int(xyxy[0] - 1), 0), max(int(xyxy[1] - 1), 0)
        x1 = min(int(np.ceil(xyxy[2] + 1)), at.width)
        y1 = min(int(np.ceil(xyxy[3] + 1)), at.height)
        return self.image(page)[y0:y1, x0:x1], (x0, y0)


def load_pool(data: str | Path, *, long_side: int = 1280, cache: Path | None = None) -> Pool:
    """Load a COCO data set, a folder with `annotations.json`, as a pool.

    Args:
        data: the folder, or the JSON itself; pages are single-page PDFs or images, beside it or in `pdf/` or `images/`.
        long_side: longer side of the rasters, in pixels.
        cache: folder for the raster file, by default `doclayout.cache.cache_dir("pools")`.

    Raises:
        SynthError: there is no such data set, it is broken, it has no elements, a category is not one of our classes,
            or the cache cannot be written.
    """
    path, schema = _labels(data), load_schema()
    labelled = _read(path, schema)
    files = [page.file.stat() for page in labelled]
    key = (path.resolve(), long_side, [(file.st_size, file.st_mtime_ns) for file in files])
    digest = hashlib.sha256(path.read_bytes() + str(key).encode()).hexdigest()[:16]
    home = cache or cache_dir("pools")
    raster_file, index_file = home / f"{digest}.rgb", home / f"{digest}.json"
    try:
        if not (index_file.exists() and raster_file.exists()):
            if cache is None:
                trim_cache("pools")
            _rasterise(labelled, long_side, raster_file, index_file)
        sizes: list[list[Any]] = json.loads(index_file.read_text())
        raster = np.memmap(raster_file, np.uint8, "r")
    except OSError as error:
        raise SynthError(f"cannot keep the pool's rasters in {home}: {error}; give another folder as cache") from error
    pages = tuple(_page(page, size, schema) for page, size in zip(labelled, sizes, strict=True))
    return Pool(schema, pages, (raster,), long_side, digest)


def labels_digest(data: str | Path) -> str:
    """Return 16 hexadecimal digits that tell a pool's annotations from others.

    Raises:
        SynthError: there is no such data set.
    """
    return hashlib.sha256(_labels(data).read_bytes()).hexdigest()[:16]


def _labels(data: str | Path) -> Path:
    path = Path(data)
    path = path / "annotations.json" if path.is_dir() else path
    if not path.is_file():
        raise SynthError(f"no pool at {path}; give a folder with annotations.json")
    return path


def _read(path: Path, schema: Schema) -> tuple[LabelledPage, ...]:
    """Return the labelled pages, their classes and boxes checked."""
    try:
        data = coco.read(path)
    except DatasetError as error:
        raise SynthError(f"the pool cannot be read: {error}") from error
    unknown = sorted(set(data.names) - set(schema.names))
    if unknown:
        raise SynthError(
            f"pool {path} has classes that {schema.name} has not: {', '.join(unknown)}; "
            "rename them with `doclayout convert map=...`"
        )
    if not any(page.labels for page in data.pages):
        raise SynthError(f"pool {path} has no elements; give a data set with annotations")
    return data.pages


def _rasterise(pages: Sequence[LabelledPage], long_side: int, raster_file: Path, index_file: Path) -> None:
    """Render all pages into one file, and write their [width, height, offset, tone] rows last."""
    rows: list[list[Any]] = []
    with replacing(raster_file) as part, part.open("wb") as stream:
        for page in tqdm(pages, desc="pool", unit="page", disable=None):
            raster = _render(page.file, page.number, long_side)
            height, width = raster.shape[:2]
            rows.append([width, height, stream.tell(), _paper(raster, _fitted(page, width, height))])
            stream.write(raster.tobytes())
    write_atomic(index_file, json.dumps(rows).encode())


def _render(path: Path, number: int, long_side: int) -> UInt8:
    with open_document(path) as document:
        page = document.load(number)
        raster: UInt8 = np.ascontiguousarray(page.render(long_side))
        page.close()
    return raster


def _fitted(page: LabelledPage, width: int, height: int) -> LabelledPage:
    """Return a page in the frame of its raster."""
    try:
        check_frame(f"{page.where}: {page.file}", (page.width, page.height), (width, height))
    except BoxError as error:
        raise SynthError(f"the pool cannot be used: {error}") from error
    return page.scaled(width, height)


def _paper(raster: UInt8, page: LabelledPage) -> list[int]:
    """Return the median RGB outside the elements."""
    outside = np.ones(raster.shape[:2], bool)
    for x0, y0, x1, y1 in (label.bbox for label in page.labels):
        outside[int(y0) : int(y1) + 2, int(x0) : int(x1) + 2] = False
    pixels = raster[outside][::7] if outside.any() else raster.reshape(-1, 3)
    return [int(v) for v in np.median(pixels, axis=0)]


def _page(page: LabelledPage, size: list[Any], schema: Schema) -> PoolPage:
    width, height, offset, tone = size
    labels = _fitted(page, width, height).labels
    return PoolPage(
        name=page.name,
        doc=page.source,
        width=width,
        height=height,
        bank=0,
        offset=offset,
        tone=(tone[0], tone[1], tone[2]),
        boxes=np.array([label.bbox for label in labels], np.float32).reshape(-1, 4),
        class_ids=np.array([schema.id_of(label.name) for label in labels], np.int64),
    )
