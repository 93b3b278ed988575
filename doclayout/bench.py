"""Where the time goes on this machine: drawing, network, and everything together."""

from __future__ import annotations

import time
from collections import defaultdict
from typing import Any

from doclayout.document import find_documents
from doclayout.errors import InputError, UsageError
from doclayout.model import DocLayoutModel
from doclayout.predict import Settings, draw, jobs_of_files
from doclayout.region import PageError


def bench(
    model: DocLayoutModel, source: str, pages: int = 100, **options: Any
) -> tuple[str, list[tuple[str, PageError]]]:
    """Time prediction on documents.

    Args:
        model: to be timed.
        source: a PDF, a folder or a glob.
        pages: how many are timed, at most, from 1 up; each shape of pages warms up before.
        **options: of `DocLayoutModel.predict`.

    Returns:
        a table of milliseconds per page, and pages per second from file to regions; and what could not be read, by
        document.

    Raises:
        UsageError: `pages` is less than 1.
        InputError: no page could be read.
    """
    if pages < 1:
        raise UsageError(f"pages={pages} must be at least 1")
    settings, warm = Settings(**options), set[tuple[int, ...]]()
    drawing = network = 0.0
    count, timed, failed = 0, defaultdict[str, list[int]](list), []
    for job in jobs_of_files(find_documents(source)):
        start = time.perf_counter()
        try:
            drawn = draw(job, settings)
        except InputError as error:
            failed.append((job.source, PageError.of(job.number or None, error)))
            continue
        drawing += time.perf_counter() - start
        for look in drawn.looks:
            canvas = look.canvas[None]
            if canvas.shape not in warm:
                warm.add(canvas.shape)
                model.detector(canvas)
            before = time.perf_counter()
            model.detector(canvas)
            network += time.perf_counter() - before
        timed[job.source].append(job.number)
        count += 1
        if count >= pages:
            break
    if not count:
        raise InputError(f"{source}: no page to time")
    first = next(iter(timed))
    model.predict(first, pages=timed[first][:1], **options)
    start = time.perf_counter()
    for path, numbers in timed.items():
        model.predict(path, pages=numbers, **options)
    total = time.perf_counter() - start
    rows = [("drawing", drawing), ("network", network), ("file to regions, all overlapped", total)]
    lines = [f"| {count} pages, {model.detector.name}, imgsz {settings.imgsz} | ms per page |", "|---|---|"]
    lines += [f"| {name} | {1000 * seconds / count:.1f} |" for name, seconds in rows]
    return "\n".join([*lines, f"| pages per second | {count / total:.1f} |"]), failed
