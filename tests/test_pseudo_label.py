"""`scripts/pseudo_label.py` on pages of like names, and on a file that is none."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pseudo_label
import pytest
from PIL import Image

from tests.conftest import drawn_page

SCRIPT = Path(__file__).resolve().parents[1] / "scripts" / "pseudo_label.py"


class Reader:
    """A model that finds on a page, at each input size, what it is told to: (box, score, class id)."""

    def __init__(self, readings):
        self.detector, self.readings = SimpleNamespace(imgsz=320), readings

    def predict(self, path, pages, imgsz, conf, rescore):
        regions = [SimpleNamespace(bbox=b, score=s, class_id=c) for b, s, c in self.readings[imgsz]]
        return SimpleNamespace(pages=[SimpleNamespace(regions=regions)])


TEXT, TABLE, FIGURE = ((4.0, 4.0, 40.0, 20.0), 2), ((4.0, 30.0, 60.0, 60.0), 4), ((4.0, 70.0, 60.0, 90.0), 20)


def reader(*found):
    """A model that finds the boxes with the scores that they have at the three sizes, 0 for nothing."""
    sizes = (288, 320, 352)
    return Reader({size: [(box, s[k], c) for (box, c), s in found if s[k]] for k, size in enumerate(sizes)})


def test_readings_that_agree_are_one_box_with_their_mean_score():
    first = reader((TEXT, (0.9, 0.6, 0.9)), (TABLE, (0, 0.9, 0)))
    second = reader((((5.0, 4.0, 40.0, 20.0), 2), (0.6, 0.6, 0.6)))
    boxes, scores, ids = pseudo_label.fused([first, second], "a.png")
    assert ids.tolist() == [2, 4]
    assert boxes.tolist() == [list(TEXT[0]), list(TABLE[0])]
    assert scores.tolist() == pytest.approx([0.7, 0.15]), "what only one reading has counts for little"


def test_doubtful_places_are_painted_over_and_no_labels(tmp_path):
    Image.fromarray(
        np.where(np.arange(96)[:, None, None] % 2, 255, 0).repeat(64, 1).repeat(3, 2).astype(np.uint8)
    ).save(tmp_path / "a.png")
    model = reader((TEXT, (0.9, 0.9, 0.9)), (TABLE, (0, 0.9, 0)), (FIGURE, (0, 0, 0.1)))
    found = pseudo_label.label([model], tmp_path / "a.png", tmp_path / "out.png")
    scale = found["size"]["width"] / 64
    assert found["class_ids"] == [2]
    assert found["boxes"][0] == pytest.approx([v * scale for v in TEXT[0]])
    picture = np.asarray(Image.open(tmp_path / "out.png"))

    def ink(box):
        x0, y0, x1, y1 = (round(v * scale) for v in box)
        return (picture[y0:y1, x0:x1] < 128).mean()

    assert ink(TEXT[0]) > 0.4 and ink(FIGURE[0]) > 0.4
    assert ink(TABLE[0]) == 0, "a guess is neither learnt nor taught to be empty"


def test_each_page_has_its_own_record_and_broken_files_are_left_out(onnx_weights, tmp_path):
    for k, folder in enumerate(("one", "two")):
        (tmp_path / "in" / folder).mkdir(parents=True)
        Image.fromarray(drawn_page(k, 96, 64)).save(tmp_path / "in" / folder / "a.png")
    (tmp_path / "in" / "broken.pdf").write_bytes(b"%PDF-1.4 nothing")
    command = [sys.executable, str(SCRIPT), str(tmp_path / "in"), str(tmp_path / "out"), str(onnx_weights)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "left out: " in done.stdout + done.stderr and "broken.pdf" in done.stdout + done.stderr
    assert sorted(path.name for path in (tmp_path / "out" / "pages").iterdir()) == ["a-2.json", "a.json"]
    coco = json.loads((tmp_path / "out" / "annotations.json").read_text())
    assert {image["file_name"] for image in coco["images"]} <= {"a.png", "a-2.png"}
    before = (tmp_path / "out" / "pages" / "a.json").stat().st_mtime_ns
    subprocess.run(command, check=True, capture_output=True)
    assert (tmp_path / "out" / "pages" / "a.json").stat().st_mtime_ns == before
