"""Images by Pillow: files of one or more frames, Pillow images and arrays, as pages measured in pixels."""

from __future__ import annotations

import io
import struct
import sys
import threading
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from PIL import ExifTags, Image, UnidentifiedImageError

from doclayout._file_state import FileState
from doclayout.errors import DamagedFileError, InputError, NotADocumentError, PageSizeError
from doclayout.letterbox import MAX_PIXELS, raster_scale, raster_size
from doclayout.lines import Word
from doclayout.region import Box, Unit

_WARNINGS_LOCK = threading.RLock()
"""Which warnings are shown is the whole process's affair, and pages are read in two threads."""
_FORMATS = ("PNG", "JPEG", "TIFF", "WEBP", "BMP", "GIF")
_SIGNATURES = (b"\x89PNG", b"\xff\xd8\xff", b"II*\0", b"MM\0*", b"II+\0", b"MM\0+", b"RIFF", b"BM", b"GIF8")
_BROKEN = (OSError, EOFError, SyntaxError, ValueError, TypeError, KeyError, IndexError, struct.error)
"""What Pillow raises on damaged images."""
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_270, 7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}  # fmt: skip
"""By EXIF orientation, what sets an image upright. Pillow's `exif_transpose` also writes the EXIF anew, and fails on
some that cameras and scanners wrote."""
_RANGES = {"F": (1, 255, 65535), "I": (255, 65535, 2**31 - 1)}
"""By Pillow mode, the values that may stand for white; of them, the first that no pixel exceeds does."""


class ImageFile:
    """An image file; each frame of a TIFF is a page, of other formats the first frame is the only page."""

    def __init__(self, data: Path | bytes, name: str) -> None:
        """Read the header of an image, from a path or from the file's bytes.

        Raises:
            NotADocumentError: it is no image of a known format.
            DamagedFileError: it is one, but its header is broken.
            PageSizeError: it has more pixels than Pillow's limit against decompression bombs.
        """
        self._data = data.absolute() if isinstance(data, Path) else data
        self._name = name
        self._state = FileState(self._data, name)
        with self._reading("its header"), open_image(self._data) as image:
            self.count = int(getattr(image, "n_frames", 1)) if image.format == "TIFF" else 1

    def page(self, number: int) -> ImageSourcePage:
        """Decode the frame at a number, counted from 1.

        Raises:
            DamagedFileError: the frame is truncated or broken.
            PageSizeError: it has more pixels than Pillow's limit against decompression bombs.
        """
        return ImageSourcePage(number, partial(self._pixels, number - 1))

    def close(self) -> None:
        """Do nothing: the file is open only while it is being read."""

    def _pixels(self, index: int) -> npt.NDArray[np.uint8]:
        self._state.check()
        with self._reading(f"image {index + 1}"), open_image(self._data) as image:
            if index:
                image.seek(index)
            return to_rgb(image)

    @contextmanager
    def _reading(self, part: str) -> Iterator[None]:
        try:
            with _WARNINGS_LOCK, warnings.catch_warnings():
                # of damage that is then raised, of sizes that are still within the limit
                warnings.simplefilter("ignore")
                yield
        except UnidentifiedImageError:
            if self._head().startswith(_SIGNATURES):
                raise DamagedFileError(f"{self._name} is truncated or broken: {part} cannot be read") from None
            raise NotADocumentError(f"{self._name} is neither a PDF nor an image ({', '.join(_FORMATS)})") from None
        except Image.DecompressionBombError:
            raise PageSizeError(f"{self._name}: {part} has more than {_max_pixels()} pixels; scale it down") from None
        except _BROKEN as error:
            if isinstance(error, OSError) and error.strerror:  # of the system; Pillow's own have a text alone
                raise InputError(f"{self._name} cannot be read: {error.strerror}") from None
            raise DamagedFileError(f"{self._name} is truncated or broken: {part}: {error}") from None

    def _head(self) -> bytes:
        if isinstance(self._data, bytes):
            return self._data[:16]
        with self._data.open("rb") as file:
            return file.read(16)


