import json
import shutil
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from doclayout.cli import main
from doclayout.convert import command
from doclayout.convert.command import FORMATS, convert
from doclayout.convert.images import pixel_size
from doclayout.convert.labels import LabelSet
from doclayout.document import open_document
from doclayout.errors import MissingImageError, UsageError
from tests.convert.conftest import page_of, read, written

SAMPLE = Path(__file__).parents[2] / "doclayout" / "sample" / "sample.json"


def test_counts_in_and_out(data, tmp_path, capsys):
    source = written(data, "coco", tmp_path / "in")
    words = ["from=coco", "to=yolo", f"source={source}", f"out={tmp_path / 'out'}", "schema=publaynet5"]
    assert main(["convert", *words, "map=figure:"]) == 0
    first, second = capsys.readouterr().out.split("out: yolo")
    rows = ["     2  text", "     2  table", "     0  figure", "     4  boxes in all, on 2 train + 1 val pages"]
    assert first.splitlines() == [f"in: coco, {source}", *(f"  {row}" for row in rows)]
    rows = [f"     {n}  {name}" for n, name in ((2, "text"), (0, "title"), (0, "list"), (2, "table"), (0, "figure"))]
    assert second.splitlines()[1:] == [f"  {row}" for row in [*rows, "     4  boxes in all, on 2 train + 1 val pages"]]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in", "out"]


@pytest.mark.parametrize("to", FORMATS)
def test_a_pdf_with_many_pages(to, tmp_path):
    before, after = convert(SAMPLE, tmp_path / to, "coco", to, size=300)
    assert before.counts() == after.counts()
    found = read(to, tmp_path / to)
    assert len(found.pages) == 8
    for page, original in zip(sorted(found.pages, key=lambda page: page.name), before.pages, strict=True):
        assert page.name == f"sample-p{original.number}.{'pdf' if to == 'coco' else 'png'}"
        assert max(page.width, page.height) == (1280 if to == "coco" else 300)
        shares = [np.array(x.bbox) / ([p.width, p.height] * 2) for p in (page, original) for x in p.labels]
        half = len(shares) // 2
        np.testing.assert_allclose(shares[:half], shares[half:], atol=1e-6)
        with open_document(page.file) as document, open_document(SAMPLE.with_suffix(".pdf")) as whole:
            picture, expected = document.load(1).render(300), whole.load(original.number).render(300)
        assert document.numbers == [1]
        np.testing.assert_array_equal(picture, expected)


def test_colliding_names(data, pictures, tmp_path):
    source = written(data, "coco", tmp_path / "in") / "train"
    coco = json.loads((source / "annotations.json").read_text())
    shutil.copy(source / "images" / "a.png", source / "images" / "a.bmp")
    coco["images"].append({**coco["images"][0], "id": 7, "file_name": "images/a.bmp"})
    (source / "annotations.json").write_text(json.dumps(coco))
    convert(source, tmp_path / "out", "coco", "yolo")
    assert sorted(path.name for path in (tmp_path / "out").rglob("*.txt")) == ["a-2.txt", "a.txt", "b.txt"]
    assert (tmp_path / "out" / "images" / "a-2.bmp").is_file()


def test_images_that_lie_elsewhere(data, pictures, tmp_path):
    source = written(data, "cvat", tmp_path / "in")
    shutil.rmtree(source / "images")
    with pytest.raises(MissingImageError):
        convert(source, tmp_path / "out", "cvat", "coco")
    assert not (tmp_path / "out").exists(), "nothing half-written"
    convert(source, tmp_path / "out", "cvat", "coco", images=pictures)
    assert len(list((tmp_path / "out").rglob("*.jpg"))) == 1


def test_a_failing_writer_leaves_nothing(data, tmp_path, monkeypatch):
    source = written(data, "coco", tmp_path / "in")
    monkeypatch.setattr("doclayout.convert.voc._annotation", lambda page: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        convert(source, tmp_path / "deep" / "out", "coco", "voc")
    assert [path.name for path in tmp_path.iterdir()] == ["in"]


def test_a_place_that_cannot_be_written(data, tmp_path):
    source = written(data, "coco", tmp_path / "in")
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="cannot be written"):
        convert(source, tmp_path / "file" / "out", "coco", "yolo")


def test_a_page_that_cannot_be_read_is_named(data, tmp_path, monkeypatch):
    source = written(data, "coco", tmp_path / "in")
    closed = Path.open

    def opened(path, *args, **kwargs):
        if path.name == "a.png" and args == ("rb",):
            raise PermissionError(13, "Permission denied", str(path))
        return closed(path, *args, **kwargs)

    monkeypatch.setattr("doclayout.convert.images.is_pdf", lambda file: False)
    monkeypatch.setattr(Path, "open", opened)
    with pytest.raises(MissingImageError, match=r"a\.png cannot be read"):
        convert(source, tmp_path / "out", "coco", "yolo")


