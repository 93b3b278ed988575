"""Small fitted models, kept as arrays in NPZ files."""

from __future__ import annotations

import zlib
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

from doclayout.errors import WeightsError
from doclayout.saving import replacing


def read_npz(path: Path) -> dict[str, npt.NDArray[Any]]:
    """Return the arrays of a file by name; no code in it is run.

    Raises:
        WeightsError: the file is missing or damaged.
    """
    try:
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as file:
            return {name: file[name] for name in file.files}
    except (OSError, EOFError, AttributeError, TypeError, ValueError, RuntimeError, BadZipFile, zlib.error) as error:
        raise WeightsError(f"{path} cannot be read: {error}") from None


def write_npz(path: Path, **arrays: npt.ArrayLike) -> None:
    """Write arrays, whole or not at all."""
    with replacing(path) as part, part.open("wb") as stream:
        np.savez_compressed(stream, **{name: np.asarray(array) for name, array in arrays.items()})  # type: ignore[arg-type]
