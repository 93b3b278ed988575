"""From the network's rows to a page's regions: read, snapped to ink, rivals resolved, judged again, the best kept."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from doclayout.clean import clean_boxes
from doclayout.equations import take_in_numbers
from doclayout.headers import join_headers
from doclayout.letterbox import unit_of
from doclayout.rescore import CONTEXT, describe, rescored
from doclayout.schema import Schema
from doclayout.wording import LIMIT, Wording, shifted

FloatArray = npt.NDArray[np.float32]
IdArray = npt.NDArray[np.int64]


def postprocess(
    boxes: FloatArray,
    scores: FloatArray,
    class_ids: IdArray,
    schema: Schema,
    image: npt.NDArray[np.uint8] | None = None,
    words: Callable[[], FloatArray] | None = None,
    openings: Callable[[FloatArray], list[str]] | None = None,
    wording: Wording | None = None,
    conf: float | FloatArray = 0.0,
    clean: bool = True,
    max_det: int = 300,
    rescore: bool = False,
) -> tuple[FloatArray, FloatArray, IdArray]:
    """Turn what the network found on one page into its regions' boxes.

    Args:
        boxes: (n, 4) xyxy in pixels of the page's drawing.
        scores: (n,) 0-1.
        class_ids: (n,) classes in `schema`.
        schema: names the classes.
        image: (H, W, 3) RGB drawing of the page, on whose ink boxes are refined; `None` leaves them as they are.
        words: as of `doclayout.refine.refine_boxes`.
        openings: gives how the text layer's text in boxes (m, 4) begins. With it, boxes that are refined take in the
            numbers of equations first.
        wording: weighs what `openings` gives for each class; `None` leaves it out.
        conf: least score kept, one for all, or (nc,) one per class; boxes to be judged again are first kept from
            that or `doclayout.rescore.CONTEXT` up, whichever is less.
        clean: put the parts of headers together, and resolve duplicate and enclosing boxes.
        max_det: most boxes kept.
        rescore: judge boxes again that were refined and cleaned, as in `doclayout.rescore`; without `image` or `clean`
            it does nothing.

    Returns:
        boxes, scores and class ids of those kept, by falling score.
    """
    least = np.broadcast_to(np.asarray(conf, np.float32), len(schema.names))
    rescore = rescore and clean and image is not None
    looked_at = np.minimum(least, CONTEXT) if rescore else least
    scores = first = np.clip(scores, 0, 1)
    if wording is not None and openings is not None:
        likely = scores >= shifted(looked_at, np.full_like(least, -LIMIT))[class_ids]
        boxes, first, class_ids = boxes[likely], scores[likely], class_ids[likely]
        evidence = wording.evidence(openings(boxes))
        scores = shifted(first, evidence[np.arange(len(boxes)), class_ids])
    sure = scores >= looked_at[class_ids]
    boxes, first, scores, class_ids = boxes[sure], first[sure], scores[sure], class_ids[sure]
    if image is not None and words is not None and openings is not None:
        boxes = take_in_numbers(boxes, first, class_ids, schema, words, openings)
    if clean:
        boxes, remain = join_headers(boxes, scores, class_ids, schema)
        boxes, first, scores, class_ids = boxes[remain], first[remain], scores[remain], class_ids[remain]
    before = boxes
    if image is not None:
        from doclayout.refine import refine_boxes

        boxes = refine_boxes(boxes, scores, image, class_ids, schema, words)
    if clean:
        kept, left = clean_boxes(boxes, scores, class_ids)
        boxes, class_ids = boxes[kept], class_ids[kept]
        if rescore and image is not None:
            stages = np.stack([first[kept], scores[kept], left])
            left = rescored(describe(boxes, before[kept], stages, class_ids, unit_of(*image.shape[:2])), left)
        scores = left
    best = np.argsort(-scores, kind="stable")
    best = best[scores[best] >= least[class_ids[best]]][:max_det]
    return boxes[best], scores[best], class_ids[best]
