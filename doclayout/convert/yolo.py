"""YOLO as ultralytics has it: `data.yaml`, `images/<split>/`, and one text file a page in `labels/<split>/`.

A line is class id, centre x, centre y, width and height, as shares of the image. Scores have no place in it. Read are
also splits that are lists of images in a `.txt`, and lines that are a class id and the corners of an outline, x and y
in turns, of which the box around it is taken.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from doclayout.convert.files import locate, read_yaml
from doclayout.convert.images import page_names, pixel_size, write_image
from doclayout.convert.labels import Label, LabelledPage, LabelSet, unique
from doclayout.document import SUFFIXES
from doclayout.errors import LabelFileError, MissingImageError, UnknownClassError, UsageError
from doclayout.region import Box
from doclayout.saving import write_atomic

_FILE = "data.yaml"
_WHAT = "a YOLO data set's YAML"
_SPLITS = ("train", "val", "test")
_CLASSES = "classes.txt"  # some tools list the names once more among the labels


def read(source: Path, images: Path | None = None) -> LabelSet:
    """Read a YOLO data set; where all its splits are one folder, it has none.

    Args:
        source: its YAML, or the folder with `data.yaml`.
        images: folder that the YAML's paths start from; its own `path`, or where it lies, by default.

    Raises:
        DatasetError: the data set is broken; its subclasses tell how, and its message where.
    """
    path = locate(source, _FILE, _WHAT)
    config = read_yaml(path, _WHAT)
    names = class_names(path, config.get("names"))
    root = images or path.parent / str(config.get("path") or "")
    entries = {split: config[split] for split in _SPLITS if config.get(split)}
    if config.get("validation") and "val" not in entries:
        entries["val"] = config["validation"]
    if not entries:
        raise LabelFileError(f"{path} is not {_WHAT}: it has none of the keys {', '.join(_SPLITS)}")
    if len(entries) > 1 and all(entry == entries[next(iter(entries))] for entry in entries.values()):
        entries = {"": next(iter(entries.values()))}
    pages = []
    for split, entry in entries.items():
        for folder in entry if isinstance(entry, list) else [entry]:
            pages += list(_pages(path, split_path(root, str(folder)), split, names))
    return LabelSet(str(path), names, tuple(pages))


def split_path(root: Path, entry: str) -> Path:
    """Return where a split lies; exports of Roboflow write `../train/images` for what lies beside the YAML."""
    path, beside = root / entry, root / entry.removeprefix("../")
    return beside if beside.exists() and not path.exists() else path


def class_names(path: Path, names: Any) -> tuple[str, ...]:
    """Return the class names of a data set's YAML, which ultralytics takes as a list or by id.

    Raises:
        LabelFileError: they are neither, or ids are not 0, 1, 2 and so on.
    """
    if isinstance(names, list):
        names = dict(enumerate(names))
    by_id = {str(k): str(name) for k, name in names.items()} if isinstance(names, dict) else {}
    if not by_id or set(by_id) != {str(k) for k in range(len(by_id))}:
        raise LabelFileError(f"{path}: names must be a list, or give each id from 0 a name; they are {names!r}")
    return tuple(by_id[str(k)] for k in range(len(by_id)))


def _pages(path: Path, place: Path, split: str, names: tuple[str, ...]) -> Iterator[LabelledPage]:
    """Yield the pages of a folder or list of images, whose labels lie in the folder that has `labels` for `images`."""
    if place.suffix == ".txt" and place.is_file():
        found = _listed(place)
        folder = Path(os.path.commonpath([file.parent for file in found])) if found else place.parent
    elif place.is_dir():
        folder = place
        found = [file for file in sorted(folder.rglob("*")) if file.suffix.lower() in SUFFIXES]
    else:
        raise MissingImageError(f"{path}: {split or 'train'} is {place}, which is no folder or list of images")
    unique(str(place), "image", [str(file.relative_to(folder).with_suffix("")) for file in found])
    labels = _labels_of(folder)
    texts = {_labels_of(file).with_suffix(".txt"): file for file in found}
    for text in sorted(labels.rglob("*.txt")) if place.is_dir() else ():  # a list may leave images out
        if text not in texts and text.name != _CLASSES:
            stem = text.relative_to(labels).with_suffix("")
            raise MissingImageError(f"{text}: there is no image {stem} in {folder}")
    if not any(text.is_file() for text in texts):
        raise LabelFileError(f"{path}: there are no label files in {labels}")
    for text, file in texts.items():  # an image without a label file is a page without boxes
        where = str(text if text.is_file() else file)
        width, height = pixel_size(file, where)
        labelled = _labels(text, names, width, height) if text.is_file() else []
        yield LabelledPage(file, file.relative_to(folder).as_posix(), width, height, labelled, 1, split, where)


def _listed(file: Path) -> list[Path]:
    """Return the images of a list, a path a line; those that begin with `./` lie beside it, as do others if there."""
    lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
    found = [Path(line.strip()) for line in lines if line.strip()]
    found = [file.parent / image if (file.parent / image).is_file() else image for image in found]
    for image in found:
        if not image.is_file():
            raise MissingImageError(f"{file}: there is no image {image}")
    return [Path(os.path.abspath(image)) for image in found]


def _labels_of(images: Path) -> Path:
    """Return where labels of an image or folder are, by ultralytics' rule: the last folder `images` is `labels`."""
    parts = list(images.parts)
    if "images" not in parts:
        return images
    parts[len(parts) - 1 - parts[::-1].index("images")] = "labels"
    return Path(*parts)


