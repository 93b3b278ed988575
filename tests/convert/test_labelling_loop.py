"""The guide to labelling, run as written but for the size of the training; a person's corrections are simulated."""

from __future__ import annotations

import json
import re
import shlex
import shutil
from pathlib import Path

import pytest

from doclayout.cli import main
from doclayout.convert.images import pixel_size
from doclayout.nn.checkpoint import load_model

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]
GUIDE = ROOT / "docs" / "labelling.md"
SMALL = {
    "synth": ["workers=1"],
    "prelabel": ["threads=1", "imgsz=320", "size=320"],
    "train": ["epochs=1", "imgsz=64", "batch=4", "workers=0", "device=cpu", "warmup_epochs=0"],
    "val": ["imgsz=64", "device=cpu", "threads=1", "refine=False"],
    "export": ["simplify=False"],
    "predict": ["imgsz=64", "threads=1", "pages=1"],
}
"""What makes the commands of the guide quick."""


def commands():
    """Return the shell commands of the guide."""
    blocks = re.findall(r"```sh\n(.*?)```", GUIDE.read_text(), re.DOTALL)
    return [shlex.split(line) for block in blocks for line in block.splitlines()]


def run(words):
    """Run one of the guide's commands."""
    if words[0] == "mkdir":
        Path(words[1]).mkdir()
    elif words[0] == "cp":
        shutil.copy(ROOT / words[1], words[2])
    else:
        program, mode, *options = words
        assert program == "doclayout"
        small = SMALL.get(mode, [])
        keys = {word.partition("=")[0] for word in small}
        assert main([mode, *(word for word in options if word.partition("=")[0] not in keys), *small]) == 0


def correct(tasks, export):
    """Do what a person does in Label Studio: move boxes by 1 % of the page, submit all tasks but the last."""
    done = json.loads(tasks.read_text())
    for k, task in enumerate(done, 1):
        result = json.loads(json.dumps(task["predictions"][0]["result"]))
        for item in result:
            del item["score"]
            item["value"]["x"] = min(item["value"]["x"] + 1, 100 - item["value"]["width"])
        submitted = {"id": 70 + k, "result": result, "was_cancelled": False, "updated_at": "2026-01-01T12:00:00Z"}
        task |= {"id": k, "annotations": [submitted] if k < len(done) else []}
    export.write_text(json.dumps(done))
    return done


@pytest.fixture(scope="module")
def loop(tmp_path_factory):
    """The folder in which the guide was followed, and the corrected tasks."""
    folder = tmp_path_factory.mktemp("loop")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for words in commands():
            if "from=labelstudio" in words:
                tasks = correct(folder / "labels" / "tasks.json", folder / "labels" / "export.json")
            run(words)
    return folder, tasks


def test_tasks_show_what_was_found(loop):
    folder, tasks = loop
    assert len(tasks) == 10
    for task in tasks:
        width, height = pixel_size(folder / "labels" / task["data"]["image"].partition("?d=")[2], "")
        assert max(width, height) == 320
        for item in task["predictions"][0]["result"]:
            assert (item["original_width"], item["original_height"]) == (width, height)
            value = item["value"]
            assert min(value["x"], value["y"]) >= 0
            assert max(value["x"] + value["width"], value["y"] + value["height"]) <= 100.001
            assert 0.25 <= item["score"] <= 1
    assert sum(len(task["predictions"][0]["result"]) for task in tasks) > 60


def test_corrections_arrive_in_the_training_set(loop):
    folder, tasks = loop
    found = {}
    for split in ("train", "val"):
        coco = json.loads((folder / "mine" / split / "annotations.json").read_text())
        names = {category["id"]: category["name"] for category in coco["categories"]}
        for image in coco["images"]:
            mine = [item for item in coco["annotations"] if item["image_id"] == image["id"]]
            found[Path(image["file_name"]).name] = image, [(names[x["category_id"]], *x["bbox"]) for x in mine]
    assert sorted(found) == sorted(task["data"]["name"] for task in tasks[:-1])
    for task in tasks[:-1]:
        image, boxes = found[task["data"]["name"]]
        expected = [(x["value"]["rectanglelabels"][0], x["value"]) for x in task["annotations"][0]["result"]]
        assert [box[0] for box in boxes] == [name for name, _ in expected]
        for (_, left, _, width, _), (_, value) in zip(boxes, expected, strict=True):
            assert left == pytest.approx(value["x"] * image["width"] / 100, abs=1e-4)
            assert width == pytest.approx(value["width"] * image["width"] / 100, abs=1e-4)


def test_training_went_on_from_the_default_weights(loop):
    folder, _ = loop
    default, _ = load_model(ROOT / "doclayout" / "weights" / "edocnet-n.pt")
    tuned, _ = load_model(folder / "runs" / "train" / "mine" / "weights" / "best.pt")
    assert tuned.names == default.names
    frozen, free = (lambda m: m.model[5].depthwise.conv.weight), (lambda m: m.model[16].split.conv.weight)
    assert (frozen(tuned) == frozen(default).half().float()).all()
    assert not (free(tuned) == free(default).half().float()).all()


def test_the_tuned_model_is_measured_and_used(loop):
    folder, _ = loop
    assert json.loads((folder / "runs" / "val" / "metrics.json").read_text())["model"] == "best"
    result = json.loads((folder / "runs" / "predict" / "sample.json").read_text())
    assert (result["model"], result["schema"], len(result["pages"])) == ("best", "datasheet21", 1)
