"""The recipes of `scripts/train_default.sh`, with stand-ins for training: each step finds what it reads."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from doclayout.schema import load_schema

ROOT = Path(__file__).resolve().parents[1]
CORRECTED = ROOT / "scripts" / "recipes" / "corrected.json"
STAND_IN = f"""#!{sys.executable}
import sys
from pathlib import Path

def need(path):
    if not Path(path).is_file():
        sys.exit(f"{{sys.argv}} reads {{path}}, which is not there")

def make(*paths):
    for path in map(Path, paths):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()

mode, *words = sys.argv[1:]
with open("log", "a") as log:
    print(mode, *words, file=log)
given = dict(word.split("=", 1) for word in words if "=" in word)
if mode == "train":
    if not given["model"].endswith(".yaml"):
        need(given["model"])
    if "resume" in given:
        run = Path(given["model"]).parent
    else:
        run = Path(given["project"], given["name"], "weights")
    for file in [given["data"], *([given["teacher"]] if "teacher" in given else [])]:
        need(file)
    make(run / "last.pt", run / "best.pt")
elif mode == "synth":
    make(Path(given["out"], "annotations.json"))
elif mode == "export":
    need(given["model"])
    folder = Path(given["save_dir"]) / f"{{given['name']}}_openvino"
    make(folder / f"{{given['name']}}.xml", folder / f"{{given['name']}}.bin")
elif mode == "val":
    need(given["model"])
elif mode == "scripts/ship.py":
    need(words[0])
    make(*(Path(words[3], words[2] + suffix) for suffix in (".pt", ".onnx")))
elif mode == "scripts/average.py":
    need(words[0]), need(words[1]), make(words[3])
elif mode == "scripts/narrow.py":
    need(words[0]), make(words[2])
elif mode == "scripts/scan_pages.py":
    if words[0].endswith(".yaml"):
        need(words[0])
    make(Path(words[1], "train", "annotations.json"))
elif mode == "scripts/widen.py":
    need(words[0]), make(words[1])
elif mode == "scripts/init_backbone.py":
    make(words[0])
elif mode == "--check":
    need(words[-1])
elif mode == "scripts/pseudo_label.py":
    [need(file) for file in words[2:]]
    make(Path(words[1], "annotations.json"))
else:
    sys.exit(f"no stand-in for {{mode}}")
"""


@pytest.fixture
def clone(tmp_path):
    """A copy of the scripts, beside which the tools it calls only check and make files, and note their words."""
    shutil.copytree(ROOT / "scripts", tmp_path / "scripts")
    for name in ("python", "doclayout", "sha256sum"):
        tool = tmp_path / ".venv" / "bin" / name
        tool.parent.mkdir(parents=True, exist_ok=True)
        tool.write_text(STAND_IN)
        tool.chmod(0o755)
    (tmp_path / "data" / "unlabeled").mkdir(parents=True)
    return tmp_path


def run(clone, *words):
    (clone / "log").unlink(missing_ok=True)
    command = ["bash", "scripts/train_default.sh", *words]
    done = subprocess.run(command, cwd=clone, env={**os.environ, "LC_ALL": "C"}, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return [line.split()[0] for line in (clone / "log").read_text().splitlines()]


@pytest.mark.parametrize(("machine", "trainings"), [("cpu", 20), ("gpu", 7)])
def test_each_step_finds_what_it_reads_and_is_done_once(clone, machine, trainings):
    assert run(clone, "data", "out", machine).count("train") == trainings
    for name in (*(f"edocnet-{size}{suffix}" for size in "tnsm" for suffix in (".onnx", ".pt")), "edocnet-n-int8.xml"):
        assert (clone / "out" / name).is_file()
    assert not {"train", "synth", "export", "scripts/ship.py", "scripts/pseudo_label.py"} & set(
        run(clone, "data", "out", machine)
    )


@pytest.mark.parametrize("machine", ["cpu", "gpu"])
def test_the_corrected_labels_lie_beside_the_pages_they_are_of_and_are_trained_on(clone, machine):
    run(clone, "data", "out", machine)
    labels = clone / "out" / "corrected" / "annotations.json"
    assert labels.read_bytes() == CORRECTED.read_bytes()
    assert (labels.parent / "pdf").readlink() == clone / "data" / "unlabeled"
    last = [line for line in (clone / "log").read_text().splitlines() if line.startswith("train")][-1]
    used = next(word.removeprefix("data=") for word in last.split() if word.startswith("data="))
    for path in (used, clone / "out" / "labelled.yaml"):
        assert str(labels) in yaml.safe_load(Path(path).read_text())["train"]
    judged = yaml.safe_load((clone / "out" / "judged.yaml").read_text())
    assert judged["train"] == [str(labels)] and judged["val"] == str(clone / "data" / "val" / "annotations.json")


def test_the_corrected_labels_are_boxes_on_their_pages_in_the_classes_of_the_schema():
    labels = json.loads(CORRECTED.read_text())
    assert [category["name"] for category in labels["categories"]] == list(load_schema().names)
    pages = {image["id"]: image for image in labels["images"]}
    assert len(pages) == len(labels["images"]) == len({image["file_name"] for image in labels["images"]})
    for label in labels["annotations"]:
        page, (x, y, w, h) = pages[label["image_id"]], label["bbox"]
        assert 0 <= x < x + w <= page["width"] + 0.1
        assert 0 <= y < y + h <= page["height"] + 0.1
        assert 0 <= label["category_id"] < len(labels["categories"])


def test_a_training_that_was_stopped_goes_on(clone):
    run(clone, "data", "out")
    (clone / "out" / "stage11.pt").unlink()
    assert run(clone, "data", "out").count("train") == 1
    log = (clone / "log").read_text()
    assert f"train model={clone / 'out' / 'stage11' / 'weights' / 'last.pt'}" in log
    assert "resume=True" in log


def test_an_unknown_machine_is_refused(clone):
    done = subprocess.run(["bash", "scripts/train_default.sh", "data", "out", "tpu"], cwd=clone, capture_output=True)
    assert done.returncode == 2
    assert b"MACHINE is cpu or gpu, not tpu" in done.stderr


def test_pages_other_than_those_that_the_corrected_labels_are_of_are_refused(clone):
    (clone / ".venv" / "bin" / "sha256sum").unlink()
    (clone / "data" / "unlabeled" / "u0000.pdf").write_bytes(b"another page")
    done = subprocess.run(
        ["bash", "scripts/train_default.sh", "data", "out"], cwd=clone, capture_output=True, text=True
    )  # fmt: skip
    assert done.returncode == 2
    assert "lacks pages that scripts/recipes/corrected.json has the labels of" in done.stderr
    assert not (clone / "log").exists()


def test_each_page_with_corrected_labels_has_a_digest():
    lines = (ROOT / "scripts" / "recipes" / "corrected.sha256").read_text().splitlines()
    pages = {image["file_name"] for image in json.loads(CORRECTED.read_text())["images"]}
    assert {line.split("  ")[1] for line in lines} == pages
