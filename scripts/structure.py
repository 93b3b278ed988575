"""Measure reading order and links on synthetic pages, whose truth is known, and on validation pages linked by eye.

    python scripts/structure.py DATA [PAGES [SEED]]

DATA holds val/annotations.json (COCO) and its pages in val/pdf/; PAGES synthetic pages are made, 400 by default. Links
are measured given the true boxes, and given those that the default model finds: matched to the true ones at IoU 0.5,
with the share of links whose two ends were found, and of all. Two ends are found if their boxes are, as a caption or
footnote and as a part of a page that can have one.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from command import read_positions, run_script

from doclayout import DocLayoutModel, Page
from doclayout.clean import intersections
from doclayout.document import open_document
from doclayout.roles import roles
from doclayout.schema import load_schema
from doclayout.text import PageText
from synth.layouts.columns import make_page

LINKS = Path(__file__).resolve().parents[1] / "docs" / "val-links.json"
KINDS = {"caption": "caption_of", "footnote": "note_of"}
SCHEMA = load_schema()


@dataclass(frozen=True)
class Truth:
    """A page with what is known of it.

    Attributes:
        source: the page as bytes or a path of a PDF.
        boxes: (n, 4) xyxy, in the frame of `size`.
        class_ids: (n,).
        size: width and height of the frame.
        links: by position of a caption or footnote, the positions that are right; none where it belongs to nothing.
        order: positions in reading order, or `None` where it is not known.
    """

    source: bytes | Path
    boxes: npt.NDArray[np.float64]
    class_ids: list[int]
    size: tuple[float, float]
    links: dict[int, tuple[int, ...]]
    order: list[int] | None = None


def main() -> None:
    """Print a table."""
    data, *rest = read_positions(1, 3)
    count, seed = (int(v) for v in (*rest, *(400, 7)[len(rest) :]))
    model = DocLayoutModel()
    print("| pages | boxes | captions right | of all | footnotes right | of all | order: mean edit distance |")
    print("|---|---|---|---|---|---|---|")
    for name, pages in (("synthetic", list(synthetic(count, seed))), ("validation", list(validation(Path(data))))):
        for boxes, detector in (("true", None), ("found", model)):
            print(f"| {len(pages)} {name} | {boxes} | {measure(pages, detector)} |", flush=True)


def synthetic(count: int, seed: int) -> Iterator[Truth]:
    """Make typeset pages."""
    for index in range(count):
        page = make_page(np.random.default_rng((seed, index)))
        height, width = page.image.shape[:2]
        assert page.pdf is not None and page.order is not None
        wanted = [SCHEMA.id_of(kind) for kind in KINDS]
        links = {k: links for k, links in enumerate(page.links) if page.class_ids[k] in wanted}
        ids = page.class_ids.tolist()
        yield Truth(page.pdf, page.boxes.astype(float), ids, (width, height), links, page.order.tolist())


def validation(data: Path) -> Iterator[Truth]:
    """Read the labelled pages that have captions or footnotes."""
    truth = json.loads((data / "val" / "annotations.json").read_text(encoding="utf-8"))
    known = json.loads(LINKS.read_text(encoding="utf-8"))
    if known["annotations"] != len(truth["annotations"]):
        sys.exit(f"{LINKS.name} is of {known['annotations']} annotations, DATA has {len(truth['annotations'])}")
    names = {category["id"]: category["name"] for category in truth["categories"]}
    by_eye = {int(k): right for kind in ("captions", "footnotes") for k, right in known[kind].items()}
    for image in truth["images"]:
        mine = [a for a in truth["annotations"] if a["image_id"] == image["id"]]
        place = {a["id"]: k for k, a in enumerate(mine)}
        links = {place[i]: tuple(place[t] for t in right) for i, right in by_eye.items() if i in place}
        if links:
            boxes = np.array([a["bbox"] for a in mine], float).reshape(-1, 4)
            boxes[:, 2:] += boxes[:, :2]
            ids = [SCHEMA.id_of(names[a["category_id"]]) for a in mine]
            file = data / "val" / "pdf" / image["file_name"]
            yield Truth(file, boxes, ids, (image["width"], image["height"]), links)


def measure(pages: Sequence[Truth], model: DocLayoutModel | None) -> str:
    """Return the figures of one row."""
    counts: Counter[tuple[str, str]] = Counter()
    distances = []
    for truth in pages:
        page = model.predict(truth.source).pages[0] if model else as_page(truth)
        place = match(truth, page)
        if truth.order is not None:
            read = [place[r.id] for r in page.regions if r.id in place]
            distances.append(edit_distance(read, [k for k in truth.order if k in set(read)]))
        regions = {place[r.id]: r for r in page.regions if r.id in place}
        for k, right in truth.links.items():
            kind = SCHEMA.names[truth.class_ids[k]]
            region = regions.get(k)
            target = place.get(getattr(region, KINDS[kind]) or "") if region else None
            ends = [t for t in right if t in regions and (model is None or _can_have(regions[t].class_id))]
            found = region is not None and region.name == kind and (bool(ends) or not right)
            hit = found and (target in right if right else getattr(region, KINDS[kind]) is None)
            counts.update({(kind, "all"): 1, (kind, "found"): found, (kind, "right"): hit})
    parts = []
    for kind in KINDS:
        right, found, every = (counts[kind, key] for key in ("right", "found", "all"))
        parts.append(f"{right / max(found, 1):.3f} ({right} of {found}) | {right / max(every, 1):.3f}")
    return " | ".join([*parts, f"{np.mean(distances):.4f}" if distances else "–"])


def as_page(truth: Truth) -> Page:
    """Make the page that a perfect detector would find."""
    with open_document(truth.source) as document:
        page = document.load(1)
    boxes = truth.boxes * ([page.width / truth.size[0], page.height / truth.size[1]] * 2)
    scores, text = np.ones(len(boxes)), PageText(page, SCHEMA)
    return Page.from_boxes(1, page.width, page.height, "pt", boxes, scores, truth.class_ids, SCHEMA, text=text)


def match(truth: Truth, page: Page) -> dict[str, int]:
    """Pair regions with true boxes, best overlaps first, at IoU 0.5 and above; return positions by region id."""
    scale = [truth.size[0] / page.width, truth.size[1] / page.height] * 2
    boxes = np.array([r.bbox for r in page.regions]).reshape(-1, 4) * scale
    common = intersections(boxes.astype(np.float32), truth.boxes.astype(np.float32))
    area, other = ((b[:, 2] - b[:, 0]) * (b[:, 3] - b[:, 1]) for b in (boxes, truth.boxes))
    iou = common / (area[:, None] + other - common)
    place: dict[str, int] = {}
    for flat in np.argsort(-iou, axis=None, kind="stable"):
        i, k = np.unravel_index(flat, iou.shape)
        if iou[i, k] < 0.5:
            break
        if page.regions[i].id not in place and k not in place.values():
            place[page.regions[i].id] = int(k)
    return place


def edit_distance(one: Sequence[int], two: Sequence[int]) -> float:
    """Return Levenshtein's distance over the greater length, 0 to 1."""
    row = list(range(len(two) + 1))
    for i, a in enumerate(one, 1):
        last, row[0] = row[0], i
        for k, b in enumerate(two, 1):
            last, row[k] = row[k], min(row[k] + 1, row[k - 1] + 1, last + (a != b))
    return row[-1] / max(len(one), len(two), 1)


def _can_have(class_id: int) -> bool:
    return roles(SCHEMA)[class_id] in ("graphic", "formula")


if __name__ == "__main__":
    run_script(main)
