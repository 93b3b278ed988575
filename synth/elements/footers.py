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
        return self.run.site

    def write(self, text: str, anchor: str, down: float = 0.0, part: float = 1.0, face: int = 0) -> None:
        """Write at the left edge, centre or right edge, `down` points below the baseline, at a part of the size."""
        run = self.run
        x = {"l": run.left, "c": (run.left + run.right) / 2, "r": run.right}[anchor]
        self.pen.text(x, self.base + down, text, self.look.font(face), self.size * part, anchor=anchor)


def footer(pen: Pen, look: Look, kind: str, run: Running, y: float) -> None:
    """Draw a running footer whose baseline area begins at y; its rule, if any, stays above it."""
    if kind == "none":
        return
    if kind in ("rule", "three", "company", "logo", "number", "pairs") and run.seed % 4:
        rule(pen, run, y - 5, 0.5 + run.seed % 3 * 0.5, look.accent)
    size = run.size * 0.85
    if kind == "preliminary" or (kind in ("links", "middle") and run.seed % 2):
        rule(pen, run, y - 8, 2.2)
        rule(pen, run, y - 4.4, 0.7)
    if kind == "branded" and run.seed % 3:
        rule(pen, run, y + size * 3, 0.8)
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


def _part_bar(foot: _Foot) -> None:
    """The page number, the part number in large type and a thick bar to the edge, a code under it."""
    pen, run, size = foot.pen, foot.run, foot.size
    big, font = size * 1.9, foot.look.head_font(1)
    even = run.number % 2 == 0
    x = run.left + size * 5 if even else run.left
    wide = pen.text(x, foot.base, run.part, font, big)
    end = run.right if even else run.right - size * 4
    pen.rect(x + wide + 5, foot.base - big * 0.5, max(end - x - wide - 5, 20.0), size * 0.75, fill=BLACK, stroke=False)
    foot.write(f"{run.number}", "l" if even else "r", face=1)
    if run.seed % 2:
        foot.write(
            f"{run.seed % 9000 + 1000}{chr(65 + run.seed % 6)}–{run.seed % 12 + 1:02d}/{run.seed % 30:02d}",
            "r",
            size * 1.4,
            0.75,
        )


def _address(foot: _Foot) -> None:
    """Address, telephone and web site in bold lines at the right."""
    seed, vendor = foot.run.seed, foot.run.vendor
    foot.write(
        f"{seed % 90 + 1} Park Road, P.O. Box {seed % 9000 + 900}, Mill Valley, MA 0{seed % 900 + 2000}, U.S.A.",
        "r",
        -foot.size,
        0.85,
        1,
    )
    foot.write(f"Tel: 555/{seed % 900 + 100}-{seed % 9000 + 1000}    {foot.site}", "r", foot.size * 0.1, 0.85, 1)
    foot.write(
        f"©{1990 + seed % 20}–{2010 + seed % 14} {vendor}, Inc. All rights reserved.", "r", foot.size * 1.2, 0.85, 1
    )


def _number(foot: _Foot) -> None:
    """A bare page number, some with its chapter."""
    number = foot.run.number
    said = (
        f"{number}",
        f"{number % 9 + 1}-{number}",
        f"{number} of {number + foot.run.seed % 40}",
        f"{number}/{number + foot.run.seed % 90}",
    )
    foot.write(said[foot.run.seed % 4], "lcr"[foot.run.seed // 4 % 3])


def _branded(foot: _Foot) -> None:
    """Page and revision with the logo at one side, a rule below that stays outside."""
    left = foot.run.seed % 2 == 0
    x = foot.run.left if left else foot.run.right - 44
    mark(foot.pen, foot.look, foot.run, x, foot.base - foot.size * 1.7, 44, foot.size * 2.1)
    foot.write(foot.revision, "r" if left else "c")
    foot.write(foot.page, "r" if left else "l", foot.size * 1.3 if left else 0.0)


def _links(foot: _Foot) -> None:
    """Page, a coloured link and copyright, more links under them."""
    run, color = foot.run, (0.0, 0.0, 0.8)
    foot.write(f"{run.number}", "l")
    foot.pen.text(run.left + 26, foot.base, "Submit Documentation Feedback", foot.look.font(2), foot.size, color)
    foot.write(f"Copyright © {1995 + run.seed % 28}, {run.vendor} Incorporated", "r")
    foot.pen.text(
        (run.left + run.right) / 2,
        foot.base + foot.size * 1.5,
        f"Product Folder Links: {run.part}",
        foot.look.font(0),
        foot.size,
        color,
        "c",
    )


def _preliminary(foot: _Foot) -> None:
    """Document and page, the document's standing in large type, copyright."""
    foot.write(f"DS{foot.run.seed % 90000}{chr(65 + foot.run.seed % 6)}-page {foot.run.number}", "l")
    if foot.run.seed % 2:
        foot.write("Preliminary", "c", part=1.4, face=1)
    foot.write(foot.notice.split(".")[0], "r")


def _pairs(foot: _Foot) -> None:
    """Two lines at each side."""
    run, face = foot.run, foot.run.seed % 2
    left = (
        (f"{run.number % 20 + 1}–{run.number}", f"{run.section}")
        if run.seed % 3
        else (f"Document Number {run.seed % 90000}", foot.revision)
    )
    right = (run.vendor, run.date) if run.seed % 5 else (foot.site, f"{run.number}")
    for index in (0, 1):
        foot.write(left[index], "l", foot.size * 1.25 * index, face=face)
        foot.write(right[index], "r", foot.size * 1.25 * index, face=face)


def _middle(foot: _Foot) -> None:
    """Revision and date left, small lines in the middle, the number in bold at the right."""
    foot.write(f"{foot.run.part} Rev. {foot.run.seed % 4 + 1}.{foot.run.seed % 10}", "l")
    foot.write(foot.run.date, "l", foot.size * 1.2)
    for index, line in enumerate(
        (foot.site, "Proprietary information. Unauthorized duplication prohibited.", foot.notice)
    ):
        foot.write(line, "c", foot.size * 1.1 * index, 0.9)
    foot.write(f"{foot.run.number}", "r", part=1.3, face=1)


_FOOTERS: dict[str, Callable[[_Foot], None]] = {
    "part_bar": _part_bar,
    "address": _address,
    "number": _number,
    "branded": _branded,
    "links": _links,
    "preliminary": _preliminary,
    "pairs": _pairs,
    "middle": _middle,
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
