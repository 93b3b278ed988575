"""Label Studio: tasks as JSON, the pages in `images/`, and `labelling.xml`, the interface to label them with.

https://labelstud.io/guide/task_format describes it. Boxes are left, top, width and height in percent of the image.
"""

from __future__ import annotations

import json
import re
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import quote, unquote, urlsplit
from xml.etree.ElementTree import Element, SubElement

from doclayout.convert.files import locate, read_json, read_xml, write_xml
from doclayout.convert.images import find, page_names, pixel_size, write_image
from doclayout.convert.labels import Label, LabelledPage, LabelSet, unique
from doclayout.errors import BoxError, LabelFileError, MissingImageError
from doclayout.saving import write_atomic
from doclayout.schema import schema_of

TASKS = "tasks.json"
INTERFACE = "labelling.xml"
_WHAT = "an export of Label Studio in its JSON format"
_SERVED = "/data/local-files/?d="
_OTHER_SHAPES = frozenset({"polygonlabels", "brushlabels", "ellipselabels", "keypointlabels"})


def read(source: Path, images: Path | None = None) -> LabelSet:
    """Read an export of Label Studio. Tasks that nobody has labelled are left out, whatever was predicted for them.

    Args:
        source: the JSON, or the folder with `tasks.json`. Of several annotations of a task the latest counts that was
            not cancelled. The classes are those of `labelling.xml` beside it, else those that occur, sorted.
        images: where the pages lie; beside the JSON or in `images` there by default.

    Raises:
        DatasetError: the data set is broken; its subclasses tell how, and its message where.
    """
    path = locate(source, TASKS, _WHAT)
    tasks = read_json(path, _WHAT)
    if not isinstance(tasks, list) or not all(isinstance(task, dict) and "data" in task for task in tasks):
        raise LabelFileError(
            f"{path} is not {_WHAT}: it must be a list of tasks with `data`; JSON-MIN is another format"
        )
    unique(str(path), "task", [_plain(task["id"]) for task in tasks if "id" in task])
    pages = []
    for k, task in enumerate(tasks, 1):
        where = f"{path}: task {task.get('id', k)}"
        try:
            done = [a for a in task.get("annotations", ()) if not a.get("was_cancelled")]
            if done:
                latest = max(done, key=lambda a: str(a.get("updated_at", "")))
                pages.append(_page(path, task["data"], latest["result"], images, where))
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
            raise LabelFileError(f"{where}: {error!r}; that is not {_WHAT}") from error
    if not pages:
        raise LabelFileError(
            f"{path}: none of its {len(tasks)} tasks is labelled; submit some in Label Studio, and export"
        )
    names = _interface(path.parent / INTERFACE) or tuple(sorted({x.name for page in pages for x in page.labels}))
    notes = (f"{len(tasks) - len(pages)} tasks without labels left out",) if len(pages) < len(tasks) else ()
    return LabelSet(str(path), names, tuple(pages), notes)


def _plain(number: Any) -> int | str:
    return number if isinstance(number, int) else str(number)


def _page(path: Path, data: dict[str, Any], result: list[Any], images: Path | None, where: str) -> LabelledPage:
    file = _image(path, str(data["image"]), images, where)
    width, height = pixel_size(file, where)
    labels = []
    for k, item in enumerate(result, 1):
        if item.get("type") in _OTHER_SHAPES:
            raise LabelFileError(f"{where}: result {k} is of type {item['type']}; only rectangles can be read")
        if item.get("type") == "rectanglelabels" or (item.get("type") == "labels" and "width" in item["value"]):
            labels.append(_label(item, width, height, f"{where}: result {k}"))
    name, split, source = (str(data.get(key, "")) for key in ("name", "split", "source"))
    own = PurePosixPath(name).suffix.lower() == file.suffix.lower()  # other tools' tasks may call anything a name
    return LabelledPage(file, name if own else file.name, width, height, labels, 1, split, where, source)