def _labels(file: Path, names: tuple[str, ...], width: int, height: int) -> list[Label]:
    labels = []
    for k, line in enumerate(file.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
        if not line.strip():
            continue
        try:
            class_id, *shares = (float(word) for word in line.split())
            x0, y0, x1, y1 = _box(shares)
        except ValueError:
            raise LabelFileError(
                f"{file}: line {k} is {line!r}; a box is class id, centre x, centre y, width and height, or corners"
            ) from None
        if class_id not in range(len(names)):
            raise UnknownClassError(f"{file}: line {k} has class {class_id:g}; names has 0 to {len(names) - 1}")
        labels.append(Label(names[int(class_id)], (x0 * width, y0 * height, x1 * width, y1 * height)))
    return labels


def _box(shares: list[float]) -> Box:
    """Return the xyxy box, in shares of the image, of a centre and a size, or around the three or more corners."""
    if len(shares) >= 6 and len(shares) % 2 == 0:
        return min(shares[::2]), min(shares[1::2]), max(shares[::2]), max(shares[1::2])
    cx, cy, w, h = shares
    return cx - w / 2, cy - h / 2, cx + w / 2, cy + h / 2


def write(data: LabelSet, folder: Path, size: int) -> None:
    """Write a YOLO data set; one without splits has all its pages for training and for validation.

    Args:
        data: what is written.
        folder: of the data set.
        size: long side of pages drawn from PDFs, in pixels.

    Raises:
        UsageError: a split has another name, or some pages have one and some have none.
    """
    ids = {name: k for k, name in enumerate(data.names)}
    odd = [split for split in data.whole_splits() if split and split not in _SPLITS]
    if odd:
        raise UsageError(f"{data.where}: YOLO has the splits {', '.join(_SPLITS)}, and not {', '.join(odd)}")
    for page in page_names(data).pages:
        inner = Path("images", page.split, page.name)
        drawn = write_image(page, folder / inner, size)
        lines = [_line(ids[label.name], label, drawn) for label in drawn.labels]
        write_atomic((folder / _labels_of(inner)).with_suffix(".txt"), "".join(lines).encode())
    splits = {split: f"images/{split}" for split in data.splits() if split} or dict.fromkeys(("train", "val"), "images")
    config = {**splits, "names": dict(enumerate(data.names))}
    write_atomic(folder / _FILE, yaml.safe_dump(config, sort_keys=False, allow_unicode=True).encode())


def _line(class_id: int, label: Label, page: LabelledPage) -> str:
    x0, y0, x1, y1 = label.bbox
    shares = ((x0 + x1) / 2 / page.width, (y0 + y1) / 2 / page.height, (x1 - x0) / page.width, (y1 - y0) / page.height)
    return f"{class_id} {' '.join(f'{v:.10f}' for v in shares)}\n"
