"""What each mode of the command line takes, and how `key=value` becomes a value."""

from __future__ import annotations

import ast
import difflib
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from doclayout._pages import is_selection
from doclayout.errors import UsageError


@dataclass(frozen=True)
class Option:
    """One key.

    Attributes:
        name: the key.
        text: what it does.
        default: used when it is not given.
        kind: turns text into the value; raises `ValueError` on text that it cannot read.
        required: must be given.
    """

    name: str
    text: str
    default: Any = None
    kind: Callable[[str], Any] = str
    required: bool = False


@dataclass(frozen=True)
class Mode:
    """One mode.

    Attributes:
        name: the word on the command line.
        summary: one line.
        options: by key.
        note: last lines of its help.
        open: takes other keys too, which it hands on.
    """

    name: str
    summary: str
    options: dict[str, Option]
    note: str = ""
    open: bool = False


def flag(text: str) -> bool:
    """Read true, false, yes, no, 1 or 0."""
    if text.lower() in {"true", "yes", "1", "on"}:
        return True
    if text.lower() in {"false", "no", "0", "off"}:
        return False
    raise ValueError("true or false")


def names(text: str) -> tuple[str, ...]:
    """Read a list with commas."""
    return tuple(part.strip() for part in text.split(",") if part.strip())


def literal(text: str) -> Any:
    """Read a Python literal, such as 0.5, True or [1, 2]; other text stands for itself, or for a path."""
    if text.lower() in {"true", "false", "none"}:
        return {"true": True, "false": False, "none": None}[text.lower()]
    try:
        return ast.literal_eval(text)
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
        return file_path(text)


def picture_reader(text: str) -> Any:
    """Make the reader of pictures of a name; only `ocr` is one."""
    if text != "ocr":
        raise UsageError(f"text={text} must be ocr")
    from doclayout.ocr import RapidReader

    return RapidReader()


def page_numbers(text: str) -> str:
    """Read a selection of pages, as text."""
    if not is_selection(text):
        raise ValueError("page numbers")
    return text


def file_path(text: str) -> str:
    """Read a path, in which `~` is a home folder where there is one."""
    return os.path.expanduser(text)


def new_path(text: str) -> str:
    """Read the path of what is to be written."""
    if not text:
        raise ValueError("a path")
    return file_path(text)


def _text(text: str) -> str | None:
    """Read a path or a name, or `none`."""
    return None if text.lower() == "none" else file_path(text)


def page_size(text: str) -> int | str:
    """Read a number of pixels, or `auto`."""
    return text if text == "auto" else int(text)


def least_score(text: str) -> float | str:
    """Read a score, or `auto`."""
    return text if text == "auto" else float(text)


_WANTED: dict[Any, str] = {
    flag: "true or false", page_numbers: "numbers from 1, such as 1-3,7,-1",
    new_path: "a path", int: "a whole number", page_size: "a whole number or auto", least_score: "a number or auto",
}  # fmt: skip
"""What a reader asks for, where it is not any number."""
_TEXTS = ("project", "name", "save_dir", "calibrate")
"""Keys of open modes whose values are text even where they look like a number."""


def hint(key: str, known: Iterable[str]) -> str:
    """Say which key was probably meant: one that begins the word or that it begins, or looks like it; or name all."""
    known = list(known)
    alike = [other for other in known if len(key) > 1 and (other.startswith(key) or key.startswith(other))]
    near = difflib.get_close_matches(key, alike or known, 1, cutoff=0 if alike else 0.5)
    return f"did you mean {near[0]}?" if near else f"its keys are {', '.join(known)}"


def _options(*options: Option) -> dict[str, Option]:
    return {option.name: option for option in options}