def _image(path: Path, url: str, images: Path | None, where: str) -> Path:
    """Find the image of a URL: one that Label Studio serves from a folder, or that was uploaded to it."""
    parts = urlsplit(url)
    query = dict(pair.partition("=")[::2] for pair in parts.query.split("&"))
    name = unquote(query.get("d", parts.path)).lstrip("/")
    folders = ([images, images.parent] if images else []) + [path.parent, path.parent / "images"]
    try:
        return find(name, folders, where)
    except MissingImageError:
        own = re.sub(r"^[0-9a-f]{8}-", "", PurePosixPath(name).name)  # uploads get a prefix
        if own == PurePosixPath(name).name:
            raise
        return find(own, folders, where)


def _label(item: dict[str, Any], width: int, height: int, where: str) -> Label:
    value = item["value"]
    if value.get("rotation") or item.get("image_rotation"):
        raise BoxError(f"{where} is rotated; boxes and pages are upright, so turn it back in Label Studio")
    names = value[item["type"]]  # of <RectangleLabels>, or of <Labels> beside <Rectangle>
    if len(names) != 1:
        raise LabelFileError(f"{where} has the classes {names}; it must have one")
    x, y, w, h = (float(value[key]) for key in ("x", "y", "width", "height"))
    box = (x * width / 100, y * height / 100, (x + w) * width / 100, (y + h) * height / 100)
    return Label(" ".join(str(names[0]).split()), box)


def _interface(path: Path) -> tuple[str, ...]:
    """Return the classes of a labelling interface, none where there is no such file."""
    if not path.is_file():
        return ()
    root = read_xml(path, "View", "a labelling interface of Label Studio")
    return tuple(label.get("value", "") for label in root.iterfind(".//RectangleLabels/Label"))


def write(data: LabelSet, folder: Path, size: int) -> None:
    """Write tasks, pages and interface. What a model found becomes predictions, all else annotations.

    Args:
        data: what is written.
        folder: of the data set; Label Studio is to serve local files from it.
        size: long side of pages drawn from PDFs, in pixels.
    """
    tasks = []
    for page in page_names(data).pages:
        inner = PurePosixPath("images", page.split, page.name)
        drawn = write_image(page, folder / inner, size)
        facts = {
            "image": f"{_SERVED}{quote(str(inner))}",
            "name": page.name,
            "split": page.split,
            "source": page.source,
        }
        result = [_result(k, label, drawn) for k, label in enumerate(drawn.labels)]
        mean = sum(label.score or 0 for label in drawn.labels) / max(len(result), 1)
        said = {"predictions": [{"model_version": "doclayout", "score": round(mean, 4), "result": result}]}
        tasks.append({"data": facts} | (said if data.predicted else {"annotations": [{"result": result}]}))
    write_xml(folder / INTERFACE, _view(data))
    write_atomic(folder / TASKS, (json.dumps(tasks, ensure_ascii=False, indent=1) + "\n").encode())


def _result(k: int, label: Label, page: LabelledPage) -> dict[str, Any]:
    x0, y0, x1, y1 = label.bbox
    shares = {"x": x0 / page.width, "y": y0 / page.height}
    shares |= {"width": (x1 - x0) / page.width, "height": (y1 - y0) / page.height}
    value = {key: round(100 * share, 8) for key, share in shares.items()}
    return {
        "id": f"r{k}", "type": "rectanglelabels", "from_name": "label", "to_name": "image", "image_rotation": 0,
        "original_width": page.width, "original_height": page.height,
        "value": {**value, "rotation": 0, "rectanglelabels": [label.name]},
        **({} if label.score is None else {"score": label.score}),
    }  # fmt: skip


def _view(data: LabelSet) -> Element:
    view = Element("View")
    SubElement(view, "Image", {"name": "image", "value": "$image", "zoom": "true", "zoomControl": "true"})
    box = SubElement(view, "RectangleLabels", {"name": "label", "toName": "image", "canRotate": "false"})
    for name, color in zip(data.names, schema_of(data.where, data.names).colors, strict=True):
        SubElement(box, "Label", {"value": name, "background": "#{:02x}{:02x}{:02x}".format(*color)})
    return view
