"""Training and validation pages, told apart by document."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np

from doclayout.convert.labels import LabelSet
from doclayout.errors import UsageError


def split_documents(data: LabelSet, share: float) -> LabelSet:
    """Return the set with some of its documents in the split `val`, and the others in `train`.

    Pages of one document stay together: they look alike, so figures of validation on pages whose neighbours were
    trained on would flatter. Documents are taken in a shuffled order while they fit into the share, and the smallest
    where none fits.

    Args:
        data: a set without splits.
        share: of the pages that are for validation, above 0 and below 1.

    Raises:
        UsageError: the share is out of range, the set has splits already, or it is one document.
    """
    if not 0 < share < 1:
        raise UsageError(f"val={share:g} must be above 0 and below 1: the share of pages for validation")
    if data.splits() != ("",):
        raise UsageError(f"{data.where} has the splits {', '.join(data.splits())} already; leave out val=")
    sizes = Counter(page.source for page in data.pages)
    if len(sizes) == 1:
        raise UsageError(f"{data.where} is one document, which val= does not part; add another, or leave out val=")
    documents = sorted(sizes)
    room, chosen = share * len(data.pages), set[str]()
    for k in np.random.default_rng(0).permutation(len(documents)):
        if sizes[documents[k]] <= room and len(chosen) < len(sizes) - 1:
            chosen.add(documents[k])
            room -= sizes[documents[k]]
    chosen = chosen or {min(documents, key=lambda document: sizes[document])}
    pages = tuple(replace(page, split="val" if page.source in chosen else "train") for page in data.pages)
    return replace(data, pages=pages)
