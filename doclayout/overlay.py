"""The overlay picture: tinted boxes with class and score over a page, and a legend of the classes present beside it.

Everything is laid out in pixels of the page image; sizes follow its long side, so a 3200 px overlay is the 1600 px one,
finer. Tints multiply, as a marker pen does, so that ink keeps its contrast. Labels go where the page is empty.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from doclayout.region import Box
from doclayout.schema import Schema

Rgb = tuple[int, int, int]
Array = npt.NDArray[np.uint8]

_DESIGN_SIDE = 1600  # the long side, in pixels, at which the sizes below hold
_LEAST_SCALE = 0.5  # under this, labels would be too small to read
_TINT = 0.17  # share of the class colour in the tint; graphics, which are large, take half of it
_INK = (33, 37, 43)
_FAINT = (118, 124, 132)
_PAPER = (250, 250, 251)


@dataclass(frozen=True)
class Mark:
    """One box to draw.

    Attributes:
        bbox: x0, y0, x1, y1 in pixels of the page image, origin top left.
        class_id: position in the schema.
        score: 0 to 1; written on the label, unless `None`.
        order: position in reading order; written on the label, unless `None`.
        caption_of: position, in the sequence of marks, of what this one captions; drawn as a line, unless `None`.
    """

    bbox: Box
    class_id: int
    score: float | None = None
    order: int | None = None
    caption_of: int | None = None


def draw_overlay(image: Array, marks: Sequence[Mark], schema: Schema, *, legend: bool = True, title: str = "") -> Array:
    """Draw marks over a page, with a legend to its right.

    Args:
        image: uint8 (H, W, 3) RGB, left as it is.
        marks: the boxes; those drawn first are the largest.
        schema: gives every class its name and colour.
        legend: whether to add the panel that lists the classes present, with their counts.
        title: headline of the legend.

    Returns:
        uint8 (H', W', 3) RGB, the page at its top left; without a legend H, W are the image's, and a legend adds its
        width, and to a low page, height.
    """
    scale = max(_LEAST_SCALE, max(image.shape[:2]) / _DESIGN_SIDE)
    by_area = sorted(marks, key=lambda mark: -_area(mark.bbox))
    canvas = Image.fromarray(_tinted(image, by_area, schema))
    draw = ImageDraw.Draw(canvas)
    for mark in by_area:
        draw.rectangle(
            _outline(mark.bbox, scale), outline=schema.colors[mark.class_id], width=max(1, round(1.6 * scale))
        )
    for mark in marks:
        if mark.caption_of is not None:
            _link(draw, mark.bbox, marks[mark.caption_of].bbox, schema.colors[mark.class_id], scale)
    _labels(draw, image, marks, schema, scale)
    page = np.asarray(canvas, np.uint8)
    if not legend:
        return page
    panel = _legend(marks, schema, title, page.shape[0], scale)
    below = np.full((panel.shape[0] - page.shape[0], page.shape[1], 3), _PAPER, np.uint8)
    return np.hstack([np.vstack([page, below]), panel])


def _area(box: Box) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])


def _outline(box: Box, scale: float) -> tuple[int, int, int, int]:
    """Return the outline of a box in whole pixels, just outside it, so that the line does not cover the ink."""
    out = max(1, round(1.6 * scale))
    return round(box[0]) - out, round(box[1]) - out, round(box[2]) + out - 1, round(box[3]) + out - 1


def _tinted(image: Array, marks: Iterable[Mark], schema: Schema) -> Array:
    """Return a copy of the page, multiplied by each mark's tint; where marks overlap, the last one's holds."""
    height, width = image.shape[:2]
    tint = np.full((height, width, 3), 255, np.uint8)
    for mark in marks:
        strength = _TINT if schema.text[mark.class_id] else _TINT / 2
        color = tuple(round(255 - strength * (255 - c)) for c in schema.colors[mark.class_id])
        x0, y0, x1, y1 = (max(0, round(v)) for v in mark.bbox)
        tint[y0:y1, x0:x1] = color
    return np.asarray(cv2.multiply(image, tint, scale=1 / 255), np.uint8)


def _link(draw: ImageDraw.ImageDraw, caption: Box, target: Box, color: Rgb, scale: float) -> None:
    """Draw a line from a caption to the nearest point, inwards a little, of what it captions."""
    start = (caption[0] + caption[2]) / 2, (caption[1] + caption[3]) / 2
    inset = min(14 * scale, (target[2] - target[0]) / 2, (target[3] - target[1]) / 2)
    end = tuple(min(max(v, target[k] + inset), target[k + 2] - inset) for k, v in enumerate(start))
    draw.line([start, (end[0], end[1])], fill=color, width=max(2, round(2.4 * scale)))
    radius = 5 * scale
    draw.ellipse([end[0] - radius, end[1] - radius, end[0] + radius, end[1] + radius], fill=color)


def _text_of(mark: Mark, schema: Schema) -> str:
    order = "" if mark.order is None else f"{mark.order}  "
    score = "" if mark.score is None else f" {mark.score:.2f}"
    return f"{order}{schema.names[mark.class_id]}{score}"


def _on(color: Rgb) -> Rgb:
    """Return white or near-black, whichever reads better on a colour (Rec. 601 luma)."""
    return (255, 255, 255) if 0.299 * color[0] + 0.587 * color[1] + 0.114 * color[2] < 160 else _INK


def _labels(draw: ImageDraw.ImageDraw, image: Array, marks: Sequence[Mark], schema: Schema, scale: float) -> None:
    """Write each mark's label on a tab of its colour, at the emptiest of the places around its box.

    The cost of a place is the ink that it hides, plus ten times its overlap with earlier labels, plus a quarter of its
    overlap with other boxes, plus a little for each place further down the list of preferences. Small boxes, which have
    the fewest good places, choose first.
    """
    font = ImageFont.load_default(max(8.0, 12.5 * scale))
    ink = np.asarray(cv2.integral((cv2.cvtColor(image, cv2.COLOR_RGB2GRAY) < 200).astype(np.uint8)), np.int32)
    taken: list[Box] = []
    _, top, _, bottom = font.getbbox("Ag")
    for mark in sorted(marks, key=lambda mark: _area(mark.bbox)):
        text = _text_of(mark, schema)
        left, _, right, _ = font.getbbox(text)
        pad = max(1, round(3 * scale))
        size = round(right - left) + 2 * pad, round(bottom - top) + 2 * pad
        places = _places(_outline(mark.bbox, scale), size, image.shape[1], image.shape[0])
        others = [other.bbox for other in marks if other is not mark]
        costs = [
            _hidden(place, ink)
            + 10 * _overlap(place, taken)
            + 0.25 * _overlap(place, others)
            + 0.015 * rank * size[0] * size[1]
            for rank, place in enumerate(places)
        ]
        x0, y0, x1, y1 = best = places[int(np.argmin(costs))]
        taken.append(best)
        draw.rectangle([x0, y0, x1 - 1, y1 - 1], fill=schema.colors[mark.class_id])
        draw.text((x0 + pad - left, y0 + pad - top), text, fill=_on(schema.colors[mark.class_id]), font=font)


def _places(
    box: tuple[int, int, int, int], size: tuple[int, int], width: int, height: int
) -> list[tuple[int, int, int, int]]:
    """Return the places for a label of a size around an outline, best liked first, pushed inside the image."""
    (x0, y0, x1, y1), (w, h) = box, size
    corners = [
        (x0, y0 - h), (x1 - w + 1, y0 - h), (x0 - w, y0), (x1 + 1, y0), (x0, y1 + 1), (x1 - w + 1, y1 + 1),
        ((x0 + x1 - w) // 2, y0 - h), (x1 - w + 1, y0), (x0, y0), (x1 - w + 1, y1 - h + 1), (x0, y1 - h + 1),
    ]  # fmt: skip
    inside = [(min(max(x, 0), max(0, width - w)), min(max(y, 0), max(0, height - h))) for x, y in corners]
    return [(x, y, x + w, y + h) for x, y in inside]


def _hidden(place: tuple[int, int, int, int], ink: npt.NDArray[np.int32]) -> int:
    """Return how many pixels of ink lie in a place, from the integral image of the ink."""
    x0, x1 = (min(x, ink.shape[1] - 1) for x in place[::2])
    y0, y1 = (min(y, ink.shape[0] - 1) for y in place[1::2])
    return int(ink[y1, x1] - ink[y0, x1] - ink[y1, x0] + ink[y0, x0])


def _overlap(place: Box, boxes: Iterable[Box]) -> float:
    """Return the area that a place shares with boxes, summed."""
    x0, y0, x1, y1 = place
    return sum(max(0.0, min(x1, b[2]) - max(x0, b[0])) * max(0.0, min(y1, b[3]) - max(y0, b[1])) for b in boxes)


def _legend(marks: Sequence[Mark], schema: Schema, title: str, height: int, scale: float) -> Array:
    """Return the legend, uint8 (h, w, 3), h at least the height: the classes present in schema order, with counts."""
    counts = Counter(mark.class_id for mark in marks)
    font, head = ImageFont.load_default(max(9.0, 17 * scale)), ImageFont.load_default(max(10.0, 20 * scale))
    total = f"{len(marks)} region" + ("" if len(marks) == 1 else "s")
    widest = max([font.getlength(schema.names[i]) for i in counts] + [head.getlength(title) - 60 * scale, 90 * scale])
    needed = round((60 + 30 * bool(title) + 34 * len(counts)) * scale)
    panel = Image.new("RGB", (round(widest + 118 * scale), max(height, needed)), _PAPER)
    draw = ImageDraw.Draw(panel)
    draw.line([(0, 0), (0, panel.height)], fill=(222, 225, 229), width=max(1, round(2 * scale)))
    x, y = 24 * scale, 30 * scale
    if title:
        draw.text((x, y), title, fill=_INK, font=head, anchor="lm")
        y += 30 * scale
    draw.text((x, y), total, fill=_FAINT, font=font, anchor="lm")
    for class_id in sorted(counts):
        y += 34 * scale
        color = schema.colors[class_id]
        light = tuple(round(255 - 0.25 * (255 - c)) for c in color)
        box = (x, y - 9 * scale, x + 24 * scale, y + 9 * scale)
        draw.rectangle(box, fill=light, outline=color, width=max(1, round(2 * scale)))
        draw.text((x + 36 * scale, y), schema.names[class_id], fill=_INK, font=font, anchor="lm")
        draw.text((panel.width - 22 * scale, y), str(counts[class_id]), fill=_FAINT, font=font, anchor="rm")
    return np.asarray(panel, np.uint8)