class ImageSourcePage:
    """One image as a page; `doclayout.document.SourcePage` describes its attributes and methods."""

    unit: Unit = "px"

    def __init__(self, number: int, load: Callable[[], npt.NDArray[np.uint8]]) -> None:
        """Load the page; `load` returns (H, W, 3) RGB and is called again after `close`."""
        self.number = number
        self._load = load
        self._pixels: npt.NDArray[np.uint8] | None = load()
        height, width = self._pixels.shape[:2]
        self.width, self.height = float(width), float(height)

    def render(self, long_side: int) -> npt.NDArray[np.uint8]:
        """Scale the image; see `SourcePage.render`."""
        return self._scaled(raster_size(self.width, self.height, long_side))

    def raster(self, pixels: int) -> npt.NDArray[np.uint8]:
        """Scale the image, by up to a pixel more in one direction than in the other; see `SourcePage.raster`."""
        width, height, _ = raster_scale(self.width, self.height, pixels)
        return self._scaled((width, height))

    def _scaled(self, size: tuple[int, int]) -> npt.NDArray[np.uint8]:
        if self._pixels is None:
            self._pixels = self._load()
        if size == (self.width, self.height):
            return self._pixels.copy()
        if size[0] * size[1] > MAX_PIXELS:
            raise PageSizeError(f"page {self.number} cannot be drawn at {size[0]} x {size[1]} pixels; ask for less")
        filtering = cv2.INTER_AREA if max(size) < max(self.width, self.height) else cv2.INTER_CUBIC
        return np.asarray(cv2.resize(self._pixels, size, interpolation=filtering), np.uint8)

    def words(self) -> npt.NDArray[np.float32]:
        """Return no boxes: an image has no text layer."""
        return np.zeros((0, 4), np.float32)

    def written(self) -> list[Word]:
        """Return no words: an image has no text layer."""
        return []

    def openings(self, boxes: Sequence[Box]) -> list[str]:
        """Return nothing for each box: an image has no text layer."""
        return [""] * len(boxes)

    def close(self) -> None:
        """Free the pixels; `render` decodes them again."""
        self._pixels = None


class ImageArray:
    """A decoded image as a source of one page."""

    count = 1

    def __init__(self, image: npt.NDArray[Any] | Image.Image) -> None:
        """Take an array, uint8 of shape (H, W, 3) RGB, (H, W, 4) RGBA or (H, W) grey, or a Pillow image.

        Raises:
            NotADocumentError: the array has another shape or type.
            DamagedFileError: the Pillow image cannot be decoded.
            PageSizeError: it has no pixels.
        """
        shape = image.shape if isinstance(image, np.ndarray) else image.size
        if isinstance(image, np.ndarray):
            if image.dtype != np.uint8 or image.ndim not in (2, 3) or image.shape[2:] not in ((), (3,), (4,)):
                raise NotADocumentError(
                    f"expected an array of uint8 and shape (H, W, 3) in RGB, got {image.dtype} {image.shape}"
                )
        if 0 in shape:
            raise PageSizeError(f"an image or array of {' x '.join(map(str, shape))} has no pixels")
        try:
            self._pixels = to_rgb(Image.fromarray(image) if isinstance(image, np.ndarray) else image)
        except _BROKEN as error:
            raise DamagedFileError(f"the image is truncated or broken: {error}") from None

    def page(self, number: int) -> ImageSourcePage:
        """Return the only page."""
        return ImageSourcePage(number, self._given)

    def _given(self) -> npt.NDArray[np.uint8]:
        return self._pixels

    def close(self) -> None:
        """Do nothing: the pixels live as long as the source."""


@contextmanager
def open_image(source: Path | bytes) -> Iterator[Image.Image]:
    """Read the header of an image of a known format, by Pillow's own `Image.open`, with what that raises."""
    # ultralytics, once it is imported, replaces it by one that installs packages when a file is no image
    opener = getattr(sys.modules.get("ultralytics.utils.patches"), "_image_open", Image.open)
    # never by its path: Pillow then maps some TIFFs into memory, and mixes up the sides of those that are turned
    with io.BytesIO(source) if isinstance(source, bytes) else source.open("rb") as stream:
        with opener(stream, formats=_FORMATS) as image:
            yield image


def to_rgb(image: Image.Image) -> npt.NDArray[np.uint8]:
    """Decode a Pillow image of any mode.

    Returns:
        (H, W, 3) RGB, upright by its EXIF orientation, on white where it is transparent; 16-bit, 32-bit and float
        greys are scaled to 0 to 255.
    """
    image.load()
    turn = _TURNS.get(orientation(image))
    upright = image if turn is None else image.transpose(turn)
    if upright.mode in _RANGES or upright.mode.startswith("I;16"):
        upright = Image.fromarray(_to_8_bits(np.asarray(upright), _RANGES.get(upright.mode, (65535,))))
    if upright.has_transparency_data:
        white = Image.new("RGBA", upright.size, "white")
        upright = Image.alpha_composite(white, upright.convert("RGBA"))
    return np.array(upright.convert("RGB"), np.uint8)


def orientation(image: Image.Image) -> Any:
    """Return an image's EXIF orientation, 1 (upright) where it has none or none that can be read."""
    try:
        return image.getexif().get(ExifTags.Base.Orientation, 1)
    except _BROKEN:
        return 1


def _to_8_bits(values: npt.NDArray[Any], whites: tuple[int, ...]) -> npt.NDArray[np.uint8]:
    largest = values[np.isfinite(values)].max(initial=0)
    white = next((value for value in whites if largest <= value), largest)
    values = np.nan_to_num(values, nan=white, posinf=white, neginf=0)
    return np.asarray(np.rint(np.clip(values, 0, white) * (255.0 / white)), np.uint8)


def _max_pixels() -> int:
    return 2 * (Image.MAX_IMAGE_PIXELS or 0)
