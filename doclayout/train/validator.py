"""`LayoutValidator`: validation during training that chooses the checkpoint that serves users best."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import distributed
from ultralytics.models.yolo.detect import DetectionValidator
from ultralytics.utils import RANK

from doclayout.postprocess import postprocess
from doclayout.schema import schema_of
from doclayout.train.metrics import coco_scores
from doclayout.train.pages import load_page
from doclayout.train.validate import truth_of

PAGE_FIGURES = ("metrics/AP50(page)", "metrics/AP(page)")


class LayoutValidator(DetectionValidator):  # type: ignore[misc]
    """Adds COCO AP of the boxes as users get them of scans: snapped to ink, rivals resolved, in the label frame.

    Words are not read, and boxes are not judged again; `doclayout val` measures all.

    It is reported as `metrics/AP(page)` and `metrics/AP50(page)`, and is the fitness by which the trainer chooses its
    best checkpoint. ultralytics' own figures, of the network alone, stay beside it.
    """

    def init_metrics(self, model: torch.nn.Module) -> None:
        """Start anew."""
        super().init_metrics(model)
        dataset = self.dataloader.dataset
        labels = [{**label, "shape": dataset.shapes[label["im_file"]]} for label in dataset.labels]
        self.schema = schema_of("data", tuple(self.names.values()))
        self.truth = truth_of(labels, self.schema)
        self.image_ids = {label["im_file"]: i for i, label in enumerate(labels, 1)}
        self.found: list[dict[str, Any]] = []

    def update_metrics(self, preds: list[dict[str, torch.Tensor]], batch: dict[str, Any]) -> None:
        """Post-process the predictions of one batch, in addition to what the base class does with them."""
        super().update_metrics(preds, batch)
        for index, pred in enumerate(preds):
            page = self._prepare_batch(index, batch)
            scaled = self.scale_preds(pred, page)
            file, (height, width) = page["im_file"], page["ori_shape"]
            image = np.ascontiguousarray(load_page(file)[..., ::-1])
            frame = np.array([image.shape[1] / width, image.shape[0] / height] * 2, np.float32)
            boxes, scores, ids = postprocess(
                scaled["bboxes"].float().cpu().numpy() * frame, pred["conf"].float().cpu().numpy(),
                pred["cls"].cpu().numpy().astype(np.int64), self.schema, image,
            )  # fmt: skip
            boxes = boxes / frame
            boxes[:, 2:] -= boxes[:, :2]
            for box, score, class_id in zip(boxes.tolist(), scores.tolist(), ids.tolist(), strict=True):
                item = {"image_id": self.image_ids[file], "category_id": class_id, "bbox": box, "score": score}
                self.found.append(item)

    def gather_stats(self) -> None:
        """Bring together what the processes of a distributed run found."""
        super().gather_stats()
        if RANK >= 0:
            parts: list[Any] = [None] * distributed.get_world_size()
            distributed.gather_object(self.found, parts if RANK == 0 else None, dst=0)
            self.found = [item for part in parts for item in part or []]

    def get_stats(self) -> dict[str, Any]:
        """Return ultralytics' figures and ours."""
        stats: dict[str, Any] = super().get_stats()
        scores = coco_scores(self.truth, self.found)
        ours = dict(zip(PAGE_FIGURES, (scores["AP50"], scores["AP"]), strict=True))
        return {**stats, **ours, "fitness": scores["AP"]}
