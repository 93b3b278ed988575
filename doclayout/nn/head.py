"""The NMS-free detection head: ultralytics' `Detect` with its light class branch, whatever blocks the YAML names."""

from __future__ import annotations

from ultralytics.nn.modules.head import Detect


class LayoutHead(Detect):
    """One-to-many and one-to-one branches; the latter alone remains after fusion (YOLOv10, arXiv 2405.14458).

    `Detect` chooses between a heavy and a light class branch by a class attribute that the last parsed YAML left behind;
    here the light one is fixed.
    """

    legacy = False
