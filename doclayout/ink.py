"""Where a page has ink, and how much of it lies in each pixel row or column around the edges of a box."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

BoxArray = npt.NDArray[np.float32]
IntArray = npt.NDArray[np.int32]

_CONTRAST = 80
_FAINT_CONTRAST = 28
_PALE_CONTRAST = 16
_WHITE = 228  # from here on, labels take a grey for paper
_CELL = 16
_SKEW = 7  # pixels from one sample's place in its cell to the next one's
_MEDIAN = 7


def paper_contrast(image: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Return by how many grey levels, lighter or darker, each pixel of a page differs from the paper around it.

    The paper is the median of 7 x 7 samples, one of each cell of 16 x 16 pixels, so grey panels wider than about 60
    pixels are paper, and bars behind a line of text are not. Around dark areas, the lighter paper counts up to their
    very edge and three pixels further, so they begin with ink.

    Args:
        image: (H, W, 3) RGB, 0-255.

    Returns:
        (H, W).
    """
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    height, width = grey.shape
    cells = cv2.medianBlur(_samples(grey), _MEDIAN)
    lighter = cv2.dilate(cells, np.ones((3, 3), np.uint8))
    paper = cv2.resize(cells, (width, height), interpolation=cv2.INTER_LINEAR)
    contrast = cv2.absdiff(grey, paper)
    if (lighter - cells).max() > _CONTRAST:
        paper = cv2.resize(lighter, (width, height), interpolation=cv2.INTER_LINEAR)
        beyond = cv2.absdiff(grey, paper)
        plain = cv2.threshold(beyond, _PALE_CONTRAST, 1, cv2.THRESH_BINARY_INV)[1]
        wide = cv2.morphologyEx(plain, cv2.MORPH_OPEN, np.ones((9, 9), np.uint8))  # without light print on dark areas
        contrast = np.where(cv2.dilate(wide, np.ones((7, 7), np.uint8)), beyond, contrast)
    return np.asarray(contrast, dtype=np.uint8)


def ink_integral(contrast: npt.NDArray[np.uint8], words: BoxArray | None = None) -> IntArray:
    """Count ink pixels from the page's origin to every pixel corner.

    Ink is what differs by more than 80 grey levels from its paper. Where the text layer has a word without ink, 16 are
    enough.

    Args:
        contrast: (H, W) from `paper_contrast`.
        words: (m, 4) xyxy boxes of the text layer's words in pixels.

    Returns:
        (H + 1, W + 1) summed-area table of the ink mask (Crow, 1984).
    """
    mask = np.asarray(cv2.threshold(contrast, _CONTRAST, 1, cv2.THRESH_BINARY)[1], dtype=np.uint8)
    integral = np.asarray(cv2.integral(mask), dtype=np.int32)
    if words is None or not _add_pale_words(mask, contrast, integral, words):
        return integral
    return np.asarray(cv2.integral(mask), dtype=np.int32)


