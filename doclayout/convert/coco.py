"""COCO JSON: one file, or a folder with one `annotations.json` a split, beside PDFs or images.

`images[].page` says which page of a PDF is meant, where it is not the first. Only boxes are carried, not polygons.
"""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path, PurePosixPath
from typing import Any

from doclayout.convert.files import read_json
from doclayout.convert.images import find, page_names, write_page
from doclayout.convert.labels import Label, LabelledPage, LabelSet, unique
from doclayout.errors import LabelFileError
from doclayout.saving import write_atomic

_FILE = "annotations.json"
_WHAT = "a COCO annotation file"


def read(source: Path, images: Path | None = None) -> LabelSet:
    """Read a COCO JSON, or a folder with `annotations.json` or `<split>/annotations.json`.

    Args:
        source: the file or folder.
        images: where the pages lie; beside the JSON, in `images` or in `pdf` there by default.

    Raises:
        DatasetError: the data set is broken; its subclasses tell how, and its message where.
    """
    if source.is_dir() and not (source / _FILE).is_file():
        files = {path.parent.name: path for path in sorted(source.glob(f"*/{_FILE}"))}
        if not files:
            raise LabelFileError(f"source={source} holds neither {_FILE} nor folders with one; give a COCO JSON")
    else:
        files = {"": source / _FILE if source.is_dir() else source}
    names: dict[str, None] = {}
    pages: list[LabelledPage] = []
    crowds = 0
    for split, path in files.items():
        content = _Content(path)
        names |= dict.fromkeys(content.names.values())
        pages += content.pages(split, images)
        crowds += content.crowds
    notes = (f"{crowds} crowd boxes left out",) if crowds else ()
    predicted = any(label.score is not None for page in pages for label in page.labels)
    return LabelSet(str(source), tuple(names), tuple(pages), notes, predicted)


class _Content:
    """One COCO file, with what refers to what in it checked."""

    def __init__(self, path: Path) -> None:
        self.path, self.crowds = path, 0
        data = read_json(path, _WHAT)
        try:
            self.images: list[dict[str, Any]] = list(data["images"])
            categories = sorted(data["categories"], key=lambda category: category["id"])
            for what, items in (("image", self.images), ("category", categories), ("annotation", data["annotations"])):
                unique(str(path), f"{what} id", [item["id"] for item in items if "id" in item or what != "annotation"])
            unique(str(path), "category", [category["name"] for category in categories])
            self.names: dict[Any, str] = {category["id"]: category["name"] for category in categories}
            self.labels = self._by_image(data["annotations"])
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
            raise LabelFileError(f"{path} is not {_WHAT}: {error!r}") from error

    def _by_image(self, annotations: list[dict[str, Any]]) -> dict[Any, list[Label]]:
        known = {image["id"] for image in self.images}
        labels: dict[Any, list[Label]] = defaultdict(list)
        for k, item in enumerate(annotations, 1):
            if item.get("iscrowd"):
                self.crowds += 1
                continue
            image, category, box = item.get("image_id"), item.get("category_id"), item.get("bbox")
            numbers = isinstance(box, list) and len(box) == 4 and all(isinstance(v, (int, float)) for v in box)
            if image not in known or category not in self.names or not numbers:
                raise LabelFileError(
                    f"{self.path}: annotation {item.get('id', k)} has image {image}, category {category}, box {box}; "
                    "it needs an image and a category of the file, and left, top, width and height"
                )
            x, y, w, h = item["bbox"]
            labels[image].append(Label(self.names[category], (x, y, x + w, y + h), item.get("score")))
        return labels

    def pages(self, split: str, images: Path | None) -> list[LabelledPage]:
        """Return the pages with their boxes."""
        beside = self.path.parent
        folders = ([images] if images else []) + [beside, beside / "pdf", beside / "images"]
        pages = []
        for image in self.images:
            where = f"{self.path}: image {image['id']}"
            try:
                name, size = str(image["file_name"]).replace("\\", "/"), (image["width"], image["height"])
                page = LabelledPage(
                    find(name, folders, where), _inside(name), *size, self.labels[image["id"]],
                    int(image.get("page", 1)), split, where, str(image.get("source") or image.get("doc") or ""),
                )  # fmt: skip
            except (KeyError, TypeError, ValueError, OverflowError) as error:
                raise LabelFileError(f"{where}: {error!r}; it needs file_name, width and height") from error
            pages.append(page)
        return pages


def _inside(name: str) -> str:
    """Return a page's name below its data set's `images` or `pdf`; just its last part where it lies elsewhere."""
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts:
        return path.name
    return str(path.relative_to(path.parts[0])) if path.parts[0] in ("images", "pdf") and path.parts[1:] else str(path)


def write(data: LabelSet, folder: Path, size: int) -> None:
    """Write `annotations.json`, one a split, and beside it `images`: PDFs of one page each, and images.

    Args:
        data: what is written; boxes stay in the frames that they are in.
        folder: of the data set.
        size: not needed, because PDFs are not drawn.
    """
    data, splits = page_names(data, pdf=True), data.whole_splits()
    for page in data.pages:
        write_page(page, folder / page.split / "images" / page.name, size)
    for split in splits:
        content = _content(data.names, [page for page in data.pages if page.split == split])
        write_atomic(folder / split / _FILE, json.dumps(content, ensure_ascii=False).encode())


def _content(names: tuple[str, ...], pages: list[LabelledPage]) -> dict[str, Any]:
    ids = {name: k for k, name in enumerate(names, 1)}  # from 1, as some tools take 0 for the background
    images: list[dict[str, Any]] = []
    annotations: list[dict[str, Any]] = []
    for image_id, page in enumerate(pages, 1):
        image = {"id": image_id, "file_name": f"images/{page.name}", "width": page.width, "height": page.height}
        images.append({**image, "source": page.source})
        for label in page.labels:
            x0, y0, x1, y1 = label.bbox
            item: dict[str, Any] = {"id": len(annotations) + 1, "image_id": image_id, "category_id": ids[label.name]}
            item |= {"bbox": [round(v, 6) for v in (x0, y0, x1 - x0, y1 - y0)], "iscrowd": 0}
            item |= {"area": round((x1 - x0) * (y1 - y0), 6)}
            annotations.append(item if label.score is None else {**item, "score": label.score})
    categories = [{"id": k, "name": name} for name, k in ids.items()]
    return {"categories": categories, "images": images, "annotations": annotations}
