"""Ages a page: a random chain of effects in the order in which they happen to real sheets."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from doclayout.config import load_cfg
from synth.effects import marks, scan
from synth.effects import paper as sheet
from synth.effects.geometry import cut_edge, skew
from synth.page import SynthPage, UInt8


def degrade(page: SynthPage, rng: np.random.Generator, settings: dict[str, Any] | None = None) -> SynthPage:
    """Return the page as printed, handled and scanned; its boxes follow.

    Args:
        page: on white paper, long side about 1280 pixels.
        rng: what it draws depends on `settings` alone.
        settings: as `cfg/synth/effects.yaml`, which is the default.
    """
    cfg = settings or load_cfg("synth/effects.yaml")
    if rng.random() < cfg["clean"]:
        return page
    dice = _Dice(cfg, rng)
    unmarked = page.image
    page = replace(page, image=_printed(unmarked, dice), pdf=None)
    if dice("skew"):
        page = skew(page, dice.range("skew", "degrees"), unmarked)
    if dice("edge_cut"):
        page = cut_edge(page, int(rng.integers(4)), dice.range("edge_cut", "share"))
    return replace(page, image=_scanned(page.image, dice))


class _Dice:
    """Draws whether an effect happens, and its strength."""

    def __init__(self, cfg: dict[str, Any], rng: np.random.Generator) -> None:
        self.cfg, self.rng = cfg, rng

    def __call__(self, effect: str) -> bool:
        return bool(self.rng.random() < self.cfg[effect]["p"])

    def range(self, effect: str, key: str) -> float:
        low, high = self.cfg[effect][key]
        return float(self.rng.uniform(low, high))


def _printed(image: UInt8, dice: _Dice) -> UInt8:
    """Effects of ink and of what was laid over it."""
    rng = dice.rng
    if dice("watermark"):
        image = marks.watermark(image, rng, dice.range("watermark", "opacity"))
    if dice("stamp"):
        image = marks.stamp(image, rng, dice.range("stamp", "opacity"))
    if dice("show_through"):
        image = sheet.show_through(image, rng, dice.range("show_through", "opacity"))
    if dice("ink"):
        image = scan.spread_ink(image, rng)
    return image


def _scanned(image: UInt8, dice: _Dice) -> UInt8:
    """Effects of the sheet, the scanner and the file."""
    rng = dice.rng
    if dice("punched_holes"):
        image = sheet.punched_holes(image, rng)
    if dice("paper"):
        image = sheet.paper(image, rng, dice.cfg["paper"]["darkest"])
    if dice("light"):
        image = sheet.light(image, rng, dice.range("light", "strength"))
    if dice("spine"):
        image = sheet.spine(image, rng, dice.range("spine", "strength"))
    if dice("blur"):
        image = scan.blur(image, dice.range("blur", "sigma"))
    if dice("low_resolution"):
        image = scan.low_resolution(image, dice.range("low_resolution", "scale"))
    if dice("noise"):
        image = scan.noise(image, rng, dice.range("noise", "sigma"))
    if dice("specks"):
        image = scan.specks(image, rng, int(dice.range("specks", "count")))
    if dice("bilevel"):
        image = scan.bilevel(image, dice.range("bilevel", "threshold"))
    if dice("grey"):
        image = scan.grey(image)
    if dice("jpeg"):
        image = scan.jpeg(image, int(dice.range("jpeg", "quality")))
    return image