def _samples(grey: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Return one pixel of each whole cell of a page, at places that differ from cell to cell.

    At the same place in each, all samples of a paragraph whose lines are one cell apart could lie in the lines.
    """
    height, width = grey.shape
    row, column = np.ogrid[: max(height // _CELL, 1), : max(width // _CELL, 1)]
    y = _CELL * row + _SKEW * column % _CELL
    x = _CELL * column + _SKEW * row % _CELL
    return np.ascontiguousarray(grey[np.minimum(y, height - 1), np.minimum(x, width - 1)])


def count_ink(integral: IntArray, boxes: BoxArray) -> IntArray:
    """Count the ink pixels (n,) in boxes (n, 4), xyxy in pixels, of a page with this `ink_integral`."""
    height, width = (side - 1 for side in integral.shape)
    x0, y0, x1, y1 = np.clip(np.rint(boxes), 0, [width, height, width, height]).astype(np.intp).T
    return np.asarray(integral[y1, x1] - integral[y0, x1] - integral[y1, x0] + integral[y0, x0], dtype=np.int32)


def trim_blank(
    boxes: BoxArray, integral: IntArray, image: npt.NDArray[np.uint8], fills: npt.NDArray[np.bool_]
) -> BoxArray:
    """Pull in the edges of boxes that have only paper inside them, up to the first ink.

    What is cut off has to be of one colour, but for 16 grey levels: print too pale to count as ink stays in. So do
    coloured fills, which belong to drawings and tables that stand on them, unless they are to be cut off too.

    Args:
        boxes: (n, 4) xyxy in pixels.
        integral: (H + 1, W + 1) from `ink_integral`.
        image: (H, W, 3) RGB, that it was made of.
        fills: (n,) from which boxes fills are cut off too.

    Returns:
        (n, 4); boxes without ink, and those of a poor network that are upside down, are as they were.
    """
    height, width = (side - 1 for side in integral.shape)
    trimmed = boxes.copy()
    for i in np.flatnonzero(_begins_blank(boxes, integral)):
        box = trimmed[i]
        x0, y0, x1, y1 = np.clip(np.rint(box), 0, [width, height, width, height]).astype(int).tolist()
        columns = np.flatnonzero(np.diff(integral[y1, x0 : x1 + 1] - integral[y0, x0 : x1 + 1]))
        rows = np.flatnonzero(np.diff(integral[y0 : y1 + 1, x1] - integral[y0 : y1 + 1, x0]))
        if not len(columns) or not len(rows):
            continue
        left, top = x0 + int(columns[0]), y0 + int(rows[0])
        right, bottom = x0 + int(columns[-1]) + 1, y0 + int(rows[-1]) + 1
        beyond = np.s_[y0:y1, x0:left], np.s_[y0:top, x0:x1], np.s_[y0:y1, right:x1], np.s_[bottom:y1, x0:x1]
        for side, (edge, strip) in enumerate(zip((left, top, right, bottom), beyond, strict=True)):
            blank = image[strip]
            if abs(edge - box[side]) > 1 and blank.size and _is_plain(blank) and (fills[i] or blank.min() >= _WHITE):
                box[side] = edge
    return trimmed


def _is_plain(part: npt.NDArray[np.uint8]) -> bool:
    """Tell whether a part (h, w, 3) of a page is of one colour; NumPy is slow over all channels at once."""
    return all(np.ptp(part[..., channel]) <= _PALE_CONTRAST for channel in range(3))


def take_in_faint(boxes: BoxArray, contrast: npt.NDArray[np.uint8]) -> BoxArray:
    """Move the top, right and bottom edges of boxes out by a pixel, where faint ink borders on them.

    The last pixels of letters and lines are mostly too pale to count as ink, and labels have them inside; 28 grey
    levels are enough. Left edges stay, as pdfium draws letters from whole pixels on, up to one too far left.

    Args:
        boxes: (n, 4) xyxy in pixels; edges at no pixel's border stay.
        contrast: (H, W) from `paper_contrast`.

    Returns:
        (n, 4).
    """
    height, width = contrast.shape
    whole = np.clip(np.rint(boxes), 0, [width, height, width, height]).astype(int)
    moved = boxes.copy()
    for i, (x0, y0, x1, y1) in enumerate(whole.tolist()):
        beyond = np.s_[max(y0 - 1, 0) : y0, x0:x1], np.s_[y0:y1, x1 : x1 + 1], np.s_[y1 : y1 + 1, x0:x1]
        for side, step, strip in zip((1, 2, 3), (-1, 1, 1), beyond, strict=True):
            if boxes[i, side] == whole[i, side] and contrast[strip].max(initial=0) > _FAINT_CONTRAST:
                moved[i, side] += step
    return moved


def _begins_blank(boxes: BoxArray, integral: IntArray) -> npt.NDArray[np.bool_]:
    """Tell which boxes (n, 4) have no ink in the two lines of pixels inside one of their edges."""
    x0, y0, x1, y1 = boxes.T
    strips = (x0, y0, x0 + 2, y1), (x0, y0, x1, y0 + 2), (x1 - 2, y0, x1, y1), (x0, y1 - 2, x1, y1)
    return np.asarray(np.any([count_ink(integral, np.stack(strip, 1)) == 0 for strip in strips], axis=0), bool)


def _add_pale_words(
    mask: npt.NDArray[np.uint8], contrast: npt.NDArray[np.uint8], integral: IntArray, words: BoxArray
) -> bool:
    """Mark the print of words without ink in the mask, in place; return whether there was any."""
    height, width = mask.shape
    blank = count_ink(integral, words) == 0
    x0, y0, x1, y1 = np.clip(np.rint(words), 0, [width, height, width, height]).astype(np.intp).T
    found = False
    for i in np.flatnonzero(blank & (x1 - x0 > 2) & (y1 - y0 > 2)):
        part = np.s_[y0[i] : y1[i], x0[i] : x1[i]]
        pale = contrast[part] > _PALE_CONTRAST
        mask[part] |= pale
        found = found or bool(pale.any())
    return found


def edge_profiles(
    integral: IntArray, boxes: BoxArray, axis: int, outward: int, inward: int
) -> tuple[IntArray, IntArray, IntArray]:
    """Count the ink of each pixel line parallel to a box edge, from far outside the box to inside it.

    Args:
        integral: (H + 1, W + 1) from `ink_integral`.
        boxes: (n, 4) xyxy in pixels.
        axis: 0 for the left and right edges, 1 for the top and bottom edges.
        outward: number of lines outside the edge.
        inward: number of lines inside it.

    Returns:
        counts: (2n, outward + inward) ink pixels within the box's other extent, first all left or top edges, then
            all right or bottom edges; column `outward` is the first line inside. Zero outside the page.
        span: (2n,) length of those lines in pixels.
        positions: (2n,) the edges themselves, rounded to pixel borders.
    """
    table = integral if axis == 1 else integral.T
    length, across = table.shape[0] - 1, table.shape[1] - 1
    rounded = np.rint(boxes).astype(np.int32)
    positions = np.concatenate([rounded[:, axis], rounded[:, axis + 2]])
    first = np.tile(np.clip(rounded[:, 1 - axis], 0, across), 2)[:, None]
    last = np.tile(np.clip(rounded[:, 3 - axis], 0, across), 2)[:, None]
    inwards = np.repeat(np.array([1, -1], dtype=np.int32), len(boxes))[:, None]
    steps = np.arange(-outward, inward + 1, dtype=np.int32)
    corners = np.clip(positions[:, None] + inwards * steps, 0, length)
    cumulative = table[corners, last] - table[corners, first]
    return np.abs(np.diff(cumulative, axis=1)), (last - first)[:, 0], positions
