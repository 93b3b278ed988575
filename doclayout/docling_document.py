"""A result as a `DoclingDocument` of docling-core, and by docling-core's own exporters as Markdown and HTML.

The body lists the regions in reading order, page after page; boxes keep their frame, origin top left. Running headers
and footers are in the furniture layer.

Tables are `TableItem`s although their cells are unknown: their class and box are known, and readers look for tables
there. Until their structure is known, they have one column and a row for each line of their text: every export then
holds the text, and none claims cells that nobody has seen. A formula's text is its `orig` alone, as where docling has
no LaTeX.
"""

from __future__ import annotations

import base64
import hashlib
import mimetypes
import re
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import AnyUrl

from doclayout.errors import MissingExtraError
from doclayout.roles import Role, roles
from doclayout.saving import png_bytes
from doclayout.schema import plain_name

try:
    from docling_core.types import doc as dl
except ImportError:
    raise MissingExtraError("docling, Markdown and HTML output", "docling") from None

if TYPE_CHECKING:
    from doclayout.layout import Document, Page, Region

_LABELS: dict[Role, dl.DocItemLabel] = {
    "header": dl.DocItemLabel.PAGE_HEADER,
    "footer": dl.DocItemLabel.PAGE_FOOTER,
    "title": dl.DocItemLabel.TITLE,
    "heading": dl.DocItemLabel.SECTION_HEADER,
    "caption": dl.DocItemLabel.CAPTION,
    "footnote": dl.DocItemLabel.FOOTNOTE,
    "formula": dl.DocItemLabel.FORMULA,
    "graphic": dl.DocItemLabel.PICTURE,
    "text": dl.DocItemLabel.TEXT,
}
_TEXTS = {
    "list": dl.DocItemLabel.LIST_ITEM,
    "list item": dl.DocItemLabel.LIST_ITEM,
    "contents": dl.DocItemLabel.DOCUMENT_INDEX,
    "reference": dl.DocItemLabel.REFERENCE,
}
"""Classes of running text for which docling has a label of its own."""

_FURNITURE = (dl.DocItemLabel.PAGE_HEADER, dl.DocItemLabel.PAGE_FOOTER)
_BULLET = re.compile(r"([•●○■□▪▫◆◇►▶▸→·∙*]\s*|[–—-](?![\d.])\s*|[(\[]?(?:\d{1,2}|[a-zA-Z])[.)\]:]\s+)(?=\S)")
_LEADER = re.compile(r"[ \t]*(?:\.[ \t]*){4,}|[ \t]*…[… \t]*")
_NUMBERED = re.compile(r"[1-9]\d?((?:\.[1-9]\d?)*)\.?\s+[^\W\d_]")


def to_docling(document: Document, dpi: float | None = None, plain: bool = False) -> dl.DoclingDocument:
    """Return a document as docling-core's; see `Document.to_docling`."""
    out = dl.DoclingDocument(name=Path(document.source).stem or "document", origin=_origin(document.source))
    for page in document.pages:
        out.add_page(page_no=page.number, size=dl.Size(width=page.width, height=page.height))
        items = _add_regions(out, page, f"doclayout {document.model}", plain)
        for region in page.regions:
            target = items.get(region.caption_of or "")
            if isinstance(target, dl.FloatingItem):
                target.captions.append(items[region.id].get_ref())
            target = None if plain else items.get(region.note_of or "")
            if isinstance(target, dl.FloatingItem):
                target.footnotes.append(items[region.id].get_ref())
        if dpi is not None:
            _add_pictures(items, page, dpi)
    return out


def to_markdown(document: Document) -> str:
    """Return a document as Markdown."""
    out = to_docling(document, plain=True)
    return out.export_to_markdown(caption_placement=dl.CaptionPlacement.LAYOUT, compact_tables=True)


def to_html(document: Document, dpi: float) -> str:
    """Return a document as one HTML file that holds its pictures, drawn at a resolution."""
    return to_docling(document, dpi, plain=True).export_to_html(image_mode=dl.ImageRefMode.EMBEDDED)


def _add_regions(out: dl.DoclingDocument, page: Page, author: str, plain: bool) -> dict[str, dl.NodeItem]:
    """Append a page's regions, lists that follow each other as one group; return the item that each id became."""
    items: dict[str, dl.NodeItem] = {}
    kinds = roles(page.schema)
    labelled = [(region, _label(region.name, kinds[region.class_id], plain)) for region in page.regions]
    for label, group in groupby(labelled, key=lambda pair: pair[1]):
        bullets = out.add_list_group() if label == dl.DocItemLabel.LIST_ITEM else None
        for region, _ in group:
            if bullets is None:
                items[region.id] = _add_region(out, region, label, page.number, author)
            else:
                items[region.id] = bullets
                _add_list(out, bullets, region, page.number)
    return items


