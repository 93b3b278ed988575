"""What a folder of crops holds: a journal in SQLite that survives being killed, and the index made of it.

A document enters the journal in one transaction, after its pictures are written. So a run that is stopped anywhere
leaves whole documents and at most one without entries, which the next run does again. The lock of the database keeps a
second run out of the folder.
"""

from __future__ import annotations

import csv
import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from doclayout.errors import UsageError
from doclayout.region import PageError
from doclayout.saving import claims, replacing, unique_stem

NAME = "crops.sqlite"

COLUMNS = {
    "document": "TEXT", "page": "INTEGER", "id": "TEXT", "class": "TEXT", "score": "REAL",
    "x0": "REAL", "y0": "REAL", "x1": "REAL", "y1": "REAL", "unit": "TEXT",
    "caption": "TEXT", "text": "TEXT", "file": "TEXT",
}  # fmt: skip
"""Columns of the index, with their type in SQLite."""

_TABLES = f"""
CREATE TABLE IF NOT EXISTS settings (json TEXT);
CREATE TABLE IF NOT EXISTS documents (document TEXT PRIMARY KEY, stem TEXT, state TEXT, failed INTEGER);
CREATE TABLE IF NOT EXISTS errors (document TEXT, page INTEGER, error TEXT, message TEXT);
CREATE TABLE IF NOT EXISTS crops ({", ".join(f"{name} {kind}" for name, kind in COLUMNS.items())}, position INTEGER);
"""


@dataclass(frozen=True)
class Crop:
    """A row of the index.

    Attributes:
        document: its path, as given.
        page: counted from 1.
        id: of the region.
        name: of its class.
        score: 0 to 1.
        x0: left edge in the page as displayed, origin top left, in `unit`; `y0`, `x1` and `y1` likewise.
        unit: `pt` or `px`.
        caption: text of its captions, or their ids where they have no text; empty without captions.
        text: that stands in it.
        file: the picture, relative to the folder.
    """

    document: str
    page: int
    id: str
    name: str
    score: float
    x0: float
    y0: float
    x1: float
    y1: float
    unit: str
    caption: str
    text: str
    file: str


