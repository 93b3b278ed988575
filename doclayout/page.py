"""One page and its regions; as JSON, as an overlay picture, and cut into crops."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from numbers import Integral
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import numpy.typing as npt

from doclayout.errors import UsageError
from doclayout.region import LINKS, Box, Region, Unit, cut, expect, is_number
from doclayout.schema import Schema, load_schema

if TYPE_CHECKING:
    from doclayout.text import PageText

Image = npt.NDArray[np.uint8]

_OVERHANG = 0.5  # units by which a box may leave its page: files round both


@dataclass(frozen=True)
class Page:
    """One page and its regions.

    Attributes:
        number: counted from 1.
        width: of the page as displayed, in its unit.
        height: likewise.
        unit: `pt` for a PDF, `px` for an image.
        regions: in reading order.
        render: gives the page as uint8 (H, W, 3) RGB for a long side in pixels; `None` where it is out of reach.
        schema: names and colours the classes.

    Raises:
        ValueError: a value is not as described, or the regions do not fit the page, the schema or each other.
    """

    number: int
    width: float
    height: float
    unit: Unit
    regions: Sequence[Region] = ()
    render: Callable[[int], Image] | None = field(default=None, repr=False, compare=False)
    schema: Schema = field(default_factory=load_schema, repr=False)

    def __post_init__(self) -> None:
        expect(isinstance(self.number, Integral) and self.number >= 1, "page number", "an integer from 1", self.number)
        object.__setattr__(self, "number", int(self.number))
        own = f"page {self.number}:"
        for key in ("width", "height"):
            value = getattr(self, key)
            expect(is_number(value) and value > 0, f"{own} {key}", "a finite number above 0", value)
            object.__setattr__(self, key, float(value))
        expect(self.unit in ("pt", "px"), f"{own} unit", "'pt' or 'px'", self.unit)
        captions: dict[str, tuple[str, ...]] = {}
        for region in self.regions:
            if region.caption_of is not None:
                captions[region.caption_of] = (*captions.get(region.caption_of, ()), region.id)
        regions = tuple(_captioned(region, captions.get(region.id, ())) for region in self.regions)
        object.__setattr__(self, "regions", regions)
        self._check_regions(own)

    def _check_regions(self, own: str) -> None:
        ids = {region.id for region in self.regions}
        expect(len(ids) == len(self.regions), f"{own} region ids", "all different", [r.id for r in self.regions])
        for k, region in enumerate(self.regions):
            what = f"{own} region {region.id}:"
            expect(region.order == k, f"{what} order", f"{k}, its position in the page's regions", region.order)
            known = region.class_id < len(self.schema)
            expect(known, f"{what} class_id", f"below {len(self.schema)} in schema {self.schema.name}", region.class_id)
            name = self.schema.names[region.class_id]
            expect(region.name == name, f"{what} name", f"{name!r}, class {region.class_id} of its schema", region.name)
            for key in LINKS:
                link = getattr(region, key)
                expect(link is None or link in ids, f"{what} {key}", "the id of a region of the same page", link)
            x0, y0, x1, y1 = region.bbox
            inside = min(x0, y0) >= -_OVERHANG and x1 <= self.width + _OVERHANG and y1 <= self.height + _OVERHANG
            expect(inside, f"{what} bbox", f"inside the page, {self.width:g} x {self.height:g}", region.bbox)

    @classmethod
    def from_boxes(
        cls,
        number: int,
        width: float,
        height: float,
        unit: Unit,
        boxes: npt.ArrayLike,
        scores: npt.ArrayLike,
        class_ids: npt.ArrayLike,
        schema: Schema,
        render: Callable[[int], Image] | None = None,
        text: PageText | None = None,
    ) -> Page:
        """Make a page from what a detector found: clip to the page, put into reading order, link.

        Args:
            number: counted from 1.
            width: of the page as displayed, in its unit.
            height: likewise.
            unit: `pt` or `px`.
            boxes: xyxy, shape (n, 4), in the page's unit; those with a side under 0.02 inside the page go.
            scores: shape (n,), 0 to 1.
            class_ids: shape (n,).
            schema: names the classes.
            render: as in `Page`.
            text: reads the regions, and for links how the captions begin; the page that it reads stays open.
        """
        from doclayout.roles import roles
        from doclayout.structure import find_structure

        clipped = np.clip(np.asarray(boxes, np.float64).reshape(-1, 4), 0, [width, height, width, height])
        keep = ((clipped[:, 2:] - clipped[:, :2]) >= 0.02).all(axis=1)
        xyxy = clipped[keep]
        score = np.asarray(scores, np.float64).reshape(-1)[keep].tolist()
        ids: list[int] = np.asarray(class_ids, np.int64).reshape(-1)[keep].tolist()
        openings = [""] * len(ids)
        role = roles(schema)
        captions = [i for i, c in enumerate(ids) if role[c] == "caption"]
        if text is not None and captions:
            for i, opening in zip(captions, text.openings(xyxy[captions].tolist()), strict=True):
                openings[i] = opening
        found = find_structure(xyxy, ids, schema, width, height, openings)
        name: dict[int | None, str] = {i: f"p{number}r{k}" for k, i in enumerate(found.order)}
        regions = []
        for k, i in enumerate(found.order):
            box = cast(Box, tuple(xyxy[i].tolist()))
            region = Region(
                name[i],
                schema.names[ids[i]],
                ids[i],
                score[i],
                box,
                k,
                caption_of=name.get(found.captions[i]),
                note_of=name.get(found.notes[i]),
                section=name.get(found.sections[i]),
                reader=None if text is None else partial(text, box, ids[i]),
            )
            regions.append(region)
        return cls(number, width, height, unit, regions, render, schema)

    def section(self, heading: Region) -> list[Region]:
        """Return the regions that stand under a heading, in reading order, without the heading itself."""
        return [region for region in self.regions if region.section == heading.id]

    def json(self, full: bool = False) -> dict[str, Any]:
        """Return the page as it stands in a result file; `full` as in `Region.json`."""
        return {
            "page": self.number,
            "width": round(self.width, 2),
            "height": round(self.height, 2),
            "unit": self.unit,
            "regions": [region.json(full) for region in self.regions],
        }

    def image(self, long_side: int) -> Image:
        """Return the page, uint8 (H, W, 3) RGB, with its long side about `long_side` pixels.

        Raises:
            UsageError: the page has no renderer, as when it was read from a result file.
        """
        if self.render is None:
            raise UsageError(
                f"page {self.number} cannot be drawn, its source is not at hand; give its picture as image="
            )
        return self.render(long_side)

    def plot(
        self, *, long_side: int = 1600, image: Image | None = None, legend: bool = True, structure: bool = False
    ) -> Image:
        """Return an overlay picture, uint8 (H, W, 3) RGB.

        Args:
            long_side: of the page in the picture, in pixels.
            image: a picture of the page, uint8 (H, W, 3) RGB, to draw on; else the page is rendered.
            legend: whether to list the classes present, with their counts, beside the page.
            structure: whether to show the reading order and the caption links too.

        Raises:
            UsageError: there is neither an image nor a renderer.
        """
        from doclayout.overlay import Mark, draw_overlay

        picture = self.image(long_side) if image is None else image
        across, down = picture.shape[1] / self.width, picture.shape[0] / self.height
        place = {region.id: k for k, region in enumerate(self.regions)}
        marks = []
        for region in self.regions:
            x0, y0, x1, y1 = region.bbox
            box = (x0 * across, y0 * down, x1 * across, y1 * down)
            extra = (region.order, place.get(region.caption_of or "")) if structure else (None, None)
            marks.append(Mark(box, region.class_id, region.score, *extra))
        return draw_overlay(picture, marks, self.schema, legend=legend, title=f"Page {self.number}")

    def crops(
        self, *, dpi: float = 200, long_side: int | None = None, classes: Collection[str] | None = None
    ) -> Iterator[tuple[Region, Image]]:
        """Cut the regions out of the page, in reading order.

        Args:
            dpi: resolution of the rendering of a PDF page; images are cut at their own resolution.
            long_side: of the rendered page in pixels; goes before `dpi`, and holds for images too.
            classes: names of the classes wanted; all when `None`.

        Yields:
            each region with its picture, uint8 (h, w, 3) RGB, at least one pixel a side.

        Raises:
            SchemaError: a class is not in the schema.
            UsageError: the page has no renderer, or `dpi` is no number above 0.
        """
        if not (is_number(dpi) and dpi > 0):
            raise UsageError(f"dpi={dpi!r} must be a number above 0")
        wanted = range(len(self.schema)) if classes is None else {self.schema.id_of(name) for name in classes}
        chosen = [region for region in self.regions if region.class_id in wanted]
        if not chosen:
            return
        scale = dpi / 72 if self.unit == "pt" else 1.0
        picture = self.image(round(max(self.width, self.height) * scale) if long_side is None else long_side)
        for region in chosen:
            yield region, cut(picture, region.bbox, self.width, self.height)


def _captioned(region: Region, captions: tuple[str, ...]) -> Region:
    """Return a region with these captions: most have none, and stay as they are."""
    return region if region.captions == captions else replace(region, captions=captions)
