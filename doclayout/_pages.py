"""Page selections such as `1-3,7,-1`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from operator import index
from typing import TypeAlias

from doclayout.errors import PageRangeError

PagesLike: TypeAlias = str | int | Sequence[int] | None

_RANGE = re.compile(r"(-?[1-9]\d{0,8})(?:(-)(-?[1-9]\d{0,8})?)?")


def select_pages(pages: PagesLike, count: int) -> list[int]:
    """Turn a selection, as `open_document` takes it, into page numbers without repeats, in the order asked for.

    Returns:
        Numbers of 1 and above, or below `-count`; those that are no page of the document are kept, a range's past the
        end as one.

    Raises:
        PageRangeError: the selection does not parse.
    """
    if pages is None:
        return list(range(1, count + 1))
    if isinstance(pages, str):
        numbers = [number for part in pages.split(",") for number in _parse_range(part.strip(), pages, count)]
    else:
        try:
            numbers = [_from_end(index(page), count) for page in (pages if isinstance(pages, Iterable) else [pages])]
        except TypeError:
            raise PageRangeError(f"pages={pages!r}: expected whole numbers, or text such as 1-3,7,-1") from None
    if 0 in numbers:
        raise PageRangeError(f"pages={pages!r}: pages count from 1")
    if not numbers:
        raise PageRangeError(f"pages={pages!r} selects nothing")
    return list(dict.fromkeys(numbers))


def is_selection(text: str) -> bool:
    """Tell whether a text is a selection; which pages it selects, if any, hangs on the document, unless none can be."""
    parts = [_RANGE.fullmatch(part.strip()) for part in text.split(",")]
    return all(part and not (part[3] and 0 < int(part[3]) < int(part[1])) for part in parts)


def _parse_range(part: str, pages: str, count: int) -> list[int]:
    match = _RANGE.fullmatch(part)
    if match is None:
        raise PageRangeError(f"pages={pages!r}: {part!r} is no page or range; write such as 1-3,7,-1 (last), 10-")
    first = _from_end(int(match[1]), count)
    if not match[2]:
        return [first]
    last = _from_end(int(match[3]), count) if match[3] else max(first, count)
    if last < first:
        raise PageRangeError(f"pages={pages!r}: {part!r} runs backwards in a document of {count} page(s)")
    if first > count:
        return [first]
    return list(range(max(first, 1), min(last, count + 1) + 1))


def _from_end(number: int, count: int) -> int:
    return count + 1 + number if -count <= number < 0 else number
