"""The result: a `Document`, its `Page`s, their `Region`s; to and from JSON, to COCO, and to files.

Boxes are x0, y0, x1, y1 in the page as displayed (rotation and crop box applied), origin top left, in the page's unit:
points for a PDF, pixels for an image.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from doclayout.errors import DamagedFileError
from doclayout.page import Page
from doclayout.region import PageError, Region, expect
from doclayout.schema import Schema, load_schema

if TYPE_CHECKING:
    from docling_core.types.doc import DoclingDocument

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

    def json(self, full: bool = False) -> dict[str, Any]:
        """Return the result as its file holds it, format `doclayout/1`.

        Args:
            full: add each region's `note_of`, `section` and `text`. They are asked for rather than always there,
                because programs compare the format's keys, and because reading text may take longer than all else.
        """
        return {
            "format": FORMAT,
            "source": self.source,
            "model": self.model,
            "schema": self.schema.name,
            "pages": [page.json(full) for page in self.pages],
            "errors": [asdict(error) for error in self.errors],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any] | str | Path, schema: Schema | None = None) -> Document:
        """Read a result back; its pages have no renderer.

        Args:
            data: what `json` gave, full or not, or the path of a file that holds it.
            schema: for class lists that do not ship with the package.

        Raises:
            DamagedFileError: the file is not JSON, or not a result of this format.
            SchemaError: its class list does not ship with the package, and none was given.
            OSError: there is no such file, or it cannot be read.
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
        except (TypeError, ValueError, RecursionError) as error:
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

    def to_docling(self, dpi: float | None = None, plain: bool = False) -> DoclingDocument:
        """Return the result as a `DoclingDocument`, for docling-core's exporters, chunkers and what else reads those.

        Regions are in reading order. Figures are pictures classified by their class name, with the score as confidence
        and any text that stands in them as a child; tables have one column, whose rows are the lines of their text;
        lists are split at their bullets. Captions and notes are linked to what they belong to; headers and footers are
        furniture.

        Args:
            dpi: gives pictures and tables their image at this resolution (pages of images at their own); else they have
                none.
            plain: for docling-core's Markdown and HTML, which leave out notes that are linked and formulas that are not
                LaTeX: notes stand by themselves, and formulas are text.

        Raises:
            MissingExtraError: docling-core is not installed.
            UsageError: images are wanted of pages without a renderer.
        """
        from doclayout.docling_document import to_docling

        return to_docling(self, dpi, plain)

    def save(
        self, save_dir: str | Path, formats: Sequence[str] = ("json", "png"), stem: str | None = None
    ) -> list[Path]:
        """Write the result, each file whole or not at all, and return the paths of the files.

        Args:
            save_dir: the folder, made where it is missing.
            formats: `json` writes `<stem>.json`; `full` the same with all links and texts, `<stem>.full.json`; `coco`
                `<stem>.coco.json`; `png` an overlay a page, `<stem>-p<page>.png`; `crops` a picture a region,
                `<stem>-crops/<id>-<class>.png`; `md`, `html` (with its pictures) and `docling` what docling-core makes
                of `to_docling`: `<stem>.md`, `<stem>.html` and `<stem>.docling.json`.
            stem: of the files; else the source's. In a run over many sources, `unique_stem` keeps them apart.

        Raises:
            UsageError: an unknown format, a stem that is not a file name, or pictures of pages without a renderer.
            MissingExtraError: `md`, `html` or `docling` without docling-core.
        """
        from doclayout.saving import save_document

        return save_document(self, Path(save_dir), formats, stem)


def _page(raw: Mapping[str, Any], schema: Schema) -> Page:
    return Page(
        raw["page"], raw["width"], raw["height"], raw["unit"], [_region(r) for r in raw["regions"]], schema=schema
    )


def _region(raw: Mapping[str, Any]) -> Region:
    links = (raw["caption_of"], raw.get("note_of"), raw.get("section"))
    reader = partial(str, raw["text"]) if "text" in raw else None
    return Region(
        raw["id"], raw["class"], raw["class_id"], raw["score"], raw["bbox"], raw["order"], *links, reader=reader
    )
