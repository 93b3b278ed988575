"""The result: a `Document`, its `Page`s, their `Region`s; to and from JSON, to COCO, and to files.

Boxes are x0, y0, x1, y1 in the page as displayed (rotation and crop box applied), origin top left, in the page's unit:
points for a PDF, pixels for an image.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from doclayout.errors import DamagedFileError
from doclayout.page import Page
from doclayout.region import PageError, Region, expect
from doclayout.schema import Schema, load_schema

__all__ = ["FORMAT", "Document", "Page", "PageError", "Region"]

FORMAT = "doclayout/1"


@dataclass(frozen=True)
class Document:
    """What was found in one source.

    Attributes:
        source: the path as given, or a name such as `<bytes>`.
        model: name of the weights.
        schema: names and colours the classes; that of every page.
        pages: those that were read, each with its regions.
        errors: what could not be read.

    Raises:
        ValueError: a value is not as described.
    """

    source: str
    model: str
    schema: Schema
    pages: Sequence[Page] = ()
    errors: Sequence[PageError] = field(default=())

    def __post_init__(self) -> None:
        expect(isinstance(self.source, str), "document source", "a string", self.source)
        own = f"document {self.source}:"
        expect(isinstance(self.model, str), f"{own} model", "a string", self.model)
        expect(isinstance(self.schema, Schema), f"{own} schema", "a Schema, such as load_schema() gives", self.schema)
        object.__setattr__(self, "pages", tuple(self.pages))
        object.__setattr__(self, "errors", tuple(self.errors))
        numbers = [page.number for page in self.pages]
        expect(len(set(numbers)) == len(numbers), f"{own} page numbers", "all different", numbers)
        for page in self.pages:
            what = f"{own} schema of page {page.number}"
            expect(page.schema == self.schema, what, repr(self.schema.name), page.schema.name)

    def json(self) -> dict[str, Any]:
        """Return the result as its file holds it, format `doclayout/1`."""
        return {
            "format": FORMAT,
            "source": self.source,
            "model": self.model,
            "schema": self.schema.name,
            "pages": [page.json() for page in self.pages],
            "errors": [asdict(error) for error in self.errors],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any] | str | Path, schema: Schema | None = None) -> Document:
        """Read a result back; its pages have no renderer.

        Args:
            data: what `json` gave, or the path of a file that holds it.
            schema: for class lists that do not ship with the package.

        Raises:
            DamagedFileError: the file is not JSON, or not a result of this format.
            SchemaError: its class list does not ship with the package, and none was given.
            FileNotFoundError: there is no such file.
        """
        where = "result" if isinstance(data, Mapping) else str(data)
        try:
            raw = data if isinstance(data, Mapping) else json.loads(Path(data).read_text(encoding="utf-8"))
            expect(raw["format"] == FORMAT, "format", repr(FORMAT), raw["format"])
            classes = load_schema(raw["schema"]) if schema is None else schema
            expect(raw["schema"] == classes.name, "schema", repr(classes.name), raw["schema"])
            pages = [_page(page, classes) for page in raw["pages"]]
            errors = [PageError(error["page"], error["error"], error["message"]) for error in raw["errors"]]
            return cls(raw["source"], raw["model"], classes, pages, errors)
        except KeyError as error:
            raise DamagedFileError(f"{where}: not a {FORMAT} result, it lacks {error}") from error
        except (TypeError, ValueError) as error:
            raise DamagedFileError(f"{where}: not a {FORMAT} result: {error}") from error

    def coco(self) -> dict[str, Any]:
        """Return the result in COCO's detection format, one image a page, with scores.

        `file_name` is the source, and `page` says which of its pages; `width`, `height` and the boxes (x, y, w, h) are
        in the page's unit; a category's id is the class id.
        """
        images: list[dict[str, Any]] = []
        annotations: list[dict[str, Any]] = []
        for image_id, page in enumerate(self.pages, 1):
            size = {"width": round(page.width, 2), "height": round(page.height, 2)}
            images.append({"id": image_id, "file_name": self.source, "page": page.number, **size})
            for region in page.regions:
                x0, y0, x1, y1 = region.bbox
                annotations.append(
                    {
                        "id": len(annotations) + 1,
                        "image_id": image_id,
                        "category_id": region.class_id,
                        "bbox": [round(v, 2) for v in (x0, y0, x1 - x0, y1 - y0)],
                        "area": round((x1 - x0) * (y1 - y0), 2),
                        "iscrowd": 0,
                        "score": round(region.score, 4),
                    }
                )
        categories = [{"id": i, "name": name} for i, name in enumerate(self.schema.names)]
        return {
            "info": {"description": self.source},
            "categories": categories,
            "images": images,
            "annotations": annotations,
        }

    def save(
        self, save_dir: str | Path, formats: Sequence[str] = ("json", "png"), stem: str | None = None
    ) -> list[Path]:
        """Write the result, each file whole or not at all, and return the paths of the files.

        Args:
            save_dir: the folder, made where it is missing.
            formats: `json` writes `<stem>.json`; `png` an overlay a page, `<stem>-p<page>.png`; `coco` writes
                `<stem>.coco.json`; `crops` a picture a region, `<stem>-crops/<id>-<class>.png`.
            stem: of the files; else the source's. In a run over many sources, `unique_stem` keeps them apart.

        Raises:
            UsageError: an unknown format, a stem that is not a file name, or pictures of pages without a renderer.
        """
        from doclayout.saving import save_document

        return save_document(self, Path(save_dir), formats, stem)


def _page(raw: Mapping[str, Any], schema: Schema) -> Page:
    regions = [
        Region(r["id"], r["class"], r["class_id"], r["score"], r["bbox"], r["order"], r["caption_of"])
        for r in raw["regions"]
    ]
    return Page(raw["page"], raw["width"], raw["height"], raw["unit"], regions, schema=schema)
