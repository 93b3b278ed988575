"""Classes renamed: as the user says, then by the table that a schema states."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path

from doclayout.convert.files import read_yaml
from doclayout.convert.labels import LabelledPage, LabelSet
from doclayout.errors import SchemaError, UnknownClassError, UsageError
from doclayout.mapping import ClassMap, class_map
from doclayout.schema import Schema, load_schema, schema_names


def parse_map(text: str | None) -> dict[str, str | None]:
    """Read `old:new,old:new`, or the YAML of that name; boxes of a class mapped to nothing go.

    Raises:
        UsageError: it is neither, or renames a class twice.
    """
    if not text:
        return {}
    if text.endswith((".yaml", ".yml")):
        table = read_yaml(Path(text), "a YAML of class names, old: new")
        return {str(old): None if new is None else str(new) for old, new in table.items()}
    pairs = [pair.rpartition(":") for pair in text.split(",")]
    if any(not old.strip() for old, _, _ in pairs):
        raise UsageError(f"map={text}: write map=old:new,old:new, or the name of a YAML")
    twice = [old for old, count in Counter(old.strip() for old, _, _ in pairs).items() if count > 1]
    if twice:
        raise UsageError(f"map={text} gives {', '.join(twice)} more than once")
    return {old.strip(): new.strip() or None for old, _, new in pairs}


def rename(data: LabelSet, table: Mapping[str, str | None], schema: str | None) -> LabelSet:
    """Return the set with its classes renamed.

    Args:
        data: the set.
        table: new names of classes, `None` for those whose boxes go; applied first. Others keep theirs.
        schema: that the classes are to be of; where they are not, but are another schema's that it states a table
            for, that is applied.

    Raises:
        UnknownClassError: the table names a class that the set does not have, or a class is not in the schema.
        SchemaError: there is no such schema.
    """
    unknown = [name for name in table if name not in data.names]
    if unknown:
        raise UnknownClassError(f"{data.where}: map= renames {unknown[0]!r}; its classes are {', '.join(data.names)}")
    new = {name: table.get(name, name) for name in data.names}
    names = tuple(dict.fromkeys(name for name in new.values() if name is not None))
    pages = tuple(_renamed(page, [new[label.name] for label in page.labels]) for page in data.pages)
    data = replace(data, names=names, pages=pages)
    return _in_schema(data, load_schema(schema)) if schema else data


def _in_schema(data: LabelSet, target: Schema) -> LabelSet:
    pages = data.pages
    strange = [name for name in data.names if name not in target.names]
    if strange:
        mapping = _stated(data.names, target)
        if mapping is None:
            near = get_close_matches(strange[0], target.names, 1)
            hint = f"is it {near[0]}? " if near else ""
            raise UnknownClassError(
                f"{data.where}: {', '.join(map(repr, strange))} is not in schema {target.name} "
                f"({', '.join(target.names)}); {hint}Say so with map=old:new, or map=old: to leave its boxes out"
            )
        pages = tuple(_mapped(page, mapping) for page in data.pages)
    return replace(data, names=target.names, pages=pages)


def _stated(names: tuple[str, ...], target: Schema) -> ClassMap | None:
    """Return the table from the shipped schema of just these names, or else of more, where the target states one."""
    sources = [schema for schema in map(load_schema, schema_names()) if set(names) <= set(schema.names)]
    same = [schema for schema in sources if len(schema) == len(names)]  # PubLayNet's are among ours, and mean more
    for source in same or sources:
        try:
            return class_map(source, target.name)
        except SchemaError:
            continue
    return None


def _mapped(page: LabelledPage, mapping: ClassMap) -> LabelledPage:
    ids = [mapping.source.id_of(label.name) for label in page.labels]
    boxes = [label.bbox for label in page.labels]
    return _renamed(page, mapping.names_of_labels(ids, boxes, page.width, page.height))


def _renamed(page: LabelledPage, names: list[str | None]) -> LabelledPage:
    labels = [replace(x, name=name) for x, name in zip(page.labels, names, strict=True) if name is not None]
    return replace(page, labels=labels)