_MODEL = (
    Option("model", "weights: a path, or the name of weights that ship (default edocnet-n.onnx)", None, kind=file_path),
    Option("device", "cpu; for .pt weights also a torch device, as cuda:0", None),
    Option("threads", "CPU threads (default all cores)", None, int),
    Option("half", "half precision: bfloat16 on a CPU that has units for it", False, flag),
)
_RUN = (
    Option("imgsz", "long side of the network's input in pixels; auto chooses it page by page", 640, page_size),
    Option("batch", "pages that the network takes at once", 4, int),
    Option("refine", "snap boxes to the ink", True, flag),
    Option("wording", "let the words in the text layer weigh on the classes", True, flag),
    Option("clean", "put headers in one piece, and resolve duplicate and enclosing boxes", True, flag),
    Option("rescore", "judge boxes again once they are refined and cleaned", True, flag),
    Option("augment", "look at each page at 0.9 and 1.1 times imgsz too: slower, less dependent on imgsz", False, flag),
)
_FIND = (
    Option("pages", "such as 1-3,7,-1 (default all)", None, page_numbers),
    *_MODEL,
    *_RUN,
    Option("conf", "least score kept, 0 to 1; auto takes each class's own", 0.25, least_score),
    Option("max_det", "most regions of a page", 300, int),
    Option("password", "of encrypted PDFs", None),
    Option("schema", "class list of the results, such as doclaynet11 (default the model's own)", None),
)
_TEXT = Option("text", "ocr reads regions without a text layer, for formats that hold text", None, picture_reader)

