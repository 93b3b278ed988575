"""Weights in other formats: ONNX with our metadata, OpenVINO int8 calibrated on given pages, others by ultralytics."""

from __future__ import annotations

import importlib.util
import logging
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from ultralytics.engine.exporter import Exporter, export_formats
from ultralytics.utils import LOGGER

from doclayout import __version__
from doclayout.document import find_documents
from doclayout.errors import ExportError, InputError, MissingExtraError, UsageError
from doclayout.nn.checkpoint import load_model
from doclayout.nn.model import LayoutModel
from doclayout.options import hint
from doclayout.predict import Settings, draw, jobs_of_files
from doclayout.runtime import DEFAULT_WEIGHTS
from doclayout.schema import schema_of

OF_ALL = ("imgsz", "device", "verbose")
"""Arguments of ultralytics' exporter that it does not list format by format."""
OWN = ("half", "int8", "calibrate", "save_dir", "name")
"""Arguments that ultralytics' exporter does not have, or has in another sense."""


def export(weights: Path, format: str, options: dict[str, Any]) -> Path:
    """Write a checkpoint in another format, in `save_dir`, or beside it; of one that ships, in the working directory.

    Args:
        weights: a `.pt`.
        format: `onnx`, `openvino`, or another of ultralytics' formats.
        options: ultralytics' arguments (`imgsz`, `dynamic`, `half`, `opset`, `simplify`, `batch` …), and ours: `int8`
            with `calibrate`, a folder, file or glob of pages, for OpenVINO; `save_dir`; `name`, the stem of the file.

    Returns:
        the path of the file or folder.

    Raises:
        ExportError: the format cannot be written here.
        UsageError: the format is unknown, or has no such argument; one lacks its companion, or `imgsz` is no number.
        MissingExtraError: onnx, onnxslim, onnxruntime or nncf is needed and not installed.
    """
    table = export_formats()
    takes = {name: keys for name, keys in zip(table["Argument"], table["Arguments"], strict=True) if name != "-"}
    if format not in takes:
        raise UsageError(f"format={format} is unknown; there are {', '.join(takes)}")
    options = dict(options)
    beside = Path() if weights.resolve().parent == DEFAULT_WEIGHTS.parent else weights.parent
    target = Path(options.pop("save_dir", beside))
    stem = options.pop("name", weights.stem)
    pages = options.pop("calibrate", None)
    int8, half = bool(options.pop("int8", False)), bool(options.pop("half", False))
    if int8 != (pages is not None) or (int8 and format != "openvino"):
        raise UsageError("int8=True and calibrate=PAGES, typical documents, go together, with format=openvino")
    if half and "quantize" not in takes[format]:
        raise UsageError(f"format={format} has no half=True")
    # openvino is made by way of ONNX; data and fraction are pages that ultralytics calibrates on
    known = [*OF_ALL, *takes["onnx" if format == "openvino" else format]]
    known = [key for key in known if key not in ("data", "fraction", "quantize")]
    for key in options:
        if key not in known:
            raise UsageError(f"export format={format} has no argument {key!r}; {hint(key, [*known, *OWN])}")
    imgsz = options.pop("imgsz", None)
    if imgsz is not None and (isinstance(imgsz, bool) or not isinstance(imgsz, int) or imgsz <= 0):
        raise UsageError(f"imgsz={imgsz} must be one whole number; pages keep their own shape")
    needed = ("onnx", "onnxslim", "onnxruntime") if format in ("onnx", "openvino") else ()
    if any(importlib.util.find_spec(package) is None for package in (*needed, *(("nncf",) if int8 else ()))):
        raise MissingExtraError(f"export format={format}", "export")
    model, checkpoint = load_model(weights)
    imgsz = imgsz or int(checkpoint.get("train_args", {}).get("imgsz", 640))
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target) as scratch:
        model.pt_path, model.task = str(Path(scratch) / f"{stem}.pt"), "detect"
        if format == "openvino":
            written = _openvino(model, Path(scratch), f"{stem}_openvino", imgsz, half, options, pages)
        else:
            bits = {"quantize": 16} if half else {}
            written = _run(model, format, {"dynamic": format == "onnx", **options, **bits, "imgsz": imgsz})
        if format == "onnx":
            _describe(written, model, imgsz)
        final = target / written.name
        if final.is_dir():
            shutil.rmtree(final)
        written.replace(final)
    return final