class Journal:
    """The journal of a folder of crops; a context manager.

    Args:
        folder: made where it is missing.
        settings: of the run, as JSON knows them.

    Raises:
        UsageError: the folder holds other things, crops of other settings, or is in use by another run.
    """

    def __init__(self, folder: Path, settings: Mapping[str, Any]):
        self.folder = folder
        self._states: dict[str, str] = {}
        if folder.exists() and not (folder / NAME).exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise UsageError(f"{folder} is not empty, and no folder of crops; give another out=")
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._base = sqlite3.connect(folder / NAME, timeout=0)
        except (OSError, sqlite3.OperationalError) as error:
            raise UsageError(f"out={folder} cannot be made or written: {error}") from None
        try:
            self._open(settings)
        except sqlite3.DatabaseError as error:
            self._base.close()
            raise UsageError(f"{folder / NAME} is in use by another run, or damaged: {error}") from None
        except UsageError:
            self._base.close()
            raise

    def _open(self, settings: Mapping[str, Any]) -> None:
        """Lock the journal, and check or note the settings."""
        self._base.execute("PRAGMA locking_mode=EXCLUSIVE")
        self._base.executescript(f"BEGIN EXCLUSIVE; {_TABLES} COMMIT;")
        for part in self.folder.glob(".*.part"):
            part.unlink()
        now = json.loads(json.dumps(settings))
        row = self._base.execute("SELECT json FROM settings").fetchone()
        if row is None:
            with self._base:
                self._base.execute("INSERT INTO settings VALUES (?)", [json.dumps(settings)])
        before = json.loads(row[0]) if row else now
        changed = [f"{key} was {before.get(key)!r}, is {now[key]!r}" for key in now if before.get(key) != now[key]]
        if changed:
            raise UsageError(f"{self.folder} holds crops of other settings ({'; '.join(changed)}); give another out=")
        rows = self._base.execute("SELECT document, stem, state, failed FROM documents").fetchall()
        self._done: dict[str, str] = {row[0]: row[2] for row in rows if not row[3]}
        self._stems: dict[str, str] = {row[0]: row[1] for row in rows}
        self._taken = set[str]().union(*(claims(row[1]) for row in rows))

    def __enter__(self) -> Journal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._base.close()

    def holds(self, path: Path) -> bool:
        """Tell whether a document is entered without errors, and its file has not changed since."""
        state = _state(path)
        self._states[str(path)] = state
        return self._done.get(_storable(str(path))) == state

    def stem(self, document: str) -> str:
        """Return the name of a document's folder: the one that it has, or one that no other has."""
        document = _storable(document)
        if document not in self._stems:
            self._stems[document] = unique_stem(document, self._taken)
        return self._stems[document]

    def remove(self, document: str) -> None:
        """Forget what a document gave, before its pictures go: the index names no picture that is not there."""
        document = _storable(document)
        with self._base:
            self._base.execute("UPDATE documents SET failed = 1 WHERE document = ?", [document])
            for table in ("crops", "errors"):
                self._base.execute(f"DELETE FROM {table} WHERE document = ?", [document])

    def add(self, document: str, crops: Sequence[Crop], errors: Sequence[PageError]) -> None:
        """Enter what a document gave, which `holds` was asked about and `remove` has made room for.

        Args:
            document: its path, as given.
            crops: in the order of the index.
            errors: of its pages; a document with errors is done again by the next run.
        """
        with self._base:
            entry = (_storable(document), self.stem(document), self._states.pop(document), bool(errors))
            self._base.execute("INSERT OR REPLACE INTO documents VALUES (?, ?, ?, ?)", entry)
            marks = ", ".join("?" * (len(COLUMNS) + 1))
            rows = [(*map(_storable, astuple(crop)), k) for k, crop in enumerate(crops)]
            self._base.executemany(f"INSERT INTO crops VALUES ({marks})", rows)
            failed = [tuple(map(_storable, (document, *astuple(error)))) for error in errors]
            self._base.executemany("INSERT INTO errors VALUES (?, ?, ?, ?)", failed)

    def write_index(self) -> int:
        """Write `index.csv`, `index.parquet` and `errors.csv`, and return how many crops there are.

        Raises:
            OSError: the disk is full, or cannot be written.
            sqlite3.OperationalError: likewise.
        """
        rows = self._base.execute(f"SELECT {', '.join(COLUMNS)} FROM crops ORDER BY document, position")
        count = _write_csv(self.folder / "index.csv", list(COLUMNS), rows)
        rows = self._base.execute("SELECT * FROM errors ORDER BY document, page")
        _write_csv(self.folder / "errors.csv", ["document", "page", "error", "message"], rows)
        _write_parquet(self.folder)
        return count


def _storable(value: Any) -> Any:
    """Return what a database and UTF-8 can hold: of text, what is no character, as in odd file names, escaped."""
    return value.encode("utf-8", "backslashreplace").decode() if isinstance(value, str) else value


def _state(path: Path) -> str:
    """Return what changes when a file is written: its size and time; empty where they cannot be had."""
    try:
        stat = path.stat()
    except OSError:
        return ""
    return f"{stat.st_size} {stat.st_mtime_ns}"


def _write_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    count = 0
    with replacing(path) as part, part.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        for row in rows:
            writer.writerow(row)
            count += 1
    return count


def _write_parquet(folder: Path) -> None:
    """Turn the CSV index into Parquet, in pieces."""
    import polars as pl

    kinds = {"TEXT": pl.String, "INTEGER": pl.Int64, "REAL": pl.Float64}
    schema = {name: kinds[kind]() for name, kind in COLUMNS.items()}
    with replacing(folder / "index.parquet") as part:
        index = pl.scan_csv(folder / "index.csv", schema=schema)
        try:
            index.with_columns(pl.col(pl.String).fill_null("")).sink_parquet(part)
        except pl.exceptions.PolarsError as error:
            raise OSError(f"{part}: {error}") from None
