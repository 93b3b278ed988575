"""Text of scans by RapidOCR: PP-OCR's models, which come with its package and run on a CPU."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from doclayout.errors import MissingExtraError
from doclayout.lines import Word, compose

_PAPER = 16  # pixels of paper put around a picture, so that letters do not touch its edge


class RapidReader:
    """Reads the picture of a region line by line: `predict(..., text=RapidReader())`."""

    def __init__(self) -> None:
        """Load the models.

        Raises:
            MissingExtraError: RapidOCR is not installed.
        """
        try:
            from rapidocr import RapidOCR
        except ImportError:
            raise MissingExtraError("reading scans", "ocr") from None
        self._engine: Any = RapidOCR(params={"Global.log_level": "error"})

    def __call__(self, picture: npt.NDArray[np.uint8]) -> str:
        """Return the lines of a picture, uint8 (H, W, 3) RGB, from top to bottom, with tabs where columns part."""
        paper = np.median(picture, axis=(0, 1)).tolist()
        edge = (_PAPER,) * 4
        bgr = cv2.copyMakeBorder(picture[..., ::-1], *edge, cv2.BORDER_CONSTANT, value=paper[::-1])
        found = self._engine(bgr)
        if found.boxes is None:
            return ""
        boxes = np.concatenate([found.boxes.min(1), found.boxes.max(1)], 1).tolist()
        lines = [Word(text, (x0, y0, x1, y1)) for (x0, y0, x1, y1), text in zip(boxes, found.txts, strict=True)]
        return compose(lines, "rows", ())
