"""Label records of a split: COCO files, or YOLO folders by ultralytics' own reader."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from doclayout.errors import DatasetError
from doclayout.train.coco import read_coco


def read_split(paths: str | list[str], names: dict[int, str]) -> list[dict[str, Any]]:
    """Return one record per image; see `read_coco`.

    Raises:
        DatasetError: a file or folder cannot be read.
    """
    records: list[dict[str, Any]] = []
    for path in [Path(p) for p in ([paths] if isinstance(paths, str) else paths)]:
        records += read_coco(path, names) if path.suffix == ".json" else _read_yolo(path, names)
    return records


def _read_yolo(path: Path, names: dict[int, str]) -> list[dict[str, Any]]:
    from ultralytics.data.dataset import YOLODataset

    try:
        dataset = YOLODataset(img_path=str(path), data={"names": names, "nc": len(names)}, augment=False)
    except (FileNotFoundError, RuntimeError, ValueError) as error:
        raise DatasetError(f"{path} is not a YOLO data set: {error}") from error
    return dataset.labels  # type: ignore[no-any-return]
