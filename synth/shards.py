"""An output folder in shards: written whole or not at all, so that a run may be killed and continued."""

from __future__ import annotations

import errno
import io
import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from PIL import Image

from doclayout.errors import SynthError
from doclayout.saving import replacing, write_atomic
from doclayout.schema import Schema
from synth.page import SynthPage
from synth.recipe import Recipe

SHARD = 50  # pages
Shard = tuple[int, int]
"""First page of a shard, and the page after its last."""


def shards_of(n: int) -> list[Shard]:
    """Return the shards of a run of n pages."""
    return [(start, min(start + SHARD, n)) for start in range(0, n, SHARD)]


def shard_name(shard: Shard) -> str:
    """Return the name of a shard's file, which holds its labels, in the run's folder."""
    return f"shards/{shard[0]:07d}-{shard[1]:07d}.json"


def claim(out: Path, settings: dict[str, Any], n: int) -> None:
    """Make `out` the folder of the run with these settings, or check that it already is and has no page beyond n.

    Raises:
        SynthError: it holds another run's data, or cannot be written.
    """
    record = out / "run.json"
    if record.is_file():
        before = _record(record)
        changed = [key for key in sorted(before.keys() | settings.keys()) if before.get(key) != settings.get(key)]
        if changed:
            found = ", ".join(f"{key}={before.get(key)!r} instead of {settings.get(key)!r}" for key in changed)
            raise SynthError(f"{out} holds another run's data ({found}); give another folder, or the same settings")
        most = max((int(path.stem.split("-")[1]) for path in (out / "shards").glob("*[0-9]-*[0-9].json")), default=0)
        if most > n:
            raise SynthError(f"{out} already holds {most} pages, more than n={n}; give another folder, or n={most}")
        return
    if out.is_dir() and any(out.iterdir()):
        raise SynthError(f"{out} is not empty and no synthesis run's folder; give another folder")
    with disk_errors(out):
        (out / "images").mkdir(parents=True, exist_ok=True)
        (out / "shards").mkdir(exist_ok=True)
        write_atomic(record, json.dumps(settings, indent=1).encode())


def _record(file: Path) -> dict[str, Any]:
    """Return the settings of the run that a folder holds."""
    try:
        settings = json.loads(file.read_text())
    except (OSError, ValueError):
        settings = None
    if not isinstance(settings, dict):
        raise SynthError(f"{file} is damaged, or no synthesis run's; give another folder")
    return settings


@contextmanager
def disk_errors(out: Path) -> Iterator[None]:
    """Turn a failed write into a SynthError that says whether the disk is full."""
    try:
        yield
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        what = "the disk is full" if full else str(error)
        raise SynthError(f"cannot write to {out}: {what}; what is whole is kept, run again to go on") from error


def shard_files(recipe: Recipe, shard: Shard) -> Iterator[tuple[str, bytes]]:
    """Make the pages of a shard and yield its files, name in the run's folder and bytes; the labels come last."""
    rows: dict[str, list[dict[str, Any]]] = {"images": [], "annotations": []}
    for index in range(*shard):
        page = recipe.page(index)
        name = f"images/{index:07d}.{recipe.format}"
        height, width = page.image.shape[:2]
        rows["images"].append({"id": index + 1, "file_name": name, "width": width, "height": height})
        rows["annotations"].extend(_annotations(page, index + 1))
        yield name, encode(page, recipe.format)
    yield shard_name(shard), json.dumps(rows).encode()


def write_shard(out: Path, shard: Shard, files: Iterable[tuple[str, bytes]]) -> int:
    """Write a shard's files; return the number of its pages.

    Raises:
        SynthError: one cannot be written.
    """
    with disk_errors(out):
        for name, data in files:
            write_atomic(out / name, data)
    return shard[1] - shard[0]


def encode(page: SynthPage, format: str) -> bytes:
    """Return the page's file.

    Raises:
        SynthError: it has no PDF, or is too large and too noisy for a WebP.
    """
    if format == "pdf":
        if page.pdf is None:
            raise SynthError("this page has no PDF; format=pdf needs kind=datasheet")
        return page.pdf
    buffer = io.BytesIO()
    options: dict[str, Any] = {"quality": 90, "method": 0} if format == "webp" else {"compress_level": 3}
    try:
        Image.fromarray(page.image).save(buffer, format, **options)
    except ValueError as error:
        size = " x ".join(map(str, page.image.shape[1::-1]))
        raise SynthError(
            f"a {format} cannot hold this page of {size} pixels ({error}); give format=png, or a smaller imgsz"
        ) from error
    return buffer.getvalue()


def _annotations(page: SynthPage, image_id: int) -> list[dict[str, Any]]:
    rows = []
    for (x0, y0, x1, y1), class_id in zip(page.boxes.tolist(), page.class_ids.tolist(), strict=True):
        bbox = [round(v, 1) for v in (x0, y0, x1 - x0, y1 - y0)]
        area = round(bbox[2] * bbox[3], 1)
        rows.append({"image_id": image_id, "category_id": class_id, "bbox": bbox, "area": area, "iscrowd": 0})
    return rows


def merge(out: Path, shards: list[Shard], schema: Schema) -> None:
    """Write `annotations.json` (COCO) from the shards, holding one of them in memory at a time.

    Shards left from a run of fewer pages are removed, and pages past the last, of a shard that was not finished.
    """
    categories = [{"id": i, "name": name} for i, name in enumerate(schema.names)]
    with disk_errors(out):
        with replacing(out / "annotations.json") as part, part.open("w") as stream:
            stream.write('{"categories": ' + json.dumps(categories))
            for key in ("images", "annotations"):
                stream.write(f',\n"{key}": [')
                stream.writelines(_rows(out, shards, key))
                stream.write("]")
            stream.write("}\n")
        for path in set((out / "shards").glob("*.json")) - {out / shard_name(shard) for shard in shards}:
            path.unlink()
        for path in (out / "images").glob("[0-9]*"):
            if int(path.stem) >= shards[-1][1]:
                path.unlink()


def _rows(out: Path, shards: list[Shard], key: str) -> Iterator[str]:
    """Yield the JSON rows of one key, comma-separated; annotation ids count from 1 in page order."""
    lead, number = "\n", 0
    for shard in shards:
        for row in json.loads((out / shard_name(shard)).read_text())[key]:
            number += 1
            yield lead + json.dumps({**row, "id": number} if key == "annotations" else row)
            lead = ",\n"


def write_yolo(out: Path, shards: list[Shard], schema: Schema) -> None:
    """Write `labels/` and `data.yaml` beside the images, as ultralytics' YOLO data sets have them."""
    with disk_errors(out):
        for shard in shards:
            rows = json.loads((out / shard_name(shard)).read_text())
            lines: dict[int, list[str]] = {image["id"]: [] for image in rows["images"]}
            sizes = {image["id"]: (image["width"], image["height"]) for image in rows["images"]}
            for row in rows["annotations"]:
                (x, y, w, h), (width, height) = row["bbox"], sizes[row["image_id"]]
                shares = ((x + w / 2) / width, (y + h / 2) / height, w / width, h / height)
                lines[row["image_id"]].append(f"{row['category_id']} {' '.join(f'{v:.6f}' for v in shares)}\n")
            for image in rows["images"]:
                stem = Path(image["file_name"]).stem
                write_atomic(out / "labels" / f"{stem}.txt", "".join(lines[image["id"]]).encode())
        names = "".join(f"  {i}: {name}\n" for i, name in enumerate(schema.names))
        write_atomic(out / "data.yaml", f"train: images\nval: images\nnames:\n{names}".encode())
