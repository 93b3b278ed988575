"""Torch-free inference: OpenVINO reads the ONNX, and runs it compiled for each canvas shape."""

from __future__ import annotations

import ast
import hashlib
import os
from pathlib import Path
from threading import Lock
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from doclayout.cache import cache_dir, keep, trim_cache
from doclayout.errors import UsageError, WeightsError
from doclayout.letterbox import PAPER
from doclayout.schema import Schema, load_schema, schema_of

SUFFIXES = (".onnx", ".xml", ".pt")
MOST_SHAPES = 8
"""Canvas shapes that a network is kept compiled for, each of which takes some 50 MB."""
DEFAULT_WEIGHTS = Path(__file__).resolve().parent / "weights" / "edocnet-n.onnx"


class Detector(Protocol):
    """A network ready to run.

    Attributes:
        name: of the weights.
        schema: names the classes.
        imgsz: long side that it was trained at, in pixels.
        thresholds: least score by class name for `conf=auto`; `None` where nobody has measured them.
    """

    name: str
    schema: Schema
    imgsz: int
    thresholds: dict[str, float] | None

    def __call__(self, images: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        """Detect on a batch.

        Args:
            images: (B, H, W, 3) RGB, sides multiples of 32.

        Returns:
            (B, n, 6): x0, y0, x1, y1 in pixels of the images, score 0–1, class id; by falling score.
        """


def load_detector(
    weights: str | Path | None = None, device: str | None = None, threads: int | None = None, half: bool = False
) -> Detector:  # fmt: skip
    """Load weights to run: ONNX by OpenVINO on a CPU, `.pt` by torch.

    Args:
        weights: an `.onnx`, an OpenVINO `.xml` or its folder, or a `.pt`; those that ship with the package by default.
        device: `cpu`, or a torch device such as `cuda:0` for a `.pt`.
        threads: how many the CPU may use; all cores by default.
        half: compute in half precision: a CPU in bfloat16, a CUDA device in float16.

    Raises:
        WeightsError: the file is missing, broken or of an unknown kind.
        UsageError: the device cannot run such weights, or not in half precision, or `threads` is less than 1.
    """
    path = find_weights(weights)
    if threads is not None and threads < 1:
        raise UsageError(f"threads={threads} must be at least 1; leave it out for all cores")
    if path.suffix == ".pt":
        from doclayout.nn.detector import TorchDetector

        return TorchDetector(path, device, threads, half)
    if device not in (None, "", "cpu"):
        raise UsageError(f"device={device} runs .pt weights; {path.name} runs on the CPU, so leave device out")
    return OpenVinoDetector(path, threads, half)


def find_weights(weights: str | Path | None) -> Path:
    """Return the path of weights: as given, or among those that ship with the package.

    Raises:
        WeightsError: there is no such file, or it is of an unknown kind.
    """
    path = Path(weights) if weights else DEFAULT_WEIGHTS
    if path.is_dir() and list(path.glob("*.xml")):
        path = next(path.glob("*.xml"))
    if not path.exists() and path.name == str(path):
        path = DEFAULT_WEIGHTS.parent / path.name
    if not path.is_file():
        files = (p for p in DEFAULT_WEIGHTS.parent.glob("edocnet*") if p.suffix in SUFFIXES)
        shipped = ", ".join(sorted(p.name for p in files))
        raise WeightsError(f"no weights {weights or path}; give a path, or one of those that ship: {shipped}")
    if path.suffix not in SUFFIXES:
        raise WeightsError(f"{path}: weights are .onnx, OpenVINO .xml or .pt, not {path.suffix or 'without suffix'}")
    return path


def has_bfloat16() -> bool:
    """Tell whether the CPU has units for bfloat16; where it emulates them, all takes several times as long."""
    import openvino as ov

    return "BF16" in ov.Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")


def require_bfloat16() -> None:
    """Raise UsageError on a CPU without units for bfloat16."""
    if not has_bfloat16():
        raise UsageError("half=True needs a CPU with units for bfloat16, which this one lacks; leave it out")


def weights_digest(path: Path) -> str:
    """Return 16 hexadecimal digits that tell a file of weights from others by its contents."""
    digest = hashlib.sha256(path.read_bytes())
    if path.suffix == ".xml":
        digest.update(path.with_suffix(".bin").read_bytes())
    return digest.hexdigest()[:16]


class OpenVinoDetector:
    """A detector that OpenVINO runs on the CPU; see `Detector`.

    Raises:
        WeightsError: OpenVINO cannot read the file, or it is not a layout detector.
        UsageError: half precision is asked for, and the CPU has no units for bfloat16.
    """

    def __init__(self, path: Path, threads: int | None = None, half: bool = False):
        import openvino as ov

        self.name = path.stem
        self._core = ov.Core()
        if half:
            require_bfloat16()
        try:
            self._model = self._core.read_model(path)
        except RuntimeError as error:
            raise WeightsError(f"{path} cannot be read as a network: {str(error).splitlines()[0]}") from None
        if len(self._model.inputs) != 1 or self._model.input().partial_shape.rank.get_length() != 4:
            raise WeightsError(f"{path} is not a layout detector: it should have one input, (B, 3, H, W)")
        self.schema, self.imgsz, self.thresholds = self._metadata(path)
        self._config = {
            "PERFORMANCE_HINT": "THROUGHPUT",
            "INFERENCE_NUM_THREADS": threads or os.cpu_count() or 1,
            # bfloat16, OpenVINO's default where a CPU has it, is faster, but moves boxes by up to 1.4 px
            "INFERENCE_PRECISION_HINT": "bf16" if half else "f32",
        }
        self._shape = self._model.input().partial_shape
        cpu = [self._core.get_property("CPU", key) for key in ("FULL_DEVICE_NAME", "OPTIMIZATION_CAPABILITIES")]
        made_for = repr((weights_digest(path), ov.get_version(), cpu, self._config))
        self._key = hashlib.sha256(made_for.encode()).hexdigest()[:16]
        self._queues: dict[tuple[int, ...], Any] = {}
        self._lock = Lock()

    def _metadata(self, path: Path) -> tuple[Schema, int, dict[str, float] | None]:
        """Read schema, image size and thresholds; class names of other detectors make a schema of theirs."""
        section = "framework" if path.suffix == ".onnx" else "model_info"
        get = {}
        for key in ("schema", "imgsz", "names", "thresholds"):
            if self._model.has_rt_info([section, key]):
                get[key] = self._model.get_rt_info([section, key]).astype(str)
        try:
            sides = ast.literal_eval(get.get("imgsz", "640"))
            names = tuple(ast.literal_eval(get["names"]).values()) if "names" in get else ()
            thresholds = dict(ast.literal_eval(get["thresholds"])) if "thresholds" in get else None
        except (ValueError, TypeError, SyntaxError, AttributeError) as error:
            raise WeightsError(f"{path} has metadata that cannot be read: {error}") from None
        imgsz = max(sides) if isinstance(sides, (list, tuple)) else int(sides)
        if "schema" in get:
            return load_schema(get["schema"]), imgsz, thresholds
        if not names:
            raise WeightsError(f"{path} does not say its classes; export it with `doclayout export`")
        return schema_of(path.stem, names), imgsz, thresholds

    def __call__(self, images: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        """Detect on a batch of (B, H, W, 3), its images in parallel; see `Detector`."""
        found: dict[int, npt.NDArray[np.float32]] = {}
        images = self._padded(images)
        with self._lock:  # a model may predict in several threads
            queue = self._queue(images.shape[1:3])
            queue.set_callback(lambda request, index: found.update({index: request.get_output_tensor(0).data.copy()}))
            for index in range(len(images)):
                queue.start_async({0: images[index : index + 1]}, index)
            queue.wait_all()
        result = np.concatenate([found[index] for index in range(len(images))])
        if result.ndim != 3 or result.shape[2] != 6:
            raise WeightsError(f"{self.name} gives {result.shape}, not (B, n, 6); export it with its NMS-free head")
        return result

    def _padded(self, images: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
        """Return images (B, H, W, 3) with paper at their right and foot up to the input's size, where that is fixed."""
        shape = self._model.input().partial_shape
        sides = zip((shape[2], shape[3]), images.shape[1:3], strict=True)
        more = [side.get_length() - own if side.is_static else 0 for side, own in sides]
        if min(more) < 0:
            raise UsageError(f"{self.name} has a fixed input, {shape}; give a smaller imgsz=, or export it dynamic")
        pad = ((0, 0), (0, more[0]), (0, more[1]), (0, 0))
        return np.pad(images, pad, constant_values=PAPER) if any(more) else images

    def _queue(self, shape: tuple[int, ...]) -> Any:
        """Return the network compiled for (1, H, W, 3) bytes: of the last few (H, W) as it is, else from the disk."""
        queue = self._queues.pop(shape, None)
        if queue is None:
            queue = self._compiled(shape)
        self._queues[shape] = queue
        while len(self._queues) > MOST_SHAPES:
            del self._queues[next(iter(self._queues))]
        return queue

    def _compiled(self, shape: tuple[int, ...]) -> Any:
        """Return the network compiled for a shape: read from the disk, or made and left there.

        OpenVINO's own cache takes as long again to tell whether it has a network, which it reshapes and hashes first.
        """
        import openvino as ov

        stored = cache_dir("compiled") / f"{self._key}-{shape[0]}x{shape[1]}.blob"
        try:
            compiled = self._core.import_model(stored.read_bytes(), "CPU", self._config)
        except (OSError, RuntimeError):  # there is none, or it is damaged
            compiled = self._core.compile_model(self._reshaped(shape), "CPU", self._config)
            keep(stored, lambda stream: stream.write(compiled.export_model().getvalue()))
            trim_cache("compiled")
        return ov.AsyncInferQueue(compiled)

    def _reshaped(self, shape: tuple[int, ...]) -> Any:
        """Return the network for an input of (1, H, W, 3) bytes."""
        import openvino as ov
        from openvino.preprocess import PrePostProcessor

        target = [1, 3, *shape]
        if not self._shape.compatible(ov.PartialShape(target)):
            raise UsageError(f"{self.name} has a fixed input, {self._shape}, not {target}; export it dynamic")
        model = self._model.clone()
        model.reshape(target)
        steps = PrePostProcessor(model)
        steps.input().tensor().set_element_type(ov.Type.u8).set_layout(ov.Layout("NHWC"))
        steps.input().model().set_layout(ov.Layout("NCHW"))
        steps.input().preprocess().convert_element_type(ov.Type.f32).scale(255.0)
        return steps.build()
