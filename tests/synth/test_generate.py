import errno
import io
import json
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from doclayout.errors import SynthError
from synth import generate as module
from synth.generate import generate
from synth.preview import preview
from synth.shards import write_whole

OPTIONS = {"kind": "recompose", "imgsz": 320, "seed": 3, "workers": 1}


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


def test_goes_on_after_a_kill(whole, pool_dir, tmp_path, monkeypatch):
    written = []

    def dying(path, data):
        if len(written) == 5:
            raise KeyboardInterrupt
        written.append(path)
        write_whole(path, data)

    monkeypatch.setattr(module, "write_whole", dying)
    with pytest.raises(KeyboardInterrupt):
        generate(tmp_path / "run", n=8, pool=pool_dir, **OPTIONS)
    monkeypatch.setattr(module, "write_whole", write_whole)
    made = []
    generate(tmp_path / "run", n=8, pool=pool_dir, progress=made.append, **OPTIONS)
    assert contents(tmp_path / "run") == whole
    assert made == [3, 3, 2]  # what a run finds done, then the two shards left


def test_a_larger_n_adds_pages(whole, pool_dir, tmp_path):
    generate(tmp_path / "run", n=4, pool=pool_dir, **OPTIONS)
    generate(tmp_path / "run", n=8, pool=pool_dir, **OPTIONS)
    assert contents(tmp_path / "run") == whole


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
        ({"pool": None}, "needs a pool"),
        ({"pool": "/no/such/pool"}, "no pool at"),
    ],
)
def test_wrong_options_write_nothing(pool_dir, tmp_path, options, message):
    with pytest.raises(SynthError, match=message):
        generate(tmp_path / "run", **{"n": 4, "pool": pool_dir, **OPTIONS, **options})
    assert not (tmp_path / "run").exists()


def test_a_full_disk_leaves_whole_files_only(whole, pool_dir, tmp_path, monkeypatch):
    write = Path.write_bytes

    def full(path, data):
        if "0000004" in path.name:
            write(path, data[:100])
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return write(path, data)

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(SynthError, match="the disk is full"):
        generate(tmp_path / "run", n=8, pool=pool_dir, **OPTIONS)
    left = contents(tmp_path / "run")
    assert {name: data for name, data in whole.items() if name in left} == left
    assert "annotations.json" not in left and "images/0000003.webp" in left


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
    sheet = preview(tmp_path / "sheets" / "a.png", n=3, kind="mix", pool=pool_dir, imgsz=320, columns=2, tile=200)
    picture = np.asarray(Image.open(sheet))
    assert picture.shape[0] > 400 and np.ptp(picture, axis=2).max() > 60
