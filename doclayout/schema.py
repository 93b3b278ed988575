"""Class lists: the names, ids, overlay colours and text flags of a schema."""

from __future__ import annotations

from collections.abc import Sequence
from colorsys import hsv_to_rgb
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache

from doclayout.config import cfg_dir, load_cfg
from doclayout.errors import SchemaError

_TEXT_WORDS = frozenset(("paragraph", "note", "notes", "subtitle", "subheading", "author", "abstract", "address"))


@dataclass(frozen=True)
class Schema:
    """A list of classes; a class id is its position.

    Attributes:
        name: such as `datasheet21`.
        names: class names, in id order.
        colors: RGB triples 0–255, in id order.
        text: per class, whether it is mainly running text.
    """

    name: str
    names: tuple[str, ...]
    colors: tuple[tuple[int, int, int], ...]
    text: tuple[bool, ...]

    def __len__(self) -> int:
        return len(self.names)

    @classmethod
    def of_names(cls, name: str, names: tuple[str, ...]) -> Schema:
        """Make a schema of class names alone, for detectors of other class lists.

        Colours are spread over the hues, and the text flags are those of `text_flags`.
        """
        hues = [(i * 0.61803) % 1.0 for i in range(len(names))]
        colors = tuple((int(c[0] * 200), int(c[1] * 200), int(c[2] * 200)) for c in (hsv_to_rgb(h, 1, 1) for h in hues))
        return cls(name, names, colors, text_flags(names))

    def id_of(self, name: str) -> int:
        """Return the id of a class name.

        Raises:
            SchemaError: the schema has no such class.
        """
        try:
            return self.names.index(name)
        except ValueError:
            raise SchemaError(f"class {name!r} is not in schema {self.name}; it has {', '.join(self.names)}") from None


@cache
def schema_names() -> tuple[str, ...]:
    """Return the names of the schemas that ship with the package, sorted."""
    return tuple(sorted(path.stem for path in (cfg_dir() / "schemas").glob("*.yaml")))


@cache
def load_schema(name: str = "datasheet21") -> Schema:
    """Read a schema that ships with the package.

    Raises:
        SchemaError: there is no schema of that name.
    """
    if name not in schema_names():
        near = get_close_matches(str(name), schema_names(), 1)
        hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(schema_names())}"
        raise SchemaError(f"unknown schema {name!r}; {hint}")
    classes = load_cfg(f"schemas/{name}.yaml")["classes"]
    return Schema(
        name=name,
        names=tuple(c["name"] for c in classes),
        colors=tuple((c["color"][0], c["color"][1], c["color"][2]) for c in classes),
        text=tuple(bool(c["text"]) for c in classes),
    )


def text_flags(names: Sequence[str]) -> tuple[bool, ...]:
    """Return for each class name whether it is mainly running text.

    So it is where a schema that ships says so, whatever the case, or else where its last word is that of such a class:
    `table-note` and `side heading` are text, `logo` is not.
    """
    known = {
        plain_name(name): text
        for schema in map(load_schema, schema_names())
        for name, text in zip(schema.names, schema.text, strict=True)
    }
    words = {name.split()[-1] for name, text in known.items() if text} | _TEXT_WORDS
    return tuple(known.get(plain_name(name), plain_name(name).split(" ")[-1] in words) for name in names)


def plain_name(name: str) -> str:
    """Return a class name in lower case, its words parted by blanks, as lists spell one class in several ways."""
    return name.lower().replace("_", " ").replace("-", " ")


def schema_of(name: str, names: Sequence[str]) -> Schema:
    """Return the shipped schema that has exactly these class names in this order, or else one of the names alone.

    Args:
        name: of the schema where none that ships fits.
        names: class names, in id order.
    """
    for known in map(load_schema, schema_names()):
        if known.names == tuple(names):
            return known
    return Schema.of_names(name, tuple(names))
