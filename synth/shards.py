"""An output folder in shards: written whole or not at all, so that a run may be killed and continued."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from doclayout.errors import SynthError
from doclayout.schema import Schema

SHARD = 50  # pages


def shard_name(start: int, stop: int) -> str:
    """Return the file name of the shard of pages start to stop - 1."""
    return f"{start:07d}-{stop:07d}.json"


def claim(out: Path, settings: dict[str, Any], n: int) -> None:
    """Make `out` the folder of the run with these settings, or check that it already is and has no page beyond n.

    Raises:
        SynthError: it holds another run's data, or cannot be written.
    """
    record = out / "run.json"
    if record.is_file():
        before = json.loads(record.read_text())
        changed = [key for key in sorted(before.keys() | settings.keys()) if before.get(key) != settings.get(key)]
        if changed:
            found = ", ".join(f"{key}={before.get(key)!r} instead of {settings.get(key)!r}" for key in changed)
            raise SynthError(f"{out} holds another run's data ({found}); give another folder, or the same settings")
        most = max((int(path.stem.split("-")[1]) for path in (out / "shards").glob("*.json")), default=0)
        if most > n:
            raise SynthError(f"{out} already holds {most} pages, more than n={n}; give another folder, or n={most}")
        return
    if out.is_dir() and any(out.iterdir()):
        raise SynthError(f"{out} is not empty and no synthesis run's folder; give another folder")
    with disk_errors(out):
        (out / "images").mkdir(parents=True, exist_ok=True)
        (out / "shards").mkdir(exist_ok=True)
        write_whole(record, json.dumps(settings, indent=1).encode())


@contextmanager
def disk_errors(out: Path) -> Iterator[None]:
    """Turn a failed write into a SynthError that says whether the disk is full."""
    try:
        yield
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        what = "the disk is full" if full else str(error)
        raise SynthError(f"cannot write to {out}: {what}; what is whole is kept, run again to go on") from error


def write_whole(path: Path, data: bytes) -> None:
    """Write a file under a temporary name and rename it, so that it is whole or absent."""
    part = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        part.write_bytes(data)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def merge(out: Path, shards: list[tuple[int, int]], schema: Schema) -> None:
    """Write `annotations.json` (COCO) from the shards, holding one of them in memory at a time.

    Shards left from a run of fewer pages are removed.
    """
    target = out / "annotations.json"
    part = target.with_name(f".{target.name}.{os.getpid()}")
    categories = [{"id": i, "name": name} for i, name in enumerate(schema.names)]
    try:
        with disk_errors(out), part.open("w") as stream:
            stream.write('{"categories": ' + json.dumps(categories))
            for key in ("images", "annotations"):
                stream.write(f',\n"{key}": [')
                stream.writelines(_rows(out, shards, key))
                stream.write("]")
            stream.write("}\n")
            stream.flush()
            part.replace(target)
        for path in set((out / "shards").glob("*.json")) - {out / "shards" / shard_name(*shard) for shard in shards}:
            path.unlink()
    finally:
        part.unlink(missing_ok=True)


def _rows(out: Path, shards: list[tuple[int, int]], key: str) -> Iterator[str]:
    """Yield the JSON rows of one key, comma-separated; annotation ids count from 1 in page order."""
    lead, number = "\n", 0
    for start, stop in shards:
        for row in json.loads((out / "shards" / shard_name(start, stop)).read_text())[key]:
            number += 1
            yield lead + json.dumps({**row, "id": number} if key == "annotations" else row)
            lead = ",\n"
