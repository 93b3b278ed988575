"""How a house draws its elements, and the drawn element itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from synth.elements.fonts import family
from synth.elements.pen import BLACK, Color, Pen

TEXT = frozenset(("title", "heading", "text", "list", "caption", "footnote", "contents", "formula"))
"""Classes whose letters may hang a little over their block; the others are clipped to it."""

_ABOUT = frozenset(("caption", "footnote"))
_OWNERLESS = TEXT | _ABOUT | {"header", "footer", None}


@dataclass(frozen=True)
class Look:
    """Typography and drawing habits of one house.

    Sizes and weights are in points; `scale` is the horizontal scale of running text and headings.
    """

    body: str = "Helvetica"
    head: str = "Helvetica"
    figure: str = "Helvetica"
    size: float = 9.0
    leading: float = 1.2
    scale: float = 1.0
    justify: bool = False
    indent: float = 0.0
    head_size: float = 12.0
    head_face: int = 1
    head_upper: bool = False
    head_color: Color = BLACK
    head_rule: str = "none"
    head_align: str = "l"
    numbered: bool = False
    accent: Color = BLACK
    caption_face: int = 1
    caption_size: float = 8.5
    caption_align: str = "c"
    caption_above: bool = False
    caption_word: str = "Figure"
    table_word: str = "Table"
    bullet: str = "•"
    table_size: float = 8.0
    note_size: float = 7.0
    figure_size: float = 7.0
    figure_weight: float = 0.6
    figure_frame: float = 0.0
    color_figures: float = 0.0
    gap: float = 8.0
    extra: dict[str, float] = field(default_factory=dict)

    def font(self, face: int = 0) -> str:
        """Return a body font: 0 regular, 1 bold, 2 italic, 3 bold italic."""
        return family(self.body)[face]

    def head_font(self, face: int | None = None) -> str:
        """Return a heading font."""
        return family(self.head)[self.head_face if face is None else face]

    def figure_font(self, face: int = 0) -> str:
        """Return a font for the lettering of graphics."""
        return family(self.figure)[face]


@dataclass(frozen=True)
class Block:
    """One element ready to be placed.

    Attributes:
        name: its class, or None for decoration.
        width: in points.
        height: in points.
        paint: draws it with its top left corner at (x, y).
        of: the blocks that a caption or footnote belongs to.
    """

    name: str | None
    width: float
    height: float
    paint: Callable[[Pen, float, float], None]
    of: tuple[Block, ...] = ()


@dataclass
class Cluster:
    """Blocks that stay together: (dx, dy, block) from the cluster's top left corner.

    A caption or footnote that is stacked with graphics, or else with formulas, belongs to them.
    """

    width: float
    height: float = 0.0
    parts: list[tuple[float, float, Block]] = field(default_factory=list)

    def add(self, block: Block, gap: float = 0.0, align: str = "l") -> Cluster:
        """Append a block below the others after a gap, aligned `l`, `c` or `r` in the cluster's width."""
        free = self.width - block.width
        dx = {"l": 0.0, "c": free / 2, "r": free}[align]
        dy = self.height + (gap if self.parts else 0.0)
        self.parts = _owned([*self.parts, (dx, dy, block)])
        self.height = dy + block.height
        return self

    def beside(self, other: Cluster, gap: float) -> Cluster:
        """Return a cluster with `other` to the right of this one."""
        shift = self.width + gap
        parts = [*self.parts, *((dx + shift, dy, block) for dx, dy, block in other.parts)]
        return Cluster(shift + other.width, max(self.height, other.height), parts)

    def below(self, other: Cluster, gap: float) -> Cluster:
        """Return a cluster with `other` under this one."""
        shift = self.height + gap
        parts = [*self.parts, *((dx, dy + shift, block) for dx, dy, block in other.parts)]
        return Cluster(max(self.width, other.width), shift + other.height, _owned(parts))

    def paint(self, pen: Pen, x: float, y: float) -> None:
        """Draw all blocks, each as an element of its class."""
        for dx, dy, block in self.parts:
            if block.name is None:
                block.paint(pen, x + dx, y + dy)
                continue
            with pen.element(block.name, block, block.of):
                if block.name in TEXT:
                    block.paint(pen, x + dx, y + dy)
                    continue
                with pen.clip(x + dx - 1.5, y + dy - 1.5, block.width + 3, block.height + 3):
                    block.paint(pen, x + dx, y + dy)


def _owned(parts: list[tuple[float, float, Block]]) -> list[tuple[float, float, Block]]:
    """Give captions and footnotes that belong to nothing yet the graphics of their stack, or else its formulas."""
    blocks = [block for _, _, block in parts]
    owners = tuple(b for b in blocks if b.name not in _OWNERLESS) or tuple(b for b in blocks if b.name == "formula")
    return [(dx, dy, replace(b, of=owners) if b.name in _ABOUT and not b.of else b) for dx, dy, b in parts]


def single(block: Block, width: float | None = None, align: str = "l") -> Cluster:
    """Return a cluster of one block."""
    return Cluster(block.width if width is None else width).add(block, align=align)
