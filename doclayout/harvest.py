"""Regions of some classes cut out of many documents, with an index: `doclayout crops`.

Documents stream through, and each is entered in the folder's journal when it is done, so that a run which was stopped
goes on where it was. The next run does again a document that has changed since, and one that had errors.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from doclayout.document import find_documents
from doclayout.errors import InputError, UsageError
from doclayout.journal import Crop, Journal
from doclayout.mapping import class_map
from doclayout.predict import Settings, thresholds_of
from doclayout.region import PageError
from doclayout.runtime import find_weights, weights_digest
from doclayout.saving import crop_name, png_bytes, write_atomic

if TYPE_CHECKING:
    from doclayout._pages import PagesLike
    from doclayout.layout import Document
    from doclayout.model import DocLayoutModel


@dataclass
class Harvest:
    """What a run did.

    Attributes:
        counts: regions cut out in this run, by class.
        failed: documents and pages that could not be read, with the name of their document; and the folder itself where
            its index could not be written.
        total: regions in the index.
    """

    counts: Counter[str] = field(default_factory=Counter)
    failed: list[tuple[str, PageError]] = field(default_factory=list)
    total: int = 0


def harvest(
    model: DocLayoutModel, source: str, out: str | Path, classes: Sequence[str] = (), dpi: float = 200,
    *, pages: PagesLike = None, password: str | None = None, schema: str | None = None,
    progress: Callable[[], object] | None = None, **options: Any,
) -> Harvest:  # fmt: skip
    """Write one PNG a region, `crops/<document>/<id>-<class>.png`, and the index as CSV and Parquet.

    Args:
        model: finds the regions.
        source: a document, a folder or a glob.
        out: an empty or new folder, or that of an earlier run with the same settings.
        classes: names of the classes wanted; all where there are none.
        dpi: resolution of the pictures of PDF pages, 10 to 2400; images are cut at their own.
        pages: as of `DocLayoutModel.predict_all`, like the next four.
        password: tried on each encrypted PDF.
        schema: class list of the results.
        progress: called after each page.
        **options: `imgsz`, `conf`, `batch`, `refine`, `clean`, `max_det`, `wording`, `rescore`, `text`,
            `augment`, as of `DocLayoutModel.predict`.

    Raises:
        UsageError: `out` holds other things, crops of other settings, or is in use; a value is out of range.
        SchemaError: there is no such schema, no mapping to it, or a class is not in the schema of the results.
        SourceNotFoundError: there is no such file or folder, or nothing matches the glob.
        NoPagesError: a folder holds no documents.
    """
    if not 10 <= dpi <= 2400:
        raise UsageError(f"dpi={dpi:g} must be a number from 10 to 2400")
    own = model.detector.schema
    known = class_map(own, schema).target if schema else own
    names = [known.names[k] for k in sorted({known.id_of(name) for name in classes}) or range(len(known))]
    run, weights = Settings(**options), find_weights(model.weights)
    settings = {
        **vars(run), "source": str(source), "classes": names, "dpi": float(dpi), "schema": known.name,
        "model": f"{weights.name} {weights_digest(weights)}", "half": model.half,
        "pages": None if pages is None else str(pages),
        "text": None if run.text is None else getattr(run.text, "__qualname__", type(run.text).__qualname__),
    }  # fmt: skip
    del settings["batch"]  # decides how fast, not what is found
    if run.conf == "auto":
        thresholds_of(model.detector)  # fails before the folder is one of these settings
    paths = find_documents(source, without=out)
    done = Harvest()
    with Journal(Path(out), settings) as journal:
        waiting = (path for path in paths if not journal.holds(path))
        options |= {"pages": pages, "password": password, "schema": schema, "progress": progress}
        for document in model.predict_all(waiting, **options):
            try:
                journal.remove(document.source)
                crops, errors = _cut(document, Path(out), journal.stem(document.source), names, dpi)
                journal.add(document.source, crops, errors)
            except (OSError, sqlite3.OperationalError) as error:  # a full disk: the next run tries the document again
                crops, errors = [], [PageError.of(None, error)]
            done.counts.update(crop.name for crop in crops)
            done.failed += [(document.source, error) for error in errors]
        try:
            done.total = journal.write_index()
        except (OSError, sqlite3.OperationalError) as error:
            left = f"its index is not all written: {error}; run again, what is cut out stays"
            done.failed.append((str(out), PageError(None, type(error).__name__, left)))
    return done


def _cut(
    document: Document, out: Path, stem: str, names: Sequence[str], dpi: float
) -> tuple[list[Crop], list[PageError]]:
    """Write the pictures of a document in place of those of an earlier run."""
    if (out / "crops" / stem).exists():
        shutil.rmtree(out / "crops" / stem)
    crops: list[Crop] = []
    errors = list(document.errors)
    for page in document.pages:
        regions = {region.id: region for region in page.regions}
        try:
            for region, image in page.crops(dpi=dpi, classes=names):
                file = f"crops/{stem}/{crop_name(region)}"
                write_atomic(out / file, png_bytes(image))
                captions = " ".join(regions[key].text or key for key in region.captions)
                x0, y0, x1, y1 = (round(edge, 2) for edge in region.bbox)
                where = (document.source, page.number, region.id, region.name, round(region.score, 4), x0, y0, x1, y1)
                crops.append(Crop(*where, page.unit, captions, region.text, file))
        except InputError as error:
            errors.append(PageError.of(page.number, error))
    return crops, errors
