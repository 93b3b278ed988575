"""Running footers; a rule above one stays outside its box."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from synth.elements.furniture import Running, mark, rule
from synth.elements.look import Look
from synth.elements.pen import BLACK, WHITE, Pen

_LEGAL = (
    "Products conform to specifications per the terms of the standard warranty; not all parameters are tested.",
    "Information is current as of publication date and may be changed at any time without notice.",
    "An important notice concerning availability and use in critical applications appears at the end.",
)


@dataclass(frozen=True)
class _Foot:
    """One footer being drawn: pen, house, wording, first baseline and font size in points."""

    pen: Pen
    look: Look
    run: Running
    base: float
    size: float

    @property
    def page(self) -> str:
        """The page number, bare or as `Page 3 of 20`."""
        run = self.run
        return f"{run.number}" if run.seed % 2 else f"Page {run.number} of {run.number + run.seed % 30}"

    @property
    def revision(self) -> str:
        """Revision and date."""
        return f"Rev. {chr(65 + self.run.seed % 8)} – {self.run.date}"

    @property
    def notice(self) -> str:
        """Copyright."""
        return f"© {1990 + self.run.seed % 34} {self.run.vendor}. All rights reserved."

    @property
    def site(self) -> str:
        """Web address."""
        return f"www.{self.run.vendor.split()[0].lower()}.example"

    def write(self, text: str, anchor: str, down: float = 0.0, part: float = 1.0, face: int = 0) -> None:
        """Write at the left edge, centre or right edge, `down` points below the baseline, at a part of the size."""
        run = self.run
        x = {"l": run.left, "c": (run.left + run.right) / 2, "r": run.right}[anchor]
        self.pen.text(x, self.base + down, text, self.look.font(face), self.size * part, anchor=anchor)


def footer(pen: Pen, look: Look, kind: str, run: Running, y: float) -> None:
    """Draw a running footer whose baseline area begins at y; its rule, if any, stays above it."""
    if kind == "none":
        return
    if kind in ("rule", "three", "company", "logo") and run.seed % 4:
        rule(pen, run, y - 5, 0.5 + run.seed % 3 * 0.5, look.accent)
    size = run.size * 0.85
    with pen.element("footer"):
        _FOOTERS[kind](_Foot(pen, look, run, y + size, size))
    pen.set(weight=0.6, color=BLACK)


def _center(foot: _Foot) -> None:
    foot.write(foot.page if foot.run.seed % 3 else f"– {foot.run.number} –", "c")


def _corner(foot: _Foot) -> None:
    foot.write(foot.page, "r" if foot.run.number % 2 else "l", face=1)


def _ruled(foot: _Foot) -> None:
    left, right = (foot.notice, foot.page) if foot.run.number % 2 else (foot.page, foot.revision)
    foot.write(left, "l")
    foot.write(right, "r")


def _three(foot: _Foot) -> None:
    foot.write(foot.revision, "l")
    foot.write(foot.page, "c")
    foot.write(f"DS{foot.run.seed % 90000}-{foot.run.seed % 9}", "r")


def _two(foot: _Foot) -> None:
    foot.write(foot.notice, "l", part=0.9)
    foot.write(foot.site, "l", foot.size * 1.2, 0.9)
    foot.write(foot.run.part, "r", part=0.9)
    foot.write(foot.page, "r", foot.size * 1.2, face=1)


def _legal(foot: _Foot) -> None:
    lines = [foot.notice, *_LEGAL[: 1 + foot.run.seed % len(_LEGAL)]]
    for index, line in enumerate(lines):
        foot.write(line, "l", (index - len(lines) + 2) * foot.size * 0.8, 0.68)
    foot.write(foot.page, "r", face=1)


def _company(foot: _Foot) -> None:
    seed = foot.run.seed
    foot.write(
        f"{foot.run.vendor} Inc., {seed % 900 + 12} Mill Road, Park Valley  Tel. 555-{seed % 9000 + 1000}",
        "c",
        part=0.85,
    )
    foot.write(f"{foot.site}  {foot.page}", "c", foot.size * 1.15, 0.85)


def _bar(foot: _Foot) -> None:
    pen, run, size = foot.pen, foot.run, foot.size
    fill = foot.look.accent if sum(foot.look.accent) < 1.8 else BLACK
    pen.rect(run.left, foot.base - size - 2, run.right - run.left, size * 1.7, fill=fill, stroke=False)
    pen.text(run.left + 4, foot.base, foot.revision, foot.look.font(0), size, WHITE)
    pen.text(run.right - 4, foot.base, foot.page, foot.look.font(1), size, WHITE, "r")


def _logo(foot: _Foot) -> None:
    mark(foot.pen, foot.look, foot.run, foot.run.right - 70, foot.base - foot.size - 1, 70, foot.size * 2)
    foot.write(f"{foot.page}    {foot.run.date}", "l", 2.0)


_FOOTERS: dict[str, Callable[[_Foot], None]] = {
    "center": _center,
    "corner": _corner,
    "rule": _ruled,
    "three": _three,
    "two": _two,
    "legal": _legal,
    "company": _company,
    "bar": _bar,
    "logo": _logo,
}