MODES = {
    mode.name: mode
    for mode in (
        Mode("predict", "Find the parts of PDF pages and images.", _options(
            Option("source", "a PDF, an image, a folder (with all below it) or a glob", required=True),
            *_FIND, _TEXT,
            Option("save_dir", "where results go", "runs/predict", kind=new_path),
            Option("format", "beside json: full (with text), png, coco, crops, md, html, docling; with commas",
                   ("json",), names),
        )),
        Mode("crops", "Cut the parts of some classes out of documents, with an index.", _options(
            Option("source", "a PDF, an image, a folder (with all below it) or a glob", required=True),
            Option("out", "a new folder, or that of a run that was stopped, which then goes on", required=True,
                   kind=file_path),
            Option("classes", "such as characteristic_curve,timing_diagram (default all)", (), names),
            Option("dpi", "resolution of the crops of PDF pages; images are cut at their own", 200, float),
            *_FIND, _TEXT,
        )),
        Mode("prelabel", "Find the parts of pages, as tasks of Label Studio for a person to correct.", _options(
            Option("source", "a PDF, an image, a folder (with all below it) or a glob", required=True),
            Option("out", "JSON of the tasks; pages go to images/ and the interface to labelling.xml beside it",
                   required=True, kind=file_path),
            Option("size", "long side in pixels of pages drawn from PDFs", 1600, int),
            *(option for option in _FIND if option.name != "password"),
        )),
        Mode("convert", "Write labelled pages in another format: coco, yolo, voc, labelstudio or cvat.", _options(
            Option("from", "format of the source", required=True),
            Option("to", "format to write", required=True),
            Option("source", "the label file, or its folder", required=True, kind=file_path),
            Option("out", "folder of the new data set, absent or empty", required=True, kind=file_path),
            Option("schema", "class list of the new data set, such as doclaynet11 (default the source's)", None),
            Option("map", "classes renamed, old:new,old:new or a YAML; old: leaves its boxes out", None),
            Option("images", "folder of the pages, where they are not where the format has them", None, kind=file_path),
            Option("size", "long side in pixels of pages drawn from PDFs; COCO keeps PDFs", 1600, int),
            Option("val", "share of the pages for a split for validation, by document", None, float),
        )),
        Mode("train", "Train or fine-tune a model.", _options(
            Option("data", "a data set's YAML, or a folder with train/ and val/annotations.json", required=True,
                   kind=file_path),
            Option("model", "a .pt to start from, or a model YAML such as edocnet-n.yaml", "edocnet-n.pt",
                   kind=file_path),
            Option("device", "cpu, or a torch device such as 0", None),
            Option("teacher", "a .pt that the model learns from", None, kind=file_path),
            Option("distill", "how: fgd, graph, fgd+graph, l2, dense or resolution (default fgd with a teacher)", None),
        ), "Arguments of ultralytics' trainer are accepted: epochs, time, imgsz, batch, freeze, resume, name, ...",
             open=True),
        Mode("val", "Measure COCO AP and AR on a labelled data set.", _options(
            Option("data", "a data set's YAML, or a folder with val/annotations.json", required=True, kind=file_path),
            Option("split", "which split", "val"),
            Option("schema", "class list to measure in, such as doclaynet11 (default the model's own)", None),
            *_MODEL, *_RUN,
            Option("conf", "least score that counts; auto takes each class's own", 0.001, least_score),
            Option("max_det", "most regions of a page", 100, int),
            Option("save_dir", "where metrics.json and predictions.json go", "runs/val", kind=new_path),
        )),
        Mode("export", "Write weights in another format.", _options(
            Option("model", "a .pt", "edocnet-n.pt", kind=file_path),
            Option("format", "onnx, openvino, or another of ultralytics' formats", "onnx"),
            Option("half", "weights in float16", False, flag),
            Option("int8", "quantized, for OpenVINO, on the pages of calibrate=PAGES", False, flag),
        ), "Also: imgsz, dynamic, opset, simplify, batch, device, name, save_dir; and what else ultralytics' exporter\n"
           "takes.", open=True),
        Mode("synth", "Make synthetic datasheet pages with ground truth.", _options(
            Option("out", "folder of the data set", None, kind=file_path),
            Option("n", "pages (default 1000, or 12 of a contact sheet)", None, int),
            Option("kind", "recompose, bestfit, datasheet or mix", "datasheet"),
            Option("seed", "page i depends on seed and i alone", 0, int),
            Option("workers", "processes", 2, int),
            Option("pool", "COCO data set whose elements are used, for all kinds but datasheet", None, kind=file_path),
            Option("min_count",
                   "elements that a class has at least, rare ones multiplied, for bestfit and mix (default 100)",
                   None, int),
            Option("imgsz", "long side of the pages in pixels, at most 8192", 1280, int),
            Option("format", "webp, png or pdf", "webp"),
            Option("yolo", "also write labels/ and data.yaml for ultralytics", False, flag),
            Option("engine", "local, or ray for the cluster that RAY_ADDRESS names", "local"),
            Option("preview", "draw a contact sheet to this PNG instead", None, kind=file_path),
        )),
        Mode("bench", "Time this machine on documents: pages per second, step by step.", _options(
            Option("source", "a PDF, a folder or a glob", required=True),
            *_MODEL, *_RUN,
            Option("pages", "pages timed, at most", 100, int),
        )),
    )
}  # fmt: skip


def parse_options(mode: Mode, words: list[str]) -> dict[str, Any]:
    """Read `key=value` words.

    Returns:
        Every option of the mode with its value or default, and for an open mode whatever else was given.

    Raises:
        UsageError: a word without `=`, an unknown or repeated key, a value that cannot be read, a missing key.
    """
    values: dict[str, Any] = {}
    for word in words:
        key, equals, text = word.partition("=")
        if not equals:
            raise UsageError(f"{word!r} is not key=value")
        if key in values:
            raise UsageError(f"{key} is given twice")
        option = mode.options.get(key)
        if option is None and not mode.open:
            raise UsageError(f"{mode.name} has no key {key!r}; {hint(key, mode.options)}")
        try:
            values[key] = (option.kind if option else _text if key in _TEXTS else literal)(text)
        except ValueError:
            kind = _WANTED.get(option and option.kind, "a number")
            raise UsageError(f"{key}={text} must be {kind}") from None
    missing = [name for name, option in mode.options.items() if option.required and not values.get(name)]
    if missing:
        needed = ", ".join(f"{name}=" for name in missing)
        raise UsageError(f"{mode.name} needs {needed}")
    defaults = {name: option.default for name, option in mode.options.items() if not option.required}
    return {**defaults, **values}
