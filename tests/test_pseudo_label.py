"""`scripts/pseudo_label.py` on pages of like names, and on a file that is none."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from PIL import Image

from tests.conftest import drawn_page

SCRIPT = Path(__file__).resolve().parents[1] / "scripts" / "pseudo_label.py"


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
