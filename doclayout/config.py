"""Where the YAML files are: inside the installed package, or in the `cfg` folder beside it in a checkout."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml

_PACKAGE = Path(__file__).resolve().parent


def cfg_dir() -> Path:
    """Return the folder that holds `models`, `schemas` and `synth`."""
    inside = _PACKAGE / "cfg"
    return inside if inside.is_dir() else _PACKAGE.parent / "cfg"


@cache
def load_cfg(name: str) -> Any:
    """Read one YAML below `cfg`, such as `schemas/datasheet21.yaml`; cached, so do not change what it returns.

    Raises:
        FileNotFoundError: there is no such file.
    """
    return yaml.safe_load((cfg_dir() / name).read_text(encoding="utf-8"))
