"""The same calls as `OpenVinoDetector`, on torch: for `.pt` weights, and for CUDA devices."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from doclayout.errors import UsageError, WeightsError
from doclayout.nn.checkpoint import load_model
from doclayout.runtime import require_bfloat16
from doclayout.schema import schema_of


class TorchDetector:
    """A checkpoint ready to run; see `doclayout.runtime.Detector`.

    Args:
        path: a `.pt`.
        device: torch's name of a device, or the number of a CUDA device, as training takes it; CUDA if there is one,
            else the CPU, by default.
        threads: how many the CPU may use; torch's own choice by default.
        half: compute in bfloat16 on a CPU, in float16 elsewhere.

    Raises:
        WeightsError: the file is no checkpoint of a detector with an NMS-free head.
        UsageError: there is no such device, or it is a CPU without units for bfloat16 and that is asked for.
    """

    def __init__(self, path: Path, device: str | None = None, threads: int | None = None, half: bool = False):
        self.name = path.stem
        try:
            name = f"cuda:{device}" if str(device).isdigit() else device
            self._device = torch.device(name or ("cuda" if torch.cuda.is_available() else "cpu"))
            torch.zeros(1, device=self._device)
        except (RuntimeError, AssertionError) as error:
            raise UsageError(f"device={device} cannot be used: {str(error).splitlines()[0]}") from None
        if half and self._device.type == "cpu":
            require_bfloat16()
        if threads:
            torch.set_num_threads(threads)
        model, checkpoint = load_model(path)
        if not hasattr(model.model[-1], "one2one_cv2"):
            raise WeightsError(f"{path} lacks an NMS-free head; train from a YAML with end2end: True")
        model.end2end = True
        self.imgsz = int(checkpoint.get("train_args", {}).get("imgsz", 640))
        names = tuple(model.names.values())
        self.schema = schema_of(path.stem, names)
        self.thresholds: dict[str, float] | None = getattr(model, "thresholds", None)
        self._model = model.fuse(verbose=False).to(self._device)
        self._precision = (torch.bfloat16 if self._device.type == "cpu" else torch.float16) if half else None

    @torch.inference_mode()
    def __call__(self, images: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        """Detect on a batch of (B, H, W, 3); see `Detector`."""
        batch = torch.from_numpy(images).to(self._device).permute(0, 3, 1, 2).float() / 255
        with torch.autocast(self._device.type, self._precision, enabled=self._precision is not None):
            output: npt.NDArray[np.float32] = self._model(batch)[0].float().cpu().numpy()
        return output
