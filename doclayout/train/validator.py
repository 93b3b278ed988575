"""`LayoutValidator`: ultralytics' validation loop over pages."""

from __future__ import annotations

from typing import Any

from ultralytics.models.yolo.detect import DetectionValidator


class LayoutValidator(DetectionValidator):  # type: ignore[misc]
    """Validates on the loader of a trainer."""

    def __call__(self, trainer: Any = None, model: Any = None) -> Any:
        """Run; a trainer's final check of `best.pt` uses its loader as it stands."""
        return super().__call__(trainer, model)
