"""Whole-page edits: a real page whose elements are swapped for others of similar size, its layout kept."""

from __future__ import annotations

import numpy as np

from synth.layouts.canvas import Canvas, whiten
from synth.page import Float32, SynthPage
from synth.pool import Pool
from synth.units import GRAPHICS, TABLES

_FAMILIES = (("text", "list", "footnote"), TABLES, GRAPHICS)
_TRIES = 60
_LEAST_FILL = 0.62  # of the erased element's width and height


class Editor:
    """Makes pages by editing those of a pool; built once, then called once per page."""

    def __init__(self, pool: Pool) -> None:
        self.pool = pool
        rows = [(p, i) for p, page in enumerate(pool.pages) for i in _separate(page.boxes)]
        self.rows = rows
        self.sizes: Float32 = np.array(
            [pool.pages[p].boxes[i, 2:] - pool.pages[p].boxes[i, :2] for p, i in rows], np.float32
        ).reshape(-1, 2)
        self.classes = np.array([pool.pages[p].class_ids[i] for p, i in rows], np.int64)
        self.shares = np.maximum(np.bincount(self.classes, minlength=len(pool.schema)), 1) ** -0.5
        rarity = [self.shares[page.class_ids].max(initial=0.01) for page in pool.pages]
        self.page_weights = np.array(rarity) ** 0.7 / (np.array(rarity) ** 0.7).sum()
        names = pool.schema.names
        self.family = np.array(
            [next((f for f, held in enumerate(_FAMILIES) if n in held), -1 - i) for i, n in enumerate(names)]
        )

    def __call__(self, rng: np.random.Generator) -> SynthPage:
        """Return a new page; the same state of `rng` gives the same page."""
        index = int(rng.choice(len(self.pool.pages), p=self.page_weights))
        page = self.pool.pages[index]
        canvas = Canvas(self.pool, page.width, page.height)
        canvas.image[:] = whiten(self.pool.image(index), page.tone)
        share, separate = rng.uniform(0.3, 0.9), set(_separate(page.boxes))
        for i, box in enumerate(page.boxes):
            found = self._swap(box, int(page.class_ids[i]), rng) if i in separate and rng.random() < share else None
            if found is None:
                canvas.boxes.append(box.tolist())
                canvas.class_ids.append(int(page.class_ids[i]))
                continue
            row, scale = found
            x0, y0, x1, y1 = np.round(box).astype(int).tolist()
            canvas.image[max(y0 - 1, 0) : y1 + 2, max(x0 - 1, 0) : x1 + 2] = 255
            w, h = (self.sizes[row] * scale).tolist()
            textual = self.family[self.classes[row]] <= 0
            x, y = (x0, y0) if textual else (x0 + (x1 - x0 - w) / 2, y0 + (y1 - y0 - h) / 2)
            source, member = self.rows[row]
            rect = self.pool.pages[source].boxes[member].tolist()
            canvas.paste(source, (rect[0], rect[1], rect[2], rect[3]), [member], (x, y), scale)
        return canvas.finish()

    def _swap(self, box: Float32, class_id: int, rng: np.random.Generator) -> tuple[int, float] | None:
        """Draw an element of the same class or family that fills the box well; (row, scale) or None."""
        alike = self.classes == class_id if rng.random() < 0.6 else self.family[self.classes] == self.family[class_id]
        rows = np.flatnonzero(alike)
        if not len(rows):
            return None
        weights = self.shares[self.classes[rows]]
        some = rng.choice(rows, size=_TRIES, p=weights / weights.sum())
        room = (box[2:] - box[:2]) / self.sizes[some]
        scale = np.minimum(np.minimum(room[:, 0], room[:, 1]), 1.3)
        good = (scale >= _LEAST_FILL) & np.all(scale[:, None] / room >= _LEAST_FILL, axis=1)
        fits = np.flatnonzero(good)
        if not len(fits):
            return None
        pick = int(rng.choice(fits))
        return int(some[pick]), float(scale[pick])


def _separate(boxes: Float32) -> list[int]:
    """Return the indices of the boxes that no other box touches."""
    low, high = boxes[:, None, :2] < boxes[None, :, 2:], boxes[:, None, 2:] > boxes[None, :, :2]
    touches = np.all(low & high, axis=2).sum(axis=1)
    return [int(i) for i in np.flatnonzero(touches == 1)]
