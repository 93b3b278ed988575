"""Whether a file is still the one that was opened: results read from it again, later."""

from __future__ import annotations

from pathlib import Path

from doclayout.errors import InputError


class FileState:
    """Size and time of change of a source's file, as they were."""

    def __init__(self, data: Path | bytes, name: str) -> None:
        """Note them; bytes do not change.

        Raises:
            InputError: the file is gone, or cannot be read.
        """
        self._data, self._name = data, name
        self._was = self._now()

    def check(self) -> None:
        """Raise InputError if the file is gone, or another than it was."""
        if self._now() != self._was:
            raise InputError(f"{self._name} has changed since it was opened; open it again")

    def _now(self) -> tuple[int, int] | None:
        if isinstance(self._data, bytes):
            return None
        try:
            found = self._data.stat()
        except OSError as error:
            raise InputError(f"{self._name} cannot be read: {error.strerror}") from None
        return found.st_size, found.st_mtime_ns
