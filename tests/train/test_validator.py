from copy import copy
from types import SimpleNamespace

import pytest
import torch

from doclayout.train.trainer import LayoutTrainer


@pytest.mark.parametrize("shift", [0.0, 2.0, 40.0])
def test_fitness_is_ap_of_the_boxes_that_users_get(shift, coco_data, tmp_path):
    options = {"imgsz": 128, "batch": 2, "workers": 0, "project": str(tmp_path), "device": "cpu"}
    trainer = LayoutTrainer(overrides={**options, "model": "edocnet-s.yaml", "data": str(coco_data)})
    trainer.test_loader = trainer.get_dataloader(trainer.data["val"], 2, -1, "val")
    validator = trainer.get_validator()
    validator.device, validator.data = trainer.device, trainer.data
    validator.init_metrics(SimpleNamespace(names=trainer.data["names"], end2end=True))
    for batch in trainer.test_loader:
        batch = validator.preprocess(copy(batch))
        pages = [validator._prepare_batch(i, batch) for i in range(len(batch["img"]))]
        found = [
            {"bboxes": page["bboxes"] + shift, "conf": torch.full(page["cls"].shape, 0.9), "cls": page["cls"].float()}
            for page in pages
        ]
        validator.update_metrics([{**pred, "extra": torch.zeros(len(pred["cls"]), 0)} for pred in found], batch)
    stats = validator.get_stats()
    assert stats["fitness"] == stats["metrics/AP(page)"] <= stats["metrics/AP50(page)"]
    if shift == 0:
        assert stats["fitness"] > 0.8
    elif shift == 2:
        assert stats["fitness"] > stats["metrics/mAP50-95(B)"], "snapping to ink brings a small shift back"
    else:
        assert stats["fitness"] < 0.3


def test_page_figures_are_reported_beside_the_networks(coco_data, tmp_path):
    options = {"imgsz": 64, "batch": 2, "workers": 0, "epochs": 1, "project": str(tmp_path), "name": "run"}
    trainer = LayoutTrainer(overrides={**options, "model": "edocnet-s.yaml", "data": str(coco_data), "device": "cpu"})
    trainer.train()
    header = (tmp_path / "run" / "results.csv").read_text().splitlines()[0]
    assert "metrics/mAP50-95(B)" in header and "metrics/AP(page)" in header and "fitness" not in header
