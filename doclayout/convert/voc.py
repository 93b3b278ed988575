"""Pascal VOC: `JPEGImages/`, one XML a page in `Annotations/`, splits as lists in `ImageSets/Main/`, `labelmap.txt`.

Pixels count from 1 and a box holds its last ones, as in the challenge's development kit, so its left and top are one
more than ours, and its right and bottom the same. Fractions of pixels stay. Scores have no place in it.
"""

from __future__ import annotations

import re
from collections.abc import Container
from pathlib import Path, PurePosixPath
from xml.etree.ElementTree import Element, SubElement

from doclayout.convert.files import read_xml, write_xml
from doclayout.convert.images import find, page_names, pixel_size, write_image
from doclayout.convert.labels import Label, LabelledPage, LabelSet, unique
from doclayout.document import SUFFIXES
from doclayout.errors import LabelFileError, MissingImageError, UsageError
from doclayout.saving import write_atomic
from doclayout.schema import schema_of

_WHAT = "a Pascal VOC annotation"
_CORNERS = ("xmin", "ymin", "xmax", "ymax")
_ALL = "default"
_JOINT = (_ALL, "trainval")
"""Lists of pages without a split, and of those of two splits."""
_FLAGGED = re.compile(r"\s-?[01]\s*$")  # a page with -1, 0 or 1: whether a class is on it
_LABELMAP = "# label:color_rgb:parts:actions"


def read(source: Path, images: Path | None = None) -> LabelSet:
    """Read a Pascal VOC folder. Images without an XML are not labelled, so they are left out.

    Args:
        source: the folder with `Annotations`, or one of XML files; classes come from `labelmap.txt`, as CVAT writes it,
            and without it from what occurs, sorted.
        images: where the pages lie; in `JPEGImages` or `images` there, or beside the XML, by default.

    Raises:
        DatasetError: the data set is broken; its subclasses tell how, and its message where.
    """
    folder = source / "Annotations" if (source / "Annotations").is_dir() else source
    files = sorted(folder.rglob("*.xml"))
    if not files:
        raise LabelFileError(f"source={source}: there are no XML files in {folder}; give a Pascal VOC folder")
    stems = {file.relative_to(folder).with_suffix("").as_posix(): file for file in files}
    splits = _splits(source, stems)
    pages = []
    for stem, file in stems.items():
        folders = ([images] if images else []) + [source / "JPEGImages", source / "images", file.parent]
        pages.append(_page(file, PurePosixPath(stem), splits.get(stem, ""), folders))
    names = _labelmap(source / "labelmap.txt") or tuple(sorted({label.name for p in pages for label in p.labels}))
    return LabelSet(str(source), names, tuple(pages))


def _splits(source: Path, stems: Container[str]) -> dict[str, str]:
    """Return each page's split by its stem; lists of one class (`table_train`) and of two splits are left aside.

    Blanks around a line are part of a stem that has them, and mean nothing otherwise.
    """
    lists = {}
    for file in sorted((source / "ImageSets" / "Main").glob("*.txt")):
        lines = file.read_text(encoding="utf-8", errors="replace").split("\n")
        lists[file.stem] = [line if line in stems else line.strip() for line in lines if line.strip()]
    rows = []
    for split, lines in lists.items():
        of_class = any(split.endswith(f"_{other}") for other in lists) and all(map(_FLAGGED.search, lines))
        if split not in _JOINT and not of_class:
            rows += [(line, split) for line in lines]
    unique(str(source / "ImageSets"), "page", [stem for stem, _ in rows])
    return dict(rows)


def _labelmap(file: Path) -> tuple[str, ...]:
    """Return the classes of a label map, `name:r,g,b:parts:actions` a line, without its background."""
    if not file.is_file():
        return ()
    lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
    rows = [line for line in lines if line.strip() and line != _LABELMAP]
    return tuple(row.rsplit(":", 3)[0] for row in rows if not row.startswith("background:0,0,0:"))


