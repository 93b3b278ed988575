"""The command line of the scripts here: `key=value` words in, and errors of ours as one line."""

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


def run_script(main: Callable[[], None]) -> None:
    """Call a script's main function; an error of ours ends it with a line instead of a traceback."""
    try:
        main()
    except DocLayoutError as error:
        sys.exit(f"error: {error}")
