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
from doclayout.document import open_document
from doclayout.errors import SynthError
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

    def crop(self, page: int, xyxy: Sequence[float], pad: float = 1.0) -> tuple[UInt8, tuple[int, int]]:
        """Return the part of a page inside a box grown by `pad` pixels, and the (x, y) of its top left pixel."""
        at = self.pages[page]
        x0, y0 = max(int(xyxy[0] - pad), 0), max(int(xyxy[1] - pad), 0)
        x1 = min(int(np.ceil(xyxy[2] + pad)), at.width)
        y1 = min(int(np.ceil(xyxy[3] + pad)), at.height)
        return self.image(page)[y0:y1, x0:x1], (x0, y0)


def load_pool(
    data: str | Path, *, schema: str = "datasheet21", long_side: int = 1280, cache: Path | None = None
) -> Pool:
    """Load a COCO data set, a folder with `annotations.json`, as a pool.

    Args:
        data: the folder, or the JSON itself; pages are single-page PDFs or images, beside it or in `pdf/` or `images/`.
        schema: the class list to use; the data set's categories are matched by name.
        long_side: longer side of the rasters, in pixels.
        cache: folder for the raster file, by default `doclayout.cache.cache_dir("pools")`.

    Raises:
        SynthError: there is no such data set, it has no elements, a category is not in the schema, or the cache cannot
            be written.
    """
    path = _labels(data)
    coco, digest = _read_coco(path, long_side)
    classes = load_schema(schema)
    ids = _class_ids(coco, classes)
    if not coco["annotations"]:
        raise SynthError(f"pool {path} has no elements; give a data set with annotations")
    home = cache or cache_dir("pools")
    raster_file, index_file = home / f"{digest}.rgb", home / f"{digest}.json"
    try:
        if not (index_file.exists() and raster_file.exists()):
            if cache is None:
                trim_cache("pools")
            _rasterise(coco, path.parent, long_side, raster_file, index_file)
        sizes: list[list[Any]] = json.loads(index_file.read_text())
        raster = np.memmap(raster_file, np.uint8, "r")
    except OSError as error:
        raise SynthError(f"cannot keep the pool's rasters in {home}: {error}; give another folder as cache") from error
    by_image: dict[int, list[dict[str, Any]]] = {image["id"]: [] for image in coco["images"]}
    for annotation in coco["annotations"]:
        if min(annotation["bbox"][2:]) > 0 and not annotation.get("iscrowd"):
            by_image[annotation["image_id"]].append(annotation)
    rows = zip(coco["images"], sizes, strict=True)
    pages = tuple(_page(image, size, by_image[image["id"]], ids) for image, size in rows)
    return Pool(classes, pages, (raster,), long_side, digest)


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


def _read_coco(path: Path, long_side: int) -> tuple[dict[str, Any], str]:
    raw = path.read_bytes()
    try:
        coco: dict[str, Any] = json.loads(raw)
        missing = [key for key in ("images", "annotations", "categories") if key not in coco]
    except (ValueError, TypeError) as error:
        raise SynthError(f"pool {path} is not COCO JSON: {error}") from error
    if missing:
        raise SynthError(f"pool {path} is not COCO JSON: it has no {', '.join(missing)}")
    files = [_find(path.parent, image["file_name"]).stat() for image in coco["images"]]
    key = (path.resolve(), long_side, [(file.st_size, file.st_mtime_ns) for file in files])
    return coco, hashlib.sha256(raw + str(key).encode()).hexdigest()[:16]


def _class_ids(coco: dict[str, Any], schema: Schema) -> dict[int, int]:
    """Map the data set's category ids to the schema's class ids, by name."""
    unknown = sorted({c["name"] for c in coco["categories"]} - set(schema.names))
    if unknown:
        raise SynthError(
            f"pool has classes that schema {schema.name} has not: {', '.join(unknown)}; choose another schema"
        )
    return {c["id"]: schema.id_of(c["name"]) for c in coco["categories"]}


def _rasterise(coco: dict[str, Any], root: Path, long_side: int, raster_file: Path, index_file: Path) -> None:
    """Render all pages into one file, and write their [width, height, offset, tone] rows last."""
    boxes: dict[int, list[list[float]]] = {}
    for annotation in coco["annotations"]:
        boxes.setdefault(annotation["image_id"], []).append(annotation["bbox"])
    rows: list[list[Any]] = []
    with replacing(raster_file) as part, part.open("wb") as stream:
        for image in tqdm(coco["images"], desc="pool", unit="page", disable=None):
            raster = _render(_find(root, image["file_name"]), int(image.get("page", 1)), long_side)
            scale = raster.shape[1] / image["width"]
            rows.append(
                [raster.shape[1], raster.shape[0], stream.tell(), _paper(raster, boxes.get(image["id"], []), scale)]
            )
            stream.write(raster.tobytes())
    write_atomic(index_file, json.dumps(rows).encode())


def _find(root: Path, name: str) -> Path:
    for folder in (root, root / "pdf", root / "images"):
        if (folder / name).is_file():
            return folder / name
    raise SynthError(f"pool page {name} is not in {root}, {root / 'pdf'} or {root / 'images'}")


def _render(path: Path, number: int, long_side: int) -> UInt8:
    with open_document(path) as document:
        page = document.load(number)
        raster: UInt8 = np.ascontiguousarray(page.render(long_side))
        page.close()
    return raster


def _paper(raster: UInt8, boxes: list[list[float]], scale: float) -> list[int]:
    """Return the median RGB outside the elements."""
    outside = np.ones(raster.shape[:2], bool)
    for x, y, w, h in boxes:
        outside[int(y * scale) : int((y + h) * scale) + 2, int(x * scale) : int((x + w) * scale) + 2] = False
    pixels = raster[outside][::7] if outside.any() else raster.reshape(-1, 3)
    return [int(v) for v in np.median(pixels, axis=0)]


def _page(image: dict[str, Any], size: list[Any], annotations: list[dict[str, Any]], ids: dict[int, int]) -> PoolPage:
    width, height, offset, tone = size
    xywh = np.array([a["bbox"] for a in annotations], np.float32).reshape(-1, 4)
    xyxy = np.concatenate([xywh[:, :2], xywh[:, :2] + xywh[:, 2:]], axis=1)
    xyxy *= np.array([width / image["width"], height / image["height"]] * 2, np.float32)
    return PoolPage(
        name=image["file_name"],
        doc=str(image.get("source") or image.get("doc") or image["file_name"]),
        width=width,
        height=height,
        bank=0,
        offset=offset,
        tone=(tone[0], tone[1], tone[2]),
        boxes=xyxy,
        class_ids=np.array([ids[a["category_id"]] for a in annotations], np.int64),
    )
