"""CVAT for images 1.1: `annotations.xml` beside `images/`, as CVAT's export of that name holds them.

https://docs.cvat.ai/docs/manual/advanced/xml_format/ describes it. Scores have no place in it.
"""

from __future__ import annotations

from pathlib import Path
from xml.etree.ElementTree import Element, SubElement

from doclayout.convert.files import locate, read_xml, write_xml
from doclayout.convert.images import find, page_names, write_image
from doclayout.convert.labels import Label, LabelledPage, LabelSet, unique
from doclayout.errors import BoxError, LabelFileError, UsageError
from doclayout.schema import schema_of

_FILE = "annotations.xml"
_WHAT = "an export of CVAT for images 1.1"
_NO_SUBSET = "default"
"""What CVAT calls the subset of images that are in none."""
_CORNERS = ("xtl", "ytl", "xbr", "ybr")
_OTHER_SHAPES = frozenset({"polygon", "polyline", "points", "cuboid", "mask", "ellipse", "skeleton"})


def read(source: Path, images: Path | None = None) -> LabelSet:
    """Read CVAT's XML; the classes are the labels of its task or project.

    Args:
        source: the XML, or the folder with `annotations.xml`.
        images: where the pages lie; in `images` beside the XML by default.

    Raises:
        DatasetError: the data set is broken; its subclasses tell how, and its message where.
    """
    path = locate(source, _FILE, _WHAT)
    root = read_xml(path, "annotations", _WHAT)
    if root.find("track") is not None:
        raise LabelFileError(f"{path} holds tracks of a video; export it from CVAT as 'CVAT for images 1.1'")
    items = root.findall("image")
    unique(str(path), "image id", [item.get("id") for item in items])
    pages = [_page(path, item, images) for item in items]
    listed = [" ".join((label.text or "").split()) for label in root.iterfind("meta/*/labels/label/name")]
    names = tuple(listed) or tuple(sorted({label.name for page in pages for label in page.labels}))
    return LabelSet(str(path), names, tuple(pages))


def _page(path: Path, item: Element, images: Path | None) -> LabelledPage:
    name, subset = item.get("name", ""), item.get("subset", "")
    split = "" if subset == _NO_SUBSET else subset
    where = f"{path}: image {item.get('id')} ({name})"
    beside = path.parent / "images"
    folders = ([images / subset, images] if images else []) + [beside / subset, beside, path.parent]
    labels = []
    for k, shape in enumerate(item, 1):
        what = f"{where}: shape {k}"
        if shape.tag in _OTHER_SHAPES:
            raise LabelFileError(f"{what} is a {shape.tag}; only boxes can be read, so remove it or draw a box")
        if shape.tag == "box":
            labels.append(_label(shape, what))
    width, height = (_number(item, key, where) for key in ("width", "height"))
    return LabelledPage(find(name, folders, where), name, width, height, labels, 1, split, where)


def _label(shape: Element, where: str) -> Label:
    name = " ".join(shape.get("label", "").split())
    if not name:
        raise LabelFileError(f"{where} has no label")
    if shape.get("rotation") and _number(shape, "rotation", where):
        raise BoxError(f"{where} is rotated by {shape.get('rotation')} degrees; boxes are upright, so turn it back")
    x0, y0, x1, y1 = (_number(shape, key, where) for key in _CORNERS)
    return Label(name, (x0, y0, x1, y1))


def _number(element: Element, key: str, where: str) -> float:
    try:
        return float(element.get(key, ""))
    except ValueError:
        raise LabelFileError(f"{where}: {key} is {element.get(key)!r}, not a number") from None


def write(data: LabelSet, folder: Path, size: int) -> None:
    """Write `annotations.xml` and `images`; a split is a subset of CVAT.

    Args:
        data: what is written.
        folder: of the data set.
        size: long side of pages drawn from PDFs, in pixels.

    Raises:
        UsageError: a split has a name that means something else here.
    """
    if _NO_SUBSET in data.splits():
        raise UsageError(f"{data.where}: CVAT calls {_NO_SUBSET} what is in no split; give that split another name")
    root = Element("annotations")
    SubElement(root, "version").text = "1.1"
    labels = SubElement(SubElement(SubElement(root, "meta"), "task"), "labels")
    for name, color in zip(data.names, schema_of(data.where, data.names).colors, strict=True):
        label = SubElement(labels, "label")
        SubElement(label, "name").text = name
        SubElement(label, "color").text = "#{:02x}{:02x}{:02x}".format(*color)
        SubElement(label, "type").text = "rectangle"
        SubElement(label, "attributes")
    for k, page in enumerate(page_names(data).pages):
        drawn = write_image(page, folder / "images" / page.split / page.name, size)
        facts = {"id": str(k), "name": page.name, "width": str(drawn.width), "height": str(drawn.height)}
        item = SubElement(root, "image", facts | ({"subset": page.split} if page.split else {}))
        for found in drawn.labels:
            corners = {key: f"{round(v, 6):.10g}" for key, v in zip(_CORNERS, found.bbox, strict=True)}
            SubElement(
                item, "box", {"label": found.name, "source": "manual", "occluded": "0", **corners, "z_order": "0"}
            )
    write_xml(folder / _FILE, root)
