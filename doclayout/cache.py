"""The folder for what can be made again, which is kept from filling the disk."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from doclayout.saving import replacing

LIMITS = {"compiled": 2e9, "pages": 20e9, "pools": 10e9}
"""Bytes that each folder of the cache is trimmed to; less on a disk that is nearly full."""
RESERVE = 2e9
"""Bytes of the disk that pages leave free."""

_SUFFIXES = {"compiled": ".blob", "pages": ".npy", "pools": ".rgb"}  # of what is trimmed; other files are not touched


def cache_dir(kind: str) -> Path:
    """Return `$DOCLAYOUT_CACHE/<kind>`, or `~/.cache/doclayout/<kind>`.

    Where there is no home, it is in the folder of temporary files.

    Args:
        kind: `compiled` networks, drawn `pages`, or `pools` of elements.
    """
    given = os.environ.get("DOCLAYOUT_CACHE")
    if given:
        return Path(given) / kind
    try:
        return Path.home() / ".cache" / "doclayout" / kind
    except RuntimeError:  # as in a container whose user has no entry
        return Path(tempfile.gettempdir()) / "doclayout" / kind


def keep(path: Path, write: Callable[[BinaryIO], object]) -> None:
    """Write a file of the cache; where the disk has less than `RESERVE` left, or it cannot be written, do nothing."""
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        if shutil.disk_usage(path.parent).free > RESERVE:
            with replacing(path) as part, part.open("wb") as stream:
                write(stream)


def trim_cache(kind: str) -> None:
    """Delete what was used longest ago, until the folder is within its limit and within half of what the disk can give.

    Files that cannot be deleted, or that another process deletes first, are no error.
    """
    folder = cache_dir(kind)
    if not folder.is_dir():
        return
    files = []
    for path in folder.rglob(f"*{_SUFFIXES[kind]}"):
        with suppress(OSError):
            stat = path.lstat()
            files.append((max(stat.st_atime, stat.st_mtime), stat.st_size, path))
    total = sum(size for _, size, _ in files)
    limit = min(LIMITS[kind], (total + shutil.disk_usage(folder).free) / 2)
    for _, size, path in sorted(files):
        if total <= limit:
            return
        with suppress(OSError):
            path.unlink()
            total -= size
