"""`doclayout synth`: pages to a folder, or a contact sheet of them."""

from __future__ import annotations

from typing import Any

from doclayout.errors import UsageError


def run(options: dict[str, Any]) -> int:
    """Run the mode with its parsed options and return the exit code.

    Raises:
        UsageError: neither `out` nor `preview` is given.
        SynthError: the pages cannot be made as asked.
    """
    sheet = options.pop("preview")
    if sheet is not None:
        from synth.preview import preview

        print(preview(sheet, **{key: options[key] for key in ("kind", "seed", "pool")}))
        return 0
    if options["out"] is None:
        raise UsageError("synth needs out=DIR, or preview=SHEET.png")
    from synth.generate import generate

    print(generate(**options))
    return 0