def _run(model: LayoutModel, format: str, options: dict[str, Any]) -> Path:
    """Run ultralytics' exporter with the NMS-free head."""
    overrides = {"simplify": True, "batch": 1, "nms": False, **options, "format": format}
    level = LOGGER.level
    if not options.get("verbose"):
        LOGGER.setLevel(logging.WARNING)  # it tells where the file is for now, and how to use it without us
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # torch's own, on its exporter and on constants of the trace
            written = Exporter(overrides=overrides)(model)
    except (ImportError, RuntimeError, ValueError, AssertionError, OSError) as error:
        raise ExportError(f"format={format} cannot be written here: {error}") from error
    finally:
        LOGGER.setLevel(level)
    return Path(written)


def metadata(model: LayoutModel, imgsz: int) -> dict[str, str]:
    """Return what our runtime reads from a weights file, as text."""
    names = tuple(model.names.values())
    schema = schema_of("", names).name  # without a name where none that ships has these classes
    thresholds = getattr(model, "thresholds", None)
    return {
        **({"schema": schema} if schema else {}),
        "imgsz": str(imgsz),
        "version": __version__,
        "names": str(dict(enumerate(names))),
        **({"thresholds": str(thresholds)} if thresholds else {}),
    }


def _describe(path: Path, model: LayoutModel, imgsz: int) -> None:
    """Put schema, image size, class names and version into an ONNX file's metadata."""
    import onnx

    graph = onnx.load(str(path))
    values = {entry.key: entry.value for entry in graph.metadata_props}
    values |= {"author": "doclayout", "license": "AGPL-3.0-or-later", "description": "document layout"}
    values |= metadata(model, imgsz)
    for key in ("docs", "date"):
        values.pop(key, None)
    del graph.metadata_props[:]
    onnx.helper.set_model_props(graph, values)
    del graph.graph.value_info[:]  # shapes of what lies between, half a megabyte of formulas that no reader needs
    onnx.save(graph, str(path))


def _openvino(
    model: LayoutModel, scratch: Path, name: str, imgsz: int, half: bool, options: dict[str, Any],
    pages: str | Path | None,
) -> Path:  # fmt: skip
    """Convert by way of ONNX, and quantize to int8 with NNCF if there are pages to calibrate on."""
    import openvino as ov

    network = ov.Core().read_model(_run(model, "onnx", {"dynamic": True, **options, "imgsz": imgsz}))
    if pages is not None:
        import nncf

        samples = list(network_inputs(pages, imgsz))
        # the head stays in float: quantized, it costs 3 points of AP
        ignored = nncf.IgnoredScope(patterns=[f".*/model.{len(model.model) - 1}/.*"], validate=False)
        network = nncf.quantize(
            network, nncf.Dataset(samples), preset=nncf.QuantizationPreset.MIXED, subset_size=len(samples),
            ignored_scope=ignored,
        )  # fmt: skip
    for key, value in metadata(model, imgsz).items():
        network.set_rt_info(value, ["model_info", key])
    folder = scratch / name
    folder.mkdir()
    file = folder / f"{name.removesuffix('_openvino')}.xml"
    ov.save_model(network, file, compress_to_fp16=half or pages is not None)
    return folder


def network_inputs(pages: str | Path, imgsz: int, limit: int = 300) -> Iterator[npt.NDArray[np.float32]]:
    """Yield the first pages of a folder, file or glob as the network sees them, (1, 3, H, W) in [0, 1].

    Pages that cannot be read are named, and left out.

    Raises:
        InputError: no page can be read.
    """
    seen, failed = 0, None
    for job in jobs_of_files(find_documents(pages)):
        try:
            drawn = draw(job, Settings(imgsz=imgsz))
        except InputError as error:
            LOGGER.warning(f"{job.source} is left out: {error}")
            failed = error
            continue
        finally:
            if job.last:
                job.close()
        yield drawn.looks[0].canvas.transpose(2, 0, 1)[None].astype(np.float32) / np.float32(255)
        seen += 1
        if seen == limit:
            return
    if failed is not None and not seen:
        raise failed
