import copy
import errno
import io
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from matplotlib import get_data_path
from PIL import Image

from doclayout.config import load_cfg
from doclayout.convert import coco as coco_format
from doclayout.convert import yolo as yolo_format
from doclayout.errors import SynthError, UsageError
from doclayout.schema import load_schema
from synth import shards as module
from synth.elements import fonts
from synth.generate import generate
from synth.page import SynthPage
from synth.preview import preview
from synth.recipe import make_recipe
from synth.shards import write_atomic

OPTIONS = {"kind": "recompose", "imgsz": 320, "seed": 3, "workers": 1}
FEW = {"kind": "bestfit", "imgsz": 320, "min_count": 3}  # a hundred of each class take long


@pytest.fixture(autouse=True)
def small_shards(monkeypatch):
    monkeypatch.setattr(module, "SHARD", 3)


def contents(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def whole(pool_dir, tmp_path_factory):
    folder = tmp_path_factory.mktemp("whole") / "run"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "SHARD", 3)
        generate(folder, n=8, pool=pool_dir, **OPTIONS)
    return contents(folder)


def test_writes_coco(whole, pool):
    coco = json.loads(whole["annotations.json"])
    assert [image["file_name"] for image in coco["images"]] == [f"images/{i:07d}.webp" for i in range(8)]
    assert [a["id"] for a in coco["annotations"]] == list(range(1, len(coco["annotations"]) + 1))
    assert {a["image_id"] for a in coco["annotations"]} == set(range(1, 9))
    assert [c["name"] for c in coco["categories"]] == list(pool.schema.names)
    for row in coco["images"]:
        assert Image.open(io.BytesIO(whole[row["file_name"]])).size == (row["width"], row["height"])
        assert max(row["width"], row["height"]) == 320
    for a in coco["annotations"]:
        image = coco["images"][a["image_id"] - 1]
        x, y, w, h = a["bbox"]
        assert (
            x >= 0 and y >= 0 and w > 0 and h > 0 and x + w <= image["width"] + 0.11 and y + h <= image["height"] + 0.11
        )


def test_same_bytes_with_two_workers(whole, pool_dir, tmp_path):
    generate(tmp_path / "run", n=8, pool=pool_dir, **{**OPTIONS, "workers": 2})
    assert contents(tmp_path / "run") == whole


def test_goes_on_where_it_was_interrupted(whole, pool_dir, tmp_path, monkeypatch):
    written = []

    def dying(path, data):
        if len(written) == 6:
            raise KeyboardInterrupt
        written.append(path)
        write_atomic(path, data)

    monkeypatch.setattr(module, "write_atomic", dying)
    with pytest.raises(KeyboardInterrupt):
        generate(tmp_path / "run", n=8, pool=pool_dir, **OPTIONS)
    monkeypatch.setattr(module, "write_atomic", write_atomic)
    made = []
    generate(tmp_path / "run", n=8, pool=pool_dir, progress=made.append, **OPTIONS)
    assert contents(tmp_path / "run") == whole
    assert made == [3, 3, 2]  # what a run finds done, then the two shards left


def test_goes_on_after_a_kill(whole, pool_dir, tmp_path):
    """The process dies by SIGKILL in the middle of a shard; the next one finishes its folder."""
    folder = tmp_path / "run"
    code = "import sys; from synth import shards; shards.SHARD = 3; from synth.generate import generate; "
    code += f"generate(sys.argv[1], n=8, pool=sys.argv[2], **{OPTIONS})"
    process = subprocess.Popen([sys.executable, "-c", code, str(folder), str(pool_dir)], stderr=subprocess.DEVNULL)
    while len(list(folder.glob("images/*"))) < 4 and process.poll() is None:
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    assert "annotations.json" not in contents(folder)
    generate(folder, n=8, pool=pool_dir, **OPTIONS)
    left = contents(folder)
    assert {name: data for name, data in left.items() if not name.endswith(".part")} == whole


def test_a_larger_n_adds_pages(whole, pool_dir, tmp_path):
    generate(tmp_path / "run", n=4, pool=pool_dir, **OPTIONS)
    generate(tmp_path / "run", n=8, pool=pool_dir, **OPTIONS)
    assert contents(tmp_path / "run") == whole


def test_pages_that_a_stopped_run_left_past_the_last_go(pool_dir, tmp_path):
    generate(tmp_path / "run", n=3, pool=pool_dir, **OPTIONS)
    shutil.copyfile(tmp_path / "run/images/0000001.webp", tmp_path / "run/images/0000004.webp")
    generate(tmp_path / "run", n=3, pool=pool_dir, yolo=True, **OPTIONS)
    stems = {kind: sorted(path.stem for path in (tmp_path / "run" / kind).iterdir()) for kind in ("images", "labels")}
    assert stems["images"] == stems["labels"] == ["0000000", "0000001", "0000002"]