def test_what_is_in_no_subset_of_cvat_is_in_no_split(data, tmp_path):
    source = written(data, "cvat", tmp_path / "in")
    path = source / "annotations.xml"
    path.write_text(path.read_text().replace('subset="val"', 'subset="default"'))
    (source / "images" / "val").rename(source / "images" / "default")
    assert read("cvat", source).splits() == ("train", "")


def test_pages_whose_paths_meet_keep_apart(pictures, tmp_path):
    first = page_of(pictures, "a.png", split="train")
    second = replace(page_of(pictures, "c d.png"), name="train/a.png")
    source = written(LabelSet("data", ("text",), (first, second)), "cvat", tmp_path / "in")
    assert sorted(max(page.width, page.height) for page in read("cvat", source).pages) == [64, 80]
    assert {pixel_size(page.file, "") for page in read("cvat", source).pages} == {(60, 80), (64, 64)}


def test_splits_named_like_lists_of_classes(pictures, tmp_path):
    pages = (page_of(pictures, "a.png", split="val"), page_of(pictures, "c d.png", split="hard_val"))
    source = written(LabelSet("data", ("text",), pages), "voc", tmp_path / "in")
    assert read("voc", source).splits() == ("hard_val", "val")
    (source / "ImageSets" / "Main" / "text_val.txt").write_text("val/a  1\n")
    assert read("voc", source).splits() == ("hard_val", "val")


@pytest.mark.parametrize("split", ["default", "trainval"])
def test_splits_that_voc_cannot_hold(pictures, tmp_path, split):
    with pytest.raises(UsageError, match=f"keeps the name {split}"):
        written(LabelSet("data", ("text",), (page_of(pictures, "a.png", split=split),)), "voc", tmp_path / "in")


def test_validation_pages(data, tmp_path):
    source = written(data, "labelstudio", tmp_path / "in")
    tasks = json.loads((source / "tasks.json").read_text())
    for task in tasks:
        task["data"]["split"] = ""
    (source / "tasks.json").write_text(json.dumps(tasks))
    convert(source, tmp_path / "out", "labelstudio", "coco", val=0.4)
    found = read("coco", tmp_path / "out")
    assert Counter(page.split for page in found.pages) == {"train": 2, "val": 1}


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"to": "yolov8"}, "to=yolov8 is no format; did you mean yolo"),
        ({"from_": "zzz"}, "from=zzz is no format; there are coco, yolo"),
        ({"size": 3}, "size=3 must be from 16"),
        ({"val": 0.5}, "already; leave out val="),
        ({"map": "table"}, "write map=old:new"),
    ],
)
def test_wrong_options(options, words, data, tmp_path):
    source = written(data, "coco", tmp_path / "in")
    with pytest.raises(UsageError, match=words):
        convert(**{"source": source, "out": tmp_path / "out", "from_": "coco", "to": "voc", **options})
    assert [path.name for path in tmp_path.iterdir()] == ["in"]


def test_folders_in_use_are_left_alone(data, tmp_path):
    source = written(data, "coco", tmp_path / "in")
    with pytest.raises(UsageError, match="is not an empty folder"):
        convert(source, source, "coco", "yolo")
    (tmp_path / "empty").mkdir()
    convert(source, tmp_path / "empty", "coco", "yolo")
    assert (tmp_path / "empty" / "data.yaml").is_file()


def test_crowds_and_unlabelled_tasks_are_counted(data, tmp_path):
    source = written(data, "coco", tmp_path / "coco")
    text = (source / "train" / "annotations.json").read_text()
    (source / "train" / "annotations.json").write_text(text.replace('"iscrowd": 0', '"iscrowd": 1', 1))
    found = read("coco", source)
    assert (found.counts().total(), found.notes) == (3, ("1 crowd boxes left out",))
    source = written(data, "labelstudio", tmp_path / "labelstudio")
    tasks = json.loads((source / "tasks.json").read_text())
    tasks[1]["predictions"] = tasks[1].pop("annotations")
    tasks[2]["annotations"] = [{"was_cancelled": True, "result": []}]
    (source / "tasks.json").write_text(json.dumps(tasks))
    found = read("labelstudio", source)
    assert (len(found.pages), found.notes) == (1, ("2 tasks without labels left out",))
    assert "2 tasks without labels left out" in command.report("in", found)
