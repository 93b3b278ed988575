"""`DocLayoutModel`: predict, train, val and export, each one call away from the code that does it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from doclayout._pages import PagesLike
from doclayout.document import SourceLike, find_documents, open_document
from doclayout.errors import UsageError
from doclayout.predict import Job, Settings, jobs_of, jobs_of_files, predict_pages
from doclayout.runtime import Detector, find_weights, load_detector

if TYPE_CHECKING:
    from doclayout.layout import Document
    from doclayout.text import ReadPicture


class DocLayoutModel:
    """A layout detector for datasheets.

    Args:
        weights: `.onnx` or OpenVINO `.xml` to predict, `.pt` to predict, train and export, a model YAML to train; the
            weights that ship with the package by default.
        device: `cpu`, or for `.pt` weights a torch device such as `cuda:0`.
        threads: how many the CPU may use to predict; all cores by default.
        half: predict in half precision, bfloat16 on a CPU: faster, and boxes move by a pixel or so before refinement.

    Raises:
        WeightsError: there are no such weights; (at the first use) they cannot be read.
    """

    def __init__(
        self, weights: str | Path | None = None, device: str | None = None, threads: int | None = None,
        half: bool = False,
    ):  # fmt: skip
        self.weights, self.device, self.threads, self.half = weights, device, threads, half
        self._detector: Detector | None = None
        if not self._is_yaml:
            find_weights(weights)

    @property
    def _is_yaml(self) -> bool:
        """Whether this is a network still to be trained, whose YAML is looked for when it is built."""
        return Path(self.weights or "").suffix in {".yaml", ".yml"}

    @property
    def detector(self) -> Detector:
        """The network, loaded at its first use."""
        if self._detector is None:
            self._detector = load_detector(self.weights, self.device, self.threads, self.half)
        return self._detector

    def predict(
        self, source: SourceLike, pages: PagesLike = None, imgsz: int | Literal["auto"] = 640,
        conf: float | Literal["auto"] = 0.25, *,
        password: str | None = None, batch: int = 4, refine: bool = True, clean: bool = True, max_det: int = 300,
        wording: bool = True, rescore: bool = True, text: ReadPicture | None = None, augment: bool = False,
        schema: str | None = None, progress: Callable[[], object] | None = None,
    ) -> Document:  # fmt: skip
        """Find the regions of one document.

        Args:
            source: path, bytes, (H, W, 3) RGB uint8 array, Pillow image, or page of pypdfium2 or PyMuPDF.
            pages: such as `1-3,7,-1`, or page numbers from 1; all by default.
            imgsz: long side of the network's input in pixels, 32 to 4096; `auto` chooses it page by page.
            conf: least score kept, 0 to 1; `auto` takes each class's own, which the weights hold.
            password: of an encrypted PDF.
            batch: pages that the network takes at once.
            refine: snap boxes to the ink of a finer drawing.
            clean: put headers in one piece, and resolve duplicate and enclosing boxes.
            max_det: most regions of a page.
            wording: let the words in the text layer weigh on the classes, if those are the default model's.
            rescore: judge boxes again once they are refined and cleaned, likewise.
            text: reads the picture, uint8 (H, W, 3) RGB, of a region without a text layer; called when the region's
                `text` is first asked for. `doclayout.ocr.RapidReader()` is one.
            augment: look at each page at 0.9 and 1.1 times `imgsz` too: three times the network's work, and
                what is found depends less on `imgsz`.
            schema: class list of the result, such as `doclaynet11`; the model's own by default.
            progress: called after each page.

        Returns:
            the document with its pages; pages that failed are in `errors`.

        Raises:
            InputError: the source cannot be opened; for folders and globs use `predict_all`.
            UsageError: a value is out of range.
            SchemaError: there is no such schema, or no mapping to it from the model's.
        """
        settings = Settings(imgsz, conf, batch, refine, clean, max_det, wording, rescore, text, augment)
        with open_document(source, pages=pages, password=password) as opened:
            return next(self._documents(jobs_of(opened), settings, schema, progress))

    def predict_all(
        self, source: str | Path | Iterable[Path], pages: PagesLike = None, *,
        password: str | None = None, schema: str | None = None, progress: Callable[[], object] | None = None,
        **options: Any,
    ) -> Iterator[Document]:  # fmt: skip
        """Find the regions of every document of a file, folder or glob, drawing ahead across documents.

        A document that cannot be opened is yielded without pages, its error in `errors`.

        Args:
            source: path of the file or folder, or the glob; or the paths of the files, read as they are needed.
            pages: as of `predict`, of each document.
            password: tried on each encrypted PDF.
            schema: class list of the results, as of `predict`.
            progress: called after each page.
            **options: `imgsz`, `conf`, `batch`, `refine`, `clean`, `max_det`, `wording`, `rescore`, `text`,
                `augment`, as of `predict`.

        Raises:
            SourceNotFoundError: there is no such file or folder, or nothing matches the glob.
            NoPagesError: a folder holds no documents.
            UsageError: a value is out of range.
            SchemaError: there is no such schema, or no mapping to it from the model's.
        """
        paths = find_documents(source) if isinstance(source, (str, Path)) else source
        return self._documents(jobs_of_files(paths, pages, password), Settings(**options), schema, progress)

    def _documents(
        self, jobs: Iterator[Job], settings: Settings, schema: str | None, progress: Callable[[], object] | None
    ) -> Iterator[Document]:
        """Gather pages into documents of the schema asked for, and close each source when its last page is done."""
        from doclayout.layout import Document, Page, PageError
        from doclayout.mapping import class_map, map_document

        table = class_map(self.detector.schema, schema) if schema else None
        found: list[Page] = []
        errors: list[PageError] = []
        for job, result in predict_pages(jobs, self.detector, settings):
            if isinstance(result, Page):
                found.append(result)
            else:
                errors.append(result)
            if progress:
                progress()
            if job.last:
                job.close()
                document = Document(job.source, self.detector.name, self.detector.schema, found, errors)
                yield map_document(document, table) if table else document
                found, errors = [], []

    def train(
        self, data: str | Path, teacher: str | Path | None = None, distill: str | None = None, **options: Any
    ) -> Path:
        """Train, by the arguments of ultralytics' trainer; see `doclayout.train.trainer`.

        Args:
            data: a data set's YAML, or a folder with `train/` and `val/annotations.json`.
            teacher: a `.pt` that this model learns from; see `doclayout.train.distill`.
            distill: how: `fgd` (the default), `graph`, `fgd+graph`, `l2`, `dense` or `resolution`.
            **options: such as `epochs`, `imgsz`, `batch`, `time`, `freeze`, `resume`, `name`.

        Returns:
            the path of the best checkpoint, which this model then uses.
        """
        from doclayout.train.run import train

        best = train(self._trainable(), data, self.device, options, teacher, distill)
        self.weights, self._detector = best, None
        return best

    def val(self, data: str | Path, split: str = "val", **options: Any) -> dict[str, Any]:
        """Measure COCO AP and AR on a data set, before and after post-processing; see `doclayout.train.validate`."""
        from doclayout.train.validate import validate

        return validate(self.detector, data, split, **options)

    def export(self, format: str = "onnx", **options: Any) -> Path:
        """Write the weights in another format; see `doclayout.train.export`."""
        from doclayout.train.export import export

        if self.device is not None:
            options["device"] = self.device
        return export(find_weights(self._trainable()), format, options)

    def _trainable(self) -> Path:
        """Return what training starts from: a model YAML or a `.pt`, by default that of the default weights."""
        path = Path(self.weights) if self.weights else Path("edocnet-n.pt")
        if self._is_yaml:
            return path
        if path.suffix != ".pt":
            raise UsageError(f"{path} is for inference; train and export start from a .pt checkpoint or a model YAML")
        return find_weights(path)