def test_fonts_of_one_name_are_told_apart(tmp_path, monkeypatch):
    folder = Path(get_data_path(), "fonts", "ttf")
    names = set()
    for font in ("DejaVuSans.ttf", "DejaVuSerif.ttf"):
        (tmp_path / font).mkdir()
        shutil.copyfile(folder / font, tmp_path / font / "same.ttf")
        monkeypatch.setattr(fonts, "_FAR_EASTERN", [(str(tmp_path / font / "same.ttf"), 0)])
        names.add(fonts.far_eastern.__wrapped__())
    assert len(names) == 2 and all(name.startswith("same-") for name in names)


@pytest.mark.parametrize(
    "options, message",
    [
        ({"seed": 4}, "seed=3 instead of 4"),
        ({"imgsz": 400}, "imgsz=320 instead of 400"),
        ({"format": "png"}, "format='webp' instead of 'png'"),
        ({"n": 2}, "n=2"),
    ],
)
def test_another_runs_folder_is_refused(pool_dir, tmp_path, options, message):
    generate(tmp_path, n=4, pool=pool_dir, **OPTIONS)
    before = contents(tmp_path)
    with pytest.raises(SynthError, match=message):
        generate(tmp_path, **{"n": 4, "pool": pool_dir, **OPTIONS, **options})
    assert contents(tmp_path) == before


def test_a_folder_of_something_else_is_refused(pool_dir, tmp_path):
    (tmp_path / "thesis.txt").write_text("")
    with pytest.raises(SynthError, match="not empty"):
        generate(tmp_path, n=4, pool=pool_dir, **OPTIONS)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


@pytest.mark.parametrize(
    "options, message",
    [
        ({"kind": "collage"}, "unknown kind 'collage'"),
        ({"format": "gif"}, "unknown format 'gif'"),
        ({"format": "pdf"}, "format=pdf needs kind=datasheet"),
        ({"n": 0}, "n must be at least 1"),
        ({"workers": 0}, "workers must be at least 1"),
        ({"seed": -1}, "seed must be at least 0"),
        ({"imgsz": 10}, "imgsz must be at least 160"),
        ({"imgsz": 17000}, "imgsz must be at most 8192, got 17000"),
        ({"pool": None}, "needs a pool"),
        ({"kind": "datasheet"}, "takes no pool"),
        ({"min_count": 5}, "min_count is for kind=bestfit and kind=mix"),
        ({"kind": "mix", "min_count": -1}, "min_count must be at least 0"),
        ({"engine": "abacus"}, "unknown engine 'abacus'"),
        ({"kind": "datasheet", "pool": None, "format": "pdf", "yolo": True}, "format=pdf has none"),
    ],
)
def test_wrong_options_write_nothing(pool_dir, tmp_path, options, message):
    with pytest.raises(UsageError, match=message):
        generate(tmp_path / "run", **{"n": 4, "pool": pool_dir, **OPTIONS, **options})
    assert not (tmp_path / "run").exists()


def test_a_pool_that_is_not_there_writes_nothing(tmp_path):
    with pytest.raises(SynthError, match="no pool at"):
        generate(tmp_path / "run", n=4, pool=tmp_path / "none", **OPTIONS)
    assert not (tmp_path / "run").exists()


def test_a_full_disk_leaves_whole_files_only(whole, pool_dir, tmp_path, monkeypatch):
    def full(path, data):
        if "0000004" in path.name:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return write_atomic(path, data)

    monkeypatch.setattr(module, "write_atomic", full)
    with pytest.raises(SynthError, match="the disk is full"):
        generate(tmp_path / "run", n=8, pool=pool_dir, **OPTIONS)
    left = contents(tmp_path / "run")
    assert {name: data for name, data in whole.items() if name in left} == left
    assert "annotations.json" not in left and "images/0000003.webp" in left


def test_a_run_goes_on_with_its_own_fonts_only(tmp_path, monkeypatch):
    run = {"n": 1, "kind": "datasheet", "imgsz": 320, "workers": 1}
    recipe = make_recipe(1, "datasheet", 0, None)
    generate(tmp_path, **run)
    monkeypatch.setattr("synth.recipe.far_eastern", lambda: "Garamond")
    with pytest.raises(SynthError, match=r"another run's data.*instead of 'Garamond'"):
        generate(tmp_path, **run)
    with pytest.raises(SynthError, match="this machine has Garamond; install the same fonts"):
        recipe.page(0)


@pytest.mark.parametrize("text", ["{", "[1]"])
def test_a_damaged_record_of_a_run(tmp_path, text):
    (tmp_path / "run.json").write_text(text)
    with pytest.raises(SynthError, match=r"run\.json is damaged"):
        generate(tmp_path, n=1, kind="datasheet", imgsz=320, workers=1)


def test_a_run_does_not_go_on_with_other_labels(pool_dir, tmp_path):
    pool = tmp_path / "pool"
    shutil.copytree(pool_dir, pool)
    generate(tmp_path / "run", n=2, pool=pool, **OPTIONS)
    coco = json.loads((pool / "annotations.json").read_text())
    coco["annotations"].pop()
    (pool / "annotations.json").write_text(json.dumps(coco))
    with pytest.raises(SynthError, match=r"another run's data \(labels="):
        generate(tmp_path / "run", n=4, pool=pool, **OPTIONS)


