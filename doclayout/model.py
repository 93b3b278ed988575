"""`DocLayoutModel`: predict, train, val and export, each one call away from the code that does it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from doclayout.document import PagesLike, SourceLike, find_documents, open_document
from doclayout.errors import InputError, UsageError
from doclayout.predict import Settings, predict_pages
from doclayout.runtime import Detector, find_weights, load_detector

if TYPE_CHECKING:
    from doclayout.layout import Document


class DocLayoutModel:
    """A layout detector for datasheets.

    Args:
        weights: `.onnx` or OpenVINO `.xml` to predict, `.pt` to predict, train and export, a model YAML to train; the
            weights that ship with the package by default.
        device: `cpu`, or for `.pt` weights a torch device such as `cuda:0`.
        threads: how many the CPU may use to predict; all cores by default.

    Raises:
        WeightsError: (at the first use) there are no such weights, or they cannot be read.
    """

    def __init__(self, weights: str | Path | None = None, device: str | None = None, threads: int | None = None):
        self.weights, self.device, self.threads = weights, device, threads
        self._detector: Detector | None = None

    @property
    def detector(self) -> Detector:
        """The network, loaded at its first use."""
        if self._detector is None:
            self._detector = load_detector(self.weights, self.device, self.threads)
        return self._detector

    def predict(
        self, source: SourceLike, pages: PagesLike = None, imgsz: int = 640, conf: float = 0.25, *,
        password: str | None = None, batch: int = 4, refine: bool = True, clean: bool = True, max_det: int = 300,
        progress: Callable[[], object] | None = None,
    ) -> Document:  # fmt: skip
        """Find the regions of one document.

        Args:
            source: path, bytes, (H, W, 3) RGB uint8 array, Pillow image, or page of pypdfium2 or PyMuPDF.
            pages: such as `1-3,7,-1`, or page numbers from 1; all by default.
            imgsz: long side of the network's input in pixels, 32 to 4096.
            conf: least score kept, 0 to 1.
            password: of an encrypted PDF.
            batch: pages that the network takes at once.
            refine: snap boxes to the ink of a finer drawing.
            clean: remove duplicate and enclosing boxes.
            max_det: most regions of a page.
            progress: called after each page.

        Returns:
            the document with its pages; pages that failed are in `errors`.

        Raises:
            InputError: the source cannot be opened; for folders and globs use `predict_all`.
            UsageError: a value is out of range.
        """
        from doclayout.layout import Document, Page

        settings = Settings(imgsz, conf, batch, refine, clean, max_det)
        found, errors = [], []
        with open_document(source, pages=pages, password=password) as opened:
            for result in predict_pages(opened, self.detector, settings):
                if isinstance(result, Page):
                    found.append(result)
                else:
                    errors.append(result)
                if progress:
                    progress()
        return Document(opened.name, self.detector.name, self.detector.schema, found, errors)

    def predict_all(self, source: str | Path, **options: Any) -> Iterator[Document]:
        """Find the regions of every document of a file, folder or glob; options as of `predict`.

        A document that cannot be opened is yielded without pages, its error in `errors`.

        Raises:
            SourceNotFoundError: there is no such file or folder, or nothing matches the glob.
            NoPagesError: a folder holds no documents.
        """
        from doclayout.layout import Document, PageError

        for path in find_documents(source):
            try:
                yield self.predict(path, **options)
            except InputError as error:
                problem = PageError(None, type(error).__name__, str(error))
                yield Document(str(path), self.detector.name, self.detector.schema, [], [problem])

    def train(self, data: str | Path, **options: Any) -> Path:
        """Train, by every argument of ultralytics' trainer; see `doclayout.train.trainer`.

        Args:
            data: a data set's YAML, or a folder with `train/` and `val/annotations.json`.
            **options: such as `epochs`, `imgsz`, `batch`, `time`, `freeze`, `resume`, `name`.

        Returns:
            the path of the best checkpoint, which this model then uses.
        """
        from doclayout.train.run import train

        best = train(self._trainable(), data, self.device, options)
        self.weights, self._detector = best, None
        return best

    def val(self, data: str | Path, split: str = "val", **options: Any) -> dict[str, Any]:
        """Measure COCO AP and AR on a data set, before and after post-processing; see `doclayout.train.validate`."""
        from doclayout.train.validate import validate

        return validate(self.detector, data, split, **options)

    def export(self, format: str = "onnx", **options: Any) -> Path:
        """Write the weights in another format; see `doclayout.train.export`."""
        from doclayout.train.export import export

        return export(find_weights(self._trainable()), format, options)

    def _trainable(self) -> Path:
        """Return what training starts from: the checkpoint beside the weights where those are for inference only."""
        path = Path(self.weights) if self.weights else Path("edocnet-n.pt")
        if path.suffix in {".yaml", ".yml"}:
            return path
        if path.suffix != ".pt":
            raise UsageError(f"{path} is for inference; train and export start from a .pt checkpoint or a model YAML")
        return find_weights(path)
