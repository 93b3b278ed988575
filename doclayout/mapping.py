"""Results and labels in another class list, by the tables that its schema states; see `from` in `cfg/schemas`.

Tables are many-to-one. Where one class splits, as captions do into those of figures and of tables, the class of what a
region captions or notes decides.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from types import MappingProxyType
from typing import Any

import numpy.typing as npt

from doclayout.config import load_cfg
from doclayout.errors import SchemaError
from doclayout.layout import Document, Page
from doclayout.region import LINKS
from doclayout.schema import Schema, load_schema
from doclayout.structure import find_structure

Entry = str | Mapping[str, str] | None


@dataclass(frozen=True)
class ClassMap:
    """A table from one class list to another.

    Attributes:
        source: the classes mapped.
        target: the classes that they become.
        table: by source class: the target class; `None` where the target has none for it and its regions go; or a
            choice of target classes by that of the linked region, with `else` for those without a link.

    Raises:
        SchemaError: a source class is missing, or an entry is no class of the target.
    """

    source: Schema
    target: Schema
    table: Mapping[str, Entry]

    def __post_init__(self) -> None:
        own = f"mapping of {self.source.name} to {self.target.name}"
        if set(self.table) != set(self.source.names):
            odd = sorted(set(self.table) ^ set(self.source.names))
            raise SchemaError(f"{own}: needs one entry for each class, see {', '.join(odd)}")
        for name, entry in self.table.items():
            choices = {"else": entry} if entry is None or isinstance(entry, str) else entry
            if "else" not in choices:
                raise SchemaError(f"{own}: {name} has no `else`")
            for cls in [*choices.values(), *(key for key in choices if key != "else")]:
                if cls is not None:
                    self.target.id_of(cls)

    def names_of_labels(
        self, class_ids: Sequence[int], boxes: npt.ArrayLike, width: float, height: float
    ) -> list[str | None]:
        """Return the target class of each labelled box of a page, by links that are found from the boxes.

        Args:
            class_ids: n positions in the source.
            boxes: xyxy, shape (n, 4), as of `find_structure`, like the last two.
            width: of the page.
            height: likewise.
        """
        found = find_structure(boxes, class_ids, self.source, width, height)
        links = [note if to is None else to for to, note in zip(found.captions, found.notes, strict=True)]
        return self.names([self.source.names[i] for i in class_ids], links)

    def names(self, names: Sequence[str], links: Sequence[int | None]) -> list[str | None]:
        """Return the target class of each region of a page, `None` for those that go.

        Args:
            names: source classes.
            links: for each region, the index of the one that it captions or notes, or `None`.
        """
        return [self._name(name, None if to is None else names[to]) for name, to in zip(names, links, strict=True)]

    def _name(self, name: str, linked: str | None) -> str | None:
        entry = self.table[name]
        if entry is None or isinstance(entry, str):
            return entry
        return entry.get((None if linked is None else self._name(linked, None)) or "else", entry["else"])


@cache
def class_map(source: Schema, target: str) -> ClassMap:
    """Return the table from one class list to a schema that ships.

    Raises:
        SchemaError: there is no such schema, or it states no table for the source.
    """
    to = load_schema(target)
    if source == to:
        return ClassMap(source, to, MappingProxyType({name: name for name in source.names}))
    tables = load_cfg(f"schemas/{target}.yaml").get("from", {})
    if source.name not in tables:
        known = f"it has one from {', '.join(tables)}" if tables else "it has none"
        raise SchemaError(f"schema {target} states no mapping from {source.name}; {known}")
    return ClassMap(source, to, tables[source.name])


def map_page(page: Page, mapping: ClassMap) -> Page:
    """Return a page with its regions in the target's classes, in the same order; ids stay, and links among them."""
    place: dict[str | None, int] = {region.id: k for k, region in enumerate(page.regions)}
    links = [place.get(region.caption_of or region.note_of) for region in page.regions]
    names = mapping.names([region.name for region in page.regions], links)
    kept = [(region, name) for region, name in zip(page.regions, names, strict=True) if name is not None]
    ids = {region.id for region, _ in kept}
    regions = []
    for k, (region, name) in enumerate(kept):
        linked = {key: link for key in LINKS if (link := getattr(region, key)) in ids}
        changed: dict[str, Any] = {**dict.fromkeys(LINKS), **linked, "name": name, "order": k}
        regions.append(replace(region, class_id=mapping.target.id_of(name), **changed))
    return replace(page, regions=regions, schema=mapping.target)


def map_document(document: Document, mapping: ClassMap) -> Document:
    """Return a result with all its pages in the target's classes."""
    pages = [map_page(page, mapping) for page in document.pages]
    return replace(document, schema=mapping.target, pages=pages)
