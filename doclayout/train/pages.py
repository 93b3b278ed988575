"""Training images out of PDF pages and image files, rendered once and cached as arrays."""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress

import cv2
import numpy as np
import numpy.typing as npt

from doclayout.cache import cache_dir, keep
from doclayout.document import open_document
from doclayout.letterbox import PIXELS, raster_size
from doclayout.predict import fine_enough


def resize_long(image: npt.NDArray[np.uint8], long_side: int) -> npt.NDArray[np.uint8]:
    """Scale (H, W, 3) so that its longer side has `long_side` pixels, averaging areas when it shrinks."""
    height, width = image.shape[:2]
    longest = max(height, width)
    if longest == long_side:
        return image
    method = cv2.INTER_AREA if long_side < longest else cv2.INTER_LINEAR
    return cv2.resize(image, raster_size(width, height, long_side), interpolation=method)  # type: ignore[no-any-return]


def load_page(file: str, long_side: int | None = None) -> npt.NDArray[np.uint8]:
    """Return the first page of a PDF, or an image, as (H, W, 3) BGR uint8.

    It is drawn as `predict` draws it, finer if `long_side` asks for more, and scaled to a longer side of so many
    pixels, if that is given. Drawings are cached; a file that changed is drawn again.

    Raises:
        InputError: the file cannot be read.
    """
    stat = os.stat(file)
    drawing = f"{os.path.realpath(file)}|{stat.st_mtime_ns}|{stat.st_size}|{PIXELS}|{long_side}"
    key = hashlib.sha256(drawing.encode()).hexdigest()
    cached = cache_dir("pages") / key[:2] / f"{key[2:34]}.npy"
    with suppress(OSError, EOFError, ValueError):  # not there, taken away, or damaged
        return np.load(cached)  # type: ignore[no-any-return]
    with open_document(file) as document:
        page = document.load(document.numbers[0])
        image = page.raster(PIXELS)
        if long_side is not None:
            image = resize_long(fine_enough(page, image, long_side), long_side)
        page.close()
    image = np.ascontiguousarray(image[..., ::-1])
    keep(cached, lambda stream: np.save(stream, image))
    return image
