"""A drawing pen over a ReportLab canvas: origin top left, y down, points; it notes what each element covers."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from synth.elements.fonts import layout_runs

Color = tuple[float, float, float]
Point = tuple[float, float]
Rect = tuple[float, float, float, float]

BLACK: Color = (0.0, 0.0, 0.0)
WHITE: Color = (1.0, 1.0, 1.0)


@dataclass(frozen=True)
class Mark:
    """One finished element.

    Attributes:
        name: its class.
        rect: a loose rectangle (x0, y0, x1, y1) in points that holds all of its ink.
        key: what was drawn, for others to refer to.
        of: keys of what a caption or footnote belongs to.
        last: whether it is read after all that is drawn later, but for footers.
    """

    name: str
    rect: Rect
    key: object = None
    of: tuple[object, ...] = ()
    last: bool = False


class Pen:
    """Draws on one page of a canvas.

    Attributes:
        width: page width in points.
        height: page height in points.
        marks: finished elements, in drawing order.
    """

    def __init__(self, canvas: Canvas, width: float, height: float) -> None:
        self.canvas = canvas
        self.width = width
        self.height = height
        self.marks: list[Mark] = []
        self._extent: list[float] | None = None
        self._limit: Rect = (0.0, 0.0, width, height)
        self.stroke = BLACK
        self.weight = 0.6
        canvas.setPageSize((width, height))
        canvas.setLineWidth(self.weight)

    @contextmanager
    def element(self, name: str, key: object = None, of: tuple[object, ...] = (), last: bool = False) -> Iterator[None]:
        """Record what is drawn inside as one element, described as in `Mark`; nested elements join the outer one."""
        if self._extent is not None:
            yield
            return
        self._extent = [math.inf, math.inf, -math.inf, -math.inf]
        yield
        x0, y0, x1, y1 = self._extent
        self._extent = None
        if x1 > x0 and y1 > y0:
            self.marks.append(Mark(name, (x0, y0, x1, y1), key, of, last))

    @contextmanager
    def clip(self, x: float, y: float, w: float, h: float) -> Iterator[None]:
        """Let nothing that is drawn inside show beyond a rectangle, and count nothing beyond it as ink."""
        self.canvas.saveState()
        path = self.canvas.beginPath()
        path.rect(x, self.height - y - h, w, h)
        self.canvas.clipPath(path, stroke=0, fill=0)
        outer, self._limit = self._limit, (x, y, x + w, y + h)
        stroke, weight = self.stroke, self.weight
        yield
        self._limit, self.stroke, self.weight = outer, stroke, weight
        self.canvas.restoreState()

    def cover(self, x0: float, y0: float, x1: float, y1: float) -> None:
        """Grow the open element's rectangle."""
        e, (left, top, right, bottom) = self._extent, self._limit
        x0, y0, x1, y1 = max(x0, left), max(y0, top), min(x1, right), min(y1, bottom)
        if e is not None and x1 >= x0 and y1 >= y0:
            e[0], e[1], e[2], e[3] = min(e[0], x0), min(e[1], y0), max(e[2], x1), max(e[3], y1)

    def set(self, weight: float | None = None, color: Color | None = None, dash: Sequence[float] | None = None) -> None:
        """Set line weight in points, stroke colour and dash pattern (`()` is solid); None leaves as it is."""
        if weight is not None and weight != self.weight:
            self.weight = weight
            self.canvas.setLineWidth(weight)
        if color is not None and color != self.stroke:
            self.stroke = color
            self.canvas.setStrokeColorRGB(*color)
        if dash is not None:
            self.canvas.setDash(list(dash))

    def line(self, x0: float, y0: float, x1: float, y1: float) -> None:
        """Draw a straight line."""
        half = self.weight / 2
        self.cover(min(x0, x1) - half, min(y0, y1) - half, max(x0, x1) + half, max(y0, y1) + half)
        self.canvas.line(x0, self.height - y0, x1, self.height - y1)

    def path(
        self, points: Sequence[Point], close: bool = False, fill: Color | None = None, stroke: bool = True
    ) -> None:
        """Draw a polyline or polygon."""
        path = self.canvas.beginPath()
        path.moveTo(points[0][0], self.height - points[0][1])
        for x, y in points[1:]:
            path.lineTo(x, self.height - y)
        if close:
            path.close()
        self._cover_points(points)
        self._draw(path, fill, stroke)

    def bezier(self, points: Sequence[Point], fill: Color | None = None, stroke: bool = True) -> None:
        """Draw a chain of cubic curves: start, then (control, control, end) triples."""
        path = self.canvas.beginPath()
        path.moveTo(points[0][0], self.height - points[0][1])
        for a, b, c in zip(points[1::3], points[2::3], points[3::3], strict=True):
            path.curveTo(a[0], self.height - a[1], b[0], self.height - b[1], c[0], self.height - c[1])
        self._cover_points(points)
        self._draw(path, fill, stroke)

    def rect(
        self, x: float, y: float, w: float, h: float, fill: Color | None = None, stroke: bool = True, radius: float = 0
    ) -> None:
        """Draw a rectangle by its top left corner and size, with rounded corners when `radius` is above zero."""
        half = self.weight / 2 if stroke else 0.0
        self.cover(x - half, y - half, x + w + half, y + h + half)
        if fill is not None:
            self.canvas.setFillColorRGB(*fill)
        if radius > 0:
            radius = min(radius, w / 2, h / 2)
            self.canvas.roundRect(x, self.height - y - h, w, h, radius, stroke=int(stroke), fill=int(fill is not None))
        else:
            self.canvas.rect(x, self.height - y - h, w, h, stroke=int(stroke), fill=int(fill is not None))

    def circle(self, x: float, y: float, r: float, fill: Color | None = None, stroke: bool = True) -> None:
        """Draw a circle by its centre."""
        self.ellipse(x, y, r, r, fill, stroke)

    def ellipse(self, x: float, y: float, rx: float, ry: float, fill: Color | None = None, stroke: bool = True) -> None:
        """Draw an ellipse by its centre and radii."""
        half = self.weight / 2 if stroke else 0.0
        self.cover(x - rx - half, y - ry - half, x + rx + half, y + ry + half)
        if fill is not None:
            self.canvas.setFillColorRGB(*fill)
        cy = self.height - y
        self.canvas.ellipse(x - rx, cy - ry, x + rx, cy + ry, stroke=int(stroke), fill=int(fill is not None))

    def arc(self, x: float, y: float, r: float, start: float, sweep: float) -> None:
        """Draw a circular arc; angles in degrees, counter-clockwise from the right."""
        half = r + self.weight / 2
        self.cover(x - half, y - half, x + half, y + half)
        cy = self.height - y
        self.canvas.arc(x - r, cy - r, x + r, cy + r, start, sweep)

    def arrow(self, x0: float, y0: float, x1: float, y1: float, head: float = 4.0, both: bool = False) -> None:
        """Draw a line with a filled head at its end, or at both ends."""
        self.line(x0, y0, x1, y1)
        self.head(x0, y0, x1, y1, head)
        if both:
            self.head(x1, y1, x0, y0, head)

    def head(self, x0: float, y0: float, x1: float, y1: float, size: float = 4.0) -> None:
        """Draw only the head of an arrow that ends at (x1, y1)."""
        length = math.hypot(x1 - x0, y1 - y0) or 1.0
        ux, uy = (x1 - x0) / length, (y1 - y0) / length
        bx, by, w = x1 - ux * size, y1 - uy * size, size * 0.32
        self.path([(x1, y1), (bx - uy * w, by + ux * w), (bx + uy * w, by - ux * w)], True, self.stroke, False)

    def image(self, picture: ImageReader, x: float, y: float, w: float, h: float) -> None:
        """Draw a raster picture."""
        self.cover(x, y, x + w, y + h)
        self.canvas.drawImage(picture, x, self.height - y - h, w, h)

    def text(
        self,
        x: float,
        y: float,
        markup: str,
        font: str,
        size: float,
        color: Color = BLACK,
        anchor: str = "l",
        angle: int = 0,
        scale: float = 1.0,
        space: float = 0.0,
    ) -> float:
        """Write one line with its baseline at y and return its width in points.

        Args:
            x: where the anchor is.
            y: baseline (for angle 90 the text runs upwards and (x, y) is its turned anchor).
            markup: text with `_{sub}`, `^{super}` and `~{overlined}`.
            font: ReportLab font name.
            size: font size in points.
            color: of the text.
            anchor: `l`, `c` or `r`.
            angle: degrees counter-clockwise; 0, 90 or -90.
            scale: horizontal scale of the letters.
            space: extra points per blank, for justified lines.
        """
        runs, unit = layout_runs(markup, font)
        width = unit * size * scale + space * markup.count(" ")
        shift = {"l": 0.0, "c": -width / 2, "r": -width}[anchor]
        canvas = self.canvas
        if angle:
            canvas.saveState()
            canvas.translate(x, self.height - y)
            canvas.rotate(angle)
            self._runs(runs, shift, 0.0, size, color, scale, space)
            canvas.restoreState()
            self._cover_turned(x, y, shift, width, size, angle)
        else:
            lean = 0.14 * size if font.endswith(("Oblique", "Italic", "Ita")) else 0.0
            self.cover(x + shift - lean, y - 0.76 * size, x + shift + width + lean, y + 0.22 * size)
            self._runs(runs, x + shift, self.height - y, size, color, scale, space)
        return width

    def _runs(
        self,
        runs: Sequence[tuple[str, str, float, float, bool, float]],
        x: float,
        y: float,
        size: float,
        color: Color,
        scale: float,
        space: float,
    ) -> None:
        canvas = self.canvas
        canvas.setFillColorRGB(*color)
        for text, font, factor, rise, bar, unit in runs:
            line = canvas.beginText(x, y + rise * size)
            line.setFont(font, size * factor)
            if scale != 1.0:
                line.setHorizScale(scale * 100)
            if space:
                line.setWordSpace(space / scale)
            line.textOut(text)
            if scale != 1.0:
                line.setHorizScale(100)
            if space:
                line.setWordSpace(0)
            canvas.drawText(line)
            width = unit * size * scale + space * text.count(" ")
            if bar:
                canvas.rect(x, y + 0.76 * size, width, max(0.06 * size, 0.3), stroke=0, fill=1)
                self.cover(x, self.height - y - 0.9 * size, x + width, self.height - y)
            x += width

    def _cover_turned(self, x: float, y: float, shift: float, width: float, size: float, angle: int) -> None:
        up, down = 0.76 * size, 0.22 * size
        if angle == 90:
            self.cover(x - up, y - shift - width, x + down, y - shift)
        else:
            self.cover(x - down, y + shift, x + up, y + shift + width)

    def _cover_points(self, points: Sequence[Point]) -> None:
        xs, ys, half = [p[0] for p in points], [p[1] for p in points], self.weight / 2
        self.cover(min(xs) - half, min(ys) - half, max(xs) + half, max(ys) + half)

    def _draw(self, path: object, fill: Color | None, stroke: bool) -> None:
        if fill is not None:
            self.canvas.setFillColorRGB(*fill)
        self.canvas.drawPath(path, stroke=int(stroke), fill=int(fill is not None))