def _page(file: Path, stem: PurePosixPath, split: str, folders: list[Path]) -> LabelledPage:
    root = read_xml(file, "annotation", _WHAT)
    inner = stem.relative_to(split) if split and stem.parts[0] == split else stem
    image = _image(file, stem, (root.findtext("filename") or "").replace("\\", "/"), folders)
    width, height = (_number(file, root, f"size/{key}", 0) for key in ("width", "height"))
    if not (width and height):  # some tools leave it at 0
        width, height = pixel_size(image, str(file))
    labels = []
    for k, item in enumerate(root.iter("object"), 1):
        name, where = " ".join((item.findtext("name") or "").split()), f"{file}: object {k}"
        if not name:
            raise LabelFileError(f"{where} has no name")
        x0, y0, x1, y1 = (_number(file, item, f"bndbox/{key}", None, where) for key in _CORNERS)
        labels.append(Label(name, (x0 - 1, y0 - 1, x1, y1)))
    return LabelledPage(image, str(inner.with_name(image.name)), width, height, labels, 1, split, str(file))


def _image(file: Path, stem: PurePosixPath, filename: str, folders: list[Path]) -> Path:
    """Return the image of a file name as it stands, or without the blanks around it."""

    def look_for(text: str) -> Path:
        name = PurePosixPath(text).name or stem.name
        return find(str(stem.with_name(name)), folders, str(file), sorted(SUFFIXES))

    try:
        return look_for(filename)
    except MissingImageError:
        return look_for(filename.strip())


def _number(file: Path, element: Element, path: str, default: float | None, where: str = "") -> float:
    text = element.findtext(path)
    if text is None and default is not None:
        return default
    try:
        return float(text or "")
    except ValueError:
        raise LabelFileError(f"{where or file}: {path} is {text!r}, not a number") from None


def write(data: LabelSet, folder: Path, size: int) -> None:
    """Write a Pascal VOC folder.

    Args:
        data: what is written.
        folder: of the data set.
        size: long side of pages drawn from PDFs, in pixels.

    Raises:
        UsageError: a split has a name that means something else here.
    """
    taken = sorted(set(_JOINT) & set(data.splits()))
    if taken:
        raise UsageError(f"{data.where}: Pascal VOC keeps the name {' and '.join(taken)} for other lists than splits")
    stems: dict[str, list[str]] = {}
    for page in page_names(data).pages:
        path = PurePosixPath(page.split, page.name)
        drawn = write_image(page, folder / "JPEGImages" / path, size)
        write_xml((folder / "Annotations" / path).with_suffix(".xml"), _annotation(drawn))
        stems.setdefault(page.split or _ALL, []).append(f"{path.with_suffix('')}\n")
    for split, lines in stems.items():
        write_atomic(folder / "ImageSets" / "Main" / f"{split}.txt", "".join(lines).encode())
    colors = schema_of(data.where, data.names).colors
    rows = [f"{name}:{','.join(map(str, color))}::\n" for name, color in zip(data.names, colors, strict=True)]
    write_atomic(folder / "labelmap.txt", "".join([f"{_LABELMAP}\n", *rows]).encode())


def _annotation(page: LabelledPage) -> Element:
    root = Element("annotation")
    SubElement(root, "folder").text = "JPEGImages"
    SubElement(root, "filename").text = PurePosixPath(page.name).name
    sizes = SubElement(root, "size")
    for key, value in (("width", page.width), ("height", page.height), ("depth", 3)):
        SubElement(sizes, key).text = str(value)
    SubElement(root, "segmented").text = "0"
    for label in page.labels:
        item = SubElement(root, "object")
        for key, text in (("name", label.name), ("pose", "Unspecified"), ("truncated", "0"), ("difficult", "0")):
            SubElement(item, key).text = text
        box = SubElement(item, "bndbox")
        x0, y0, x1, y1 = label.bbox
        for key, value in zip(_CORNERS, (x0 + 1, y0 + 1, x1, y1), strict=True):
            SubElement(box, key).text = f"{round(value, 6):.10g}"
    return root
