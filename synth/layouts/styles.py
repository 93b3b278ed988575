"""House styles: how one document's pages look, drawn from cfg/synth/houses.yaml."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from doclayout.config import load_cfg
from synth.elements import words
from synth.elements.dice import chance, pick, uniform, whole
from synth.elements.fonts import far_eastern
from synth.elements.look import Look
from synth.elements.pen import BLACK

_PAGES = {"letter": (612.0, 792.0), "a4": (595.3, 841.9)}


@dataclass(frozen=True)
class House:
    """One document's style.

    Attributes:
        name: the house.
        look: how its elements are drawn.
        width: portrait page width in points.
        height: portrait page height in points.
        left: left margin in points.
        right: right margin in points.
        head_top: top of the running header in points.
        foot: distance of the footer from the lower edge in points.
        header: kind of running header.
        footer: kind of running footer.
        furniture_size: its font size in points.
        frame: whether a frame runs round the text area.
        tab: whether pages have an edge tab.
        hang: how far the body is set in from its headings, in points.
        columns: usual number of text columns.
        part: part number.
        device: what the part is.
        vendor: maker.
        date: of the document.
        language: `en`, `zh`, `ja` or `de`.
        seed: fixes the logo and the wording of headers and footers.
    """

    name: str
    look: Look
    width: float
    height: float
    left: float
    right: float
    head_top: float
    foot: float
    header: str
    footer: str
    furniture_size: float
    frame: bool
    tab: bool
    hang: float
    columns: int
    part: str
    device: str
    vendor: str
    date: str
    language: str
    seed: int


def house_names() -> list[str]:
    """Return the names of the house styles."""
    return sorted(load_cfg("synth/houses.yaml")["houses"])


def house_fonts() -> list[str]:
    """Return the names of the font families that any house is set in."""
    config = load_cfg("synth/houses.yaml")
    styles = (config["any"], *config["houses"].values())
    return sorted({font for style in styles for part in ("body", "head", "figure") for font in style.get(part, ())})


def draw_house(rng: np.random.Generator, name: str | None = None) -> House:
    """Draw one document's style; `name` picks the house, otherwise any of them."""
    config = load_cfg("synth/houses.yaml")
    name = name or pick(rng, house_names())
    habits = config["houses"][name]
    usual = config["any"]
    v: dict[str, Any] = {}
    for key, free in usual.items():
        source = free if key not in habits or chance(rng, config["stray"]) else habits[key]
        v[key] = uniform(rng, source["low"], source["high"]) if isinstance(source, dict) else pick(rng, source)
    language = "en" if v["language"] in ("zh", "ja") and not far_eastern() else v["language"]
    width, height = _PAGES[v["page"]]
    with words.speaking(language):
        return House(
            name=name,
            look=_look(rng, v, config["colors"]),
            width=width,
            height=height,
            left=v["left"],
            right=v["right"],
            head_top=v["head_top"],
            foot=v["foot"],
            header=v["header"],
            footer=v["footer"],
            furniture_size=v["furniture_size"],
            frame=bool(v["frame"]),
            tab=bool(v["tab"]),
            hang=float(v["hang"]),
            columns=int(v["columns"]),
            part=words.part_number(rng),
            device=pick(rng, words.vocabulary("devices")),
            vendor=pick(rng, words.vocabulary("vendors")),
            date=words.date(rng),
            language=language,
            seed=whole(rng, 0, 1 << 30),
        )


def _look(rng: np.random.Generator, v: dict[str, Any], colors: dict[str, list[float]]) -> Look:
    accent = colors[v["accent"]]
    color = (float(accent[0]), float(accent[1]), float(accent[2]))
    extra = {"rule": uniform(rng, 0.5, 2.5), "bar_grey": pick(rng, (0.0, 0.0, 0.85, 0.7))}
    names = (
        "body",
        "head",
        "figure",
        "size",
        "leading",
        "head_size",
        "head_face",
        "head_rule",
        "head_align",
        "caption_face",
        "caption_size",
        "caption_align",
        "caption_word",
        "table_word",
        "bullet",
        "figure_size",
        "figure_weight",
        "gap",
    )
    taken = {name: v[name] for name in names}
    taken["caption_word"] = words.content("figure") or v["caption_word"]
    taken["table_word"] = words.content("table") or v["table_word"]
    return Look(
        **taken,
        scale=v["scale"] if v["body"] != "Courier" else 1.0,
        justify=bool(v["justify"]),
        indent=float(v["indent"]),
        head_upper=bool(v["head_upper"]),
        head_color=color if v["head_colored"] else BLACK,
        numbered=bool(v["numbered"]),
        accent=color,
        caption_above=bool(v["caption_above"]),
        table_size=min(v["table_size"], v["size"]),
        note_size=min(v["note_size"], v["size"]),
        figure_frame=float(v["figure_frame"]),
        color_figures=float(v["color_figures"]),
        extra=extra,
    )
