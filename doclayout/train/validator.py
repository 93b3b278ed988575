"""`LayoutValidator`: ultralytics' validation loop over pages, which chooses the best checkpoint during training.

`doclayout val` measures by pycocotools what users get, PDF to regions, any weights format: see `validate.py`.
"""

from __future__ import annotations

from ultralytics.models.yolo.detect import DetectionValidator

from doclayout.train.data import PageDataset


class LayoutValidator(DetectionValidator):  # type: ignore[misc]
    """Validates on the data sets that `PageDataset` reads."""

    def build_dataset(self, img_path: str, mode: str = "val", batch: int | None = None) -> PageDataset:
        """Return the data set of a split, in batches of pages of like shape."""
        return PageDataset(
            img_path=img_path, imgsz=self.args.imgsz, batch_size=batch, augment=False, hyp=self.args, rect=True,
            cache=None, single_cls=self.args.single_cls, stride=32, pad=0.0, prefix=f"{mode}: ", task="detect",
            classes=self.args.classes, data=self.data,
        )  # fmt: skip