def test_a_font_that_is_absent_stops_a_run_before_it_begins(tmp_path, monkeypatch):
    houses = copy.deepcopy(load_cfg("synth/houses.yaml"))
    houses["houses"]["elm"]["body"] = ["Gone"]
    monkeypatch.setattr("synth.layouts.styles.load_cfg", lambda name: houses)
    monkeypatch.setitem(fonts._FILES, "Gone", ("Gone-Regular",) * 4)
    with pytest.raises(SynthError, match=r"Gone-Regular\.ttf is not there"):
        generate(tmp_path / "run", n=1, kind="datasheet", imgsz=320, workers=1)
    assert not (tmp_path / "run").exists()


def test_yolo_labels_say_the_same(pool_dir, tmp_path):
    generate(tmp_path / "run", n=4, pool=pool_dir, **OPTIONS)
    path = generate(tmp_path / "run", n=4, pool=pool_dir, yolo=True, **OPTIONS)
    coco, yolo = (module_.read(tmp_path / "run") for module_ in (coco_format, yolo_format))
    assert [page.name for page in yolo.pages] == [f"{i:07d}.webp" for i in range(4)]
    assert set(yolo.names) == {c["name"] for c in json.loads(path.read_text())["categories"]}
    for ours, theirs in zip(coco.pages, yolo.pages, strict=True):
        assert [label.name for label in ours.labels] == [label.name for label in theirs.labels]
        assert np.allclose([x.bbox for x in ours.labels], [x.bbox for x in theirs.labels], atol=1e-3)


def test_drawn_pages_are_a_pool(tmp_path):
    """BestFit over the elements of typeset pages, which come as PDFs."""
    generate(tmp_path / "drawn", n=2, kind="datasheet", format="pdf", workers=1)
    options = {**FEW, "min_count": 0}
    coco = json.loads(generate(tmp_path / "run", n=2, pool=tmp_path / "drawn", workers=1, **options).read_text())
    assert len(coco["images"]) == 2 and len(coco["annotations"]) >= 4


def test_min_count_is_part_of_the_run(pool_dir, tmp_path):
    generate(tmp_path / "run", n=1, pool=pool_dir, workers=1, **FEW)
    with pytest.raises(SynthError, match="min_count=3 instead of 4"):
        generate(tmp_path / "run", n=1, pool=pool_dir, workers=1, **{**FEW, "min_count": 4})


def test_merging_holds_one_shard_in_memory(tmp_path):
    (tmp_path / "shards").mkdir()
    box = {"image_id": 1, "category_id": 2, "bbox": [1.0, 2.0, 3.0, 4.0], "area": 12.0, "iscrowd": 0}
    rows = json.dumps({"images": [], "annotations": [box] * 100})
    parts = [(i, i + 1) for i in range(20)]
    for part in parts:
        (tmp_path / module.shard_name(part)).write_text(rows)
    peaks = []
    for count in (4, 20):
        tracemalloc.start()
        module.merge(tmp_path, parts[:count], load_schema())
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        for part in parts:
            (tmp_path / module.shard_name(part)).write_text(rows)
    assert peaks[1] < 1.2 * peaks[0]


def test_a_page_that_its_format_cannot_hold():
    page = SynthPage(np.zeros((1, 16384, 3), np.uint8), np.zeros((0, 4), np.float32), np.zeros(0, np.int64))
    with pytest.raises(SynthError, match=r"a webp cannot hold this page of 16384 x 1 pixels .*give format=png"):
        module.encode(page, "webp")


@pytest.mark.parametrize("format", ["webp", "pdf"])
def test_typeset_pages(tmp_path, format):
    path = generate(tmp_path, n=2, kind="datasheet", format=format, imgsz=480, workers=1)
    coco = json.loads(path.read_text())
    assert all(max(image["width"], image["height"]) == 480 for image in coco["images"])
    if format == "pdf":
        from doclayout.document import open_document

        for image in coco["images"]:
            with open_document(tmp_path / image["file_name"]) as document:
                assert len(document.load(1).words()) > 5


def test_preview_draws_the_pages(pool_dir, tmp_path):
    options = {"n": 3, "kind": "mix", "imgsz": 320, "min_count": 3}
    sheet = preview(tmp_path / "sheets" / "a.png", pool=pool_dir, columns=2, tile=200, **options)
    picture = np.asarray(Image.open(sheet))
    assert picture.shape[0] > 400 and np.ptp(picture, axis=2).max() > 60


def test_a_run_with_yolo_labels_goes_on_with_them(pool_dir, tmp_path):
    generate(tmp_path / "run", n=4, pool=pool_dir, yolo=True, **OPTIONS)
    generate(tmp_path / "run", n=8, pool=pool_dir, **OPTIONS)
    names = [{path.stem for path in (tmp_path / "run" / part).iterdir()} for part in ("images", "labels")]
    assert len(names[0]) == 8
    assert names[0] == names[1]
