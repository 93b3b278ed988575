"""`doclayout synth`: pages to a folder, or a contact sheet of them."""

from __future__ import annotations

from typing import Any

from doclayout.errors import UsageError
from doclayout.options import MODES

_SHEET = ("n", "kind", "seed", "pool", "imgsz", "min_count")  # what a contact sheet depends on


def run(options: dict[str, Any]) -> int:
    """Run the mode with its parsed options and return the exit code.

    Raises:
        UsageError: an option is wrong, neither `out` nor `preview` is given, or `preview` with keys of files.
        SynthError: the pages cannot be made as asked.
    """
    given = {key: value for key, value in options.items() if value != MODES["synth"].options[key].default}
    sheet = given.pop("preview", None)
    if sheet is not None:
        spare = [key for key in given if key not in _SHEET]
        if spare:
            raise UsageError(f"preview= draws pages without writing them; leave out {', '.join(spare)}")
        from synth.preview import preview

        print(preview(sheet, **given))
        return 0
    if "out" not in given:
        raise UsageError("synth needs out=DIR, or preview=SHEET.png")
    from synth.generate import generate

    print(generate(**given))
    return 0
