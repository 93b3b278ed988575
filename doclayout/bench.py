"""Where the time goes on this machine: drawing, network, and everything together."""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from doclayout.document import find_documents, open_document
from doclayout.errors import InputError
from doclayout.letterbox import Letterbox
from doclayout.model import DocLayoutModel
from doclayout.predict import RENDER_SIZE


def bench(model: DocLayoutModel, source: str, pages: int = 100, **options: Any) -> str:
    """Time prediction on documents.

    Args:
        model: to be timed.
        source: a PDF, a folder or a glob.
        pages: how many are timed, at most, after one document to warm up.
        **options: of `DocLayoutModel.predict`.

    Returns:
        a table of milliseconds per page, and pages per second from file to regions.

    Raises:
        InputError: no page could be read.
    """
    imgsz = options.get("imgsz", 640)
    drawing = network = 0.0
    count, paths = 0, []
    for path in find_documents(source):
        with open_document(path) as document:
            numbers = document.numbers[: pages - count]
            for number in numbers:
                start = time.perf_counter()
                page = document.load(number)
                image = page.render(RENDER_SIZE)
                page.close()
                canvas = Letterbox.fit(image.shape[1], image.shape[0], imgsz).apply(image)[None]
                middle = time.perf_counter()
                if not count:
                    model.detector(canvas)
                    start, middle = start + time.perf_counter() - middle, time.perf_counter()
                model.detector(np.ascontiguousarray(canvas))
                drawing, network = drawing + middle - start, network + time.perf_counter() - middle
                count += 1
        paths.append((path, numbers))
        if count >= pages:
            break
    if not count:
        raise InputError(f"{source}: no page to time")
    model.predict(paths[0][0], pages=paths[0][1][:1], **options)
    start = time.perf_counter()
    for path, numbers in paths:
        model.predict(path, pages=numbers, **options)
    total = time.perf_counter() - start
    rows = [("drawing", drawing), ("network", network), ("file to regions, all overlapped", total)]
    lines = [f"| {count} pages, {model.detector.name}, imgsz {imgsz} | ms per page |", "|---|---|"]
    lines += [f"| {name} | {1000 * seconds / count:.1f} |" for name, seconds in rows]
    return "\n".join([*lines, f"| pages per second | {count / total:.1f} |"])
