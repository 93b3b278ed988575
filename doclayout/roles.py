"""The part that a class plays on a page, told from its name and text flag, so that structure fits every schema."""

from __future__ import annotations

from functools import cache
from typing import Literal

from doclayout.schema import Schema, plain_name

Role = Literal["header", "footer", "title", "heading", "caption", "footnote", "formula", "graphic", "text"]

_NAMED: dict[str, Role] = {
    "header": "header",
    "page header": "header",
    "footer": "footer",
    "page footer": "footer",
    "heading": "heading",
    "section header": "heading",
    "footnote": "footnote",
    "table footnote": "footnote",
}


@cache
def roles(schema: Schema) -> tuple[Role, ...]:
    """Return each class's role, in id order.

    Classes whose name ends in "caption" are captions; classes that are not text are graphics, tables included. "title"
    is the document's title where the schema has headings besides, and is a heading itself where it has none.
    """
    names = [plain_name(name) for name in schema.names]
    title: Role = "title" if any(_NAMED.get(name) == "heading" for name in names) else "heading"
    return tuple(_role(name, text, title) for name, text in zip(names, schema.text, strict=True))


def _role(name: str, text: bool, title: Role) -> Role:
    if not text:
        return "graphic"
    if name.endswith("caption"):
        return "caption"
    if name.endswith(("formula", "equation")):
        return "formula"
    return title if name == "title" else _NAMED.get(name, "text")