def _label(name: str, role: Role, plain: bool) -> dl.DocItemLabel:
    """Return docling's label: by role, and by name where docling tells more apart; plain formulas are text."""
    if role == "formula" and plain:
        return dl.DocItemLabel.TEXT
    if role == "graphic" and "table" in name.lower():
        return dl.DocItemLabel.TABLE
    return _TEXTS.get(plain_name(name), _LABELS[role]) if role == "text" else _LABELS[role]


def _add_region(
    out: dl.DoclingDocument, region: Region, label: dl.DocItemLabel, number: int, author: str
) -> dl.DocItem:
    """Append one region that is no list."""
    text = " ".join(region.text.split())
    prov = _prov(region, number, len(text))
    item: dl.DocItem
    if label in (dl.DocItemLabel.TABLE, dl.DocItemLabel.DOCUMENT_INDEX):
        item = out.add_table(_lines(region.text), prov=prov, label=label)
    elif label == dl.DocItemLabel.PICTURE:
        kind = dl.PictureClassificationPrediction(class_name=region.name, confidence=region.score, created_by=author)
        item = out.add_picture(prov=prov)
        item.meta = dl.PictureMeta(classification=dl.PictureClassificationMetaField(predictions=[kind]))
        if text:
            out.add_text(dl.DocItemLabel.TEXT, text, orig=region.text, prov=prov, parent=item)
    elif label == dl.DocItemLabel.FORMULA:
        item = out.add_formula("", orig=region.text, prov=prov)
    elif label == dl.DocItemLabel.SECTION_HEADER:
        numbered = _NUMBERED.match(text)
        level = 1 + numbered[1].count(".") if numbered else 1
        item = out.add_heading(text, orig=region.text, level=level, prov=prov)
    else:
        aside = label in _FURNITURE or plain_name(region.name) == "abandon"
        layer = dl.ContentLayer.FURNITURE if aside else dl.ContentLayer.BODY
        item = out.add_text(label, text, orig=region.text, prov=prov, content_layer=layer)
    return item


def _add_list(out: dl.DoclingDocument, group: dl.ListGroup, region: Region, number: int) -> None:
    """Append a list, an item for each line of its text; all have the list's box."""
    for line in region.text.splitlines() or [""]:
        bullet = _BULLET.match(line)
        marker, text = (bullet[1].strip(), line[bullet.end() :]) if bullet else ("", line)
        counted = any(letter.isalnum() for letter in marker)
        prov = _prov(region, number, len(text))
        out.add_list_item(text, enumerated=counted, marker=marker, orig=line, prov=prov, parent=group)


def _lines(text: str) -> dl.TableData:
    """Return a table of one column whose rows are the lines of a text; a row of dots up to a number is a tab."""
    lines = [_LEADER.sub("\t", line) for line in text.splitlines()]
    cells = [
        dl.TableCell(
            text=line, start_row_offset_idx=k, end_row_offset_idx=k + 1, start_col_offset_idx=0, end_col_offset_idx=1
        )
        for k, line in enumerate(lines)
    ]
    return dl.TableData(num_rows=len(lines), num_cols=min(len(lines), 1), table_cells=cells)


def _prov(region: Region, number: int, length: int) -> dl.ProvenanceItem:
    x0, y0, x1, y1 = region.bbox
    box = dl.BoundingBox(l=x0, t=y0, r=x1, b=y1, coord_origin=dl.CoordOrigin.TOPLEFT)
    return dl.ProvenanceItem(page_no=number, bbox=box, charspan=(0, length))


def _add_pictures(items: dict[str, dl.NodeItem], page: Page, dpi: float) -> None:
    """Give pictures and tables their image, as PNG in a data URI."""
    wanted = {region.name for region in page.regions if isinstance(items[region.id], dl.FloatingItem)}
    for region, image in page.crops(dpi=dpi, classes=wanted):
        item = items[region.id]
        assert isinstance(item, dl.FloatingItem)
        uri = AnyUrl("data:image/png;base64," + base64.b64encode(png_bytes(image)).decode())
        size = dl.Size(width=image.shape[1], height=image.shape[0])
        resolution = round(dpi) if page.unit == "pt" else 72
        item.image = dl.ImageRef(mimetype="image/png", dpi=resolution, size=size, uri=uri)


def _origin(source: str) -> dl.DocumentOrigin | None:
    """Describe the file that a document came from; `None` for a source that is no file, or gone."""
    path = Path(source)
    kind = mimetypes.guess_type(path.name)[0]
    if kind is None or not path.is_file():
        return None
    digest = hashlib.sha256(path.read_bytes()).digest()
    return dl.DocumentOrigin(mimetype=kind, binary_hash=int.from_bytes(digest[-8:], "big"), filename=path.name)
