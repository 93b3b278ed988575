"""The command line of the scripts here: words in, their description for `help`, and errors of ours as one line."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from doclayout.errors import DocLayoutError
from doclayout.options import Mode, Option, parse_options


def read_words(options: Sequence[Option], words: Sequence[str]) -> dict[str, Any]:
    """Return the value or default of each option.

    Raises:
        UsageError: what `parse_options` raises.
    """
    return parse_options(Mode(Path(sys.argv[0]).name, "", {option.name: option for option in options}), [*words])


def read_open_words(options: Sequence[Option], words: Sequence[str]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the value or default of each option, and apart from them whatever else was given.

    Raises:
        UsageError: what `parse_options` raises.
    """
    own = {option.name: option for option in options}
    values = parse_options(Mode(Path(sys.argv[0]).name, "", own, open=True), [*words])
    return {key: values.pop(key) for key in own}, values


def read_positions(least: int, most: int | None = None) -> list[str]:
    """Return the words of the command line; unless they are `least` to `most`, the script ends with its description."""
    words = sys.argv[1:]
    if len(words) < least or (most is not None and len(words) > most):
        print(sys.modules["__main__"].__doc__, file=sys.stderr)
        sys.exit(2)
    return words


def run_script(main: Callable[[], None]) -> None:
    """Call a script's main function, or print its description for `help`.

    An error of ours ends it with a line instead of a traceback.
    """
    if sys.argv[1:2] in (["help"], ["-h"], ["--help"]):
        print(sys.modules["__main__"].__doc__)
        return
    try:
        main()
    except DocLayoutError as error:
        sys.exit(f"error: {error}")
