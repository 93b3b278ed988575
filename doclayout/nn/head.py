"""The NMS-free detection head: ultralytics' `Detect` with its light class branch, whatever blocks the YAML names."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from ultralytics.nn.modules.head import Detect


class LayoutHead(Detect):  # type: ignore[misc]
    """One-to-many and one-to-one branches; the latter alone remains after fusion (YOLOv10, arXiv 2405.14458).

    `Detect` chooses between a heavy and a light class branch by a class attribute that the last parsed YAML left
    behind; here the light one is fixed.
    """

    legacy = False

    def postprocess(self, preds: torch.Tensor) -> torch.Tensor:
        """Turn (B, n, 4 + nc) into the `max_det` best detections, (B, max_det, 6).

        Rows of zeros are added, so that an exported network, whose count is fixed, takes pages with fewer anchors too.
        """
        best: torch.Tensor = super().postprocess(F.pad(preds, (0, 0, 0, self.max_det)))
        return best
