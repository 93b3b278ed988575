import csv
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import cv2
import polars as pl
import pytest
from PIL import Image

from doclayout import DocLayoutModel
from doclayout import harvest as module
from doclayout.errors import SchemaError, SourceNotFoundError, UsageError
from doclayout.harvest import harvest
from doclayout.journal import COLUMNS, NAME, Journal
from tests.conftest import IMGSZ, drawn_page


@pytest.fixture
def sheets(tmp_path):
    """Documents of one to three pages, two of one name."""
    folder = tmp_path / "sheets"
    (folder / "more").mkdir(parents=True)
    for name, count in (("a", 3), ("b", 1), ("c", 2), ("more/a", 1)):
        first, *rest = [Image.fromarray(drawn_page(ord(name[-1]) + k)) for k in range(count)]
        first.save(folder / f"{name}.tif", save_all=True, append_images=rest)
    return folder


@pytest.fixture(scope="module")
def model(onnx_weights):
    return DocLayoutModel(onnx_weights, threads=1)


def run(model, sheets, out, **options):
    """Harvest without judges, who know no random network's boxes."""
    return harvest(model, str(sheets), out, **{"imgsz": IMGSZ, "max_det": 8, "rescore": False, **options})


def rows(out):
    with (out / "index.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def contents(out):
    """All files but the journal, with what they hold."""
    return {
        path.relative_to(out).as_posix(): path.read_bytes()
        for path in sorted(out.rglob("*"))
        if path.is_file() and path.name != NAME
    }


def test_each_region_of_the_classes_gives_a_picture_and_a_row(model, sheets, tmp_path):
    out = tmp_path / "out"
    documents = list(model.predict_all(sheets, imgsz=IMGSZ, max_det=8, rescore=False))
    found = [(d.source, p.number, r) for d in documents for p in d.pages for r in p.regions]
    wanted = sorted({region.name for _, _, region in found})[:2]
    done = run(model, sheets, out, classes=wanted)
    index = rows(out)
    expected = [(source, str(page), r.id, r.name) for source, page, r in found if r.name in wanted]
    assert sorted((r["document"], r["page"], r["id"], r["class"]) for r in index) == sorted(expected)
    assert (done.total, done.counts.total(), done.failed) == (len(expected), len(expected), [])
    assert len({row["file"] for row in index}) == len(index)
    assert {path.relative_to(out).as_posix() for path in out.rglob("*.png")} == {row["file"] for row in index}
    for row in index:
        x0, y0, x1, y1 = (float(row[edge]) for edge in ("x0", "y0", "x1", "y1"))
        height, width = cv2.imread(str(out / row["file"])).shape[:2]
        assert x1 - x0 <= width < x1 - x0 + 2 and y1 - y0 <= height < y1 - y0 + 2
        assert row["unit"] == "px"


def test_parquet_is_the_same_as_csv(model, sheets, tmp_path):
    out = tmp_path / "out"
    run(model, sheets, out)
    table = pl.read_parquet(out / "index.parquet")
    assert table.columns == list(COLUMNS)
    assert table.schema["page"] == pl.Int64 and table.schema["x0"] == pl.Float64
    assert [{key: str(value) for key, value in row.items()} for row in table.to_dicts()] == rows(out)
    assert len(table) > 5


@pytest.mark.parametrize("pages", [0, 2, 5])
def test_a_stopped_run_goes_on_and_ends_the_same(model, sheets, tmp_path, pages):
    whole, out = tmp_path / "whole", tmp_path / "out"
    run(model, sheets, whole)
    seen = []

    def stop():
        seen.append(1)
        if len(seen) > pages:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(model, sheets, out, progress=stop)
    done = run(model, sheets, out)
    assert contents(out) == contents(whole)
    assert done.counts.total() <= done.total == len(rows(whole))


def test_a_full_disk_is_told_and_the_next_run_ends_the_same(model, sheets, tmp_path, monkeypatch):
    whole, out = tmp_path / "whole", tmp_path / "out"
    run(model, sheets, whole)
    write, left = module.write_atomic, iter(range(20))

    def fail(path, data):
        if next(left, None) is None:
            raise OSError("disk full")
        return write(path, data)

    monkeypatch.setattr(module, "write_atomic", fail)
    done = run(model, sheets, out)
    assert {(error.error, error.message) for _, error in done.failed} == {("OSError", "disk full")}
    assert 0 < len(list(out.rglob("*.png"))) < len(rows(whole))
    monkeypatch.undo()
    assert not run(model, sheets, out).failed
    assert contents(out) == contents(whole)


def test_a_full_disk_leaves_no_entry_without_its_picture(model, sheets, tmp_path, monkeypatch):
    out = tmp_path / "out"
    run(model, sheets, out)
    for sheet in sheets.rglob("*.tif"):
        os.utime(sheet, (1, 1))  # as if all had changed

    def fail(path, data):
        raise OSError("disk full")

    monkeypatch.setattr(module, "write_atomic", fail)
    done = run(model, sheets, out)
    assert done.failed and not done.total and not rows(out)


def test_file_names_that_are_no_text(model, sheets, tmp_path):
    (tmp_path / "in").mkdir()
    os.link(sheets / "b.tif", os.fsencode(tmp_path / "in") + b"/b\xff.tif")
    done = run(model, tmp_path / "in", tmp_path / "out")
    assert not done.failed and done.total == len(rows(tmp_path / "out")) > 0
    assert rows(tmp_path / "out")[0]["document"].endswith("b\\udcff.tif")
    assert not run(model, tmp_path / "in", tmp_path / "out").counts  # known again


def test_an_index_that_cannot_be_written_is_told_and_made_by_the_next_run(model, sheets, tmp_path, monkeypatch):
    whole, out = tmp_path / "whole", tmp_path / "out"
    run(model, sheets, whole)

    def fail(folder):
        raise OSError("disk full")

    monkeypatch.setattr("doclayout.journal._write_parquet", fail)
    ((place, error),) = run(model, sheets, out).failed
    assert place == str(out) and "index is not all written: disk full" in error.message
    monkeypatch.undo()
    done = run(model, sheets, out)
    assert not done.failed and not done.counts.total()
    assert contents(out) == contents(whole)


def test_a_folder_that_cannot_be_made(model, sheets, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="cannot be made or written"):
        run(model, sheets, tmp_path / "file" / "out")


def test_a_killed_run_goes_on_and_ends_the_same(model, onnx_weights, sheets, tmp_path):
    whole, out = tmp_path / "whole", tmp_path / "out"
    run(model, sheets, whole)
    settings = [f"imgsz={IMGSZ}", "max_det=8", "rescore=false", "threads=1"]
    words = [f"source={sheets}", f"out={out}", f"model={onnx_weights}", *settings]
    running = subprocess.Popen([sys.executable, "-m", "doclayout", "crops", *words])
    while running.poll() is None and not list(out.rglob("*.png")):
        time.sleep(0.002)
    running.send_signal(signal.SIGKILL)
    running.wait()
    run(model, sheets, out)
    assert contents(out) == contents(whole)


def test_a_second_run_does_nothing_but_changed_and_new_documents(model, sheets, tmp_path):
    out = tmp_path / "out"
    run(model, sheets, out)
    before = contents(out)
    assert run(model, sheets, out).counts.total() == 0
    assert contents(out) == before
    Image.fromarray(drawn_page(99)).save(sheets / "a.tif")
    Image.fromarray(drawn_page(98)).save(sheets / "0.png")
    assert run(model, sheets, out).counts.total() > 0
    fresh = tmp_path / "fresh"
    run(model, sheets, fresh)
    assert contents(out) == contents(fresh)


def test_broken_documents_are_named_and_tried_again(model, sheets, tmp_path):
    out = tmp_path / "out"
    whole = (sheets / "b.tif").read_bytes()
    (sheets / "b.tif").write_bytes(b"%PDF-1.4 cut short")
    for _ in range(2):
        done = run(model, sheets, out, pages="1,2")
        failed = [(os.path.basename(source), error.page, error.error) for source, error in done.failed]
        assert ("b.tif", None, "DamagedFileError") in failed
        assert ("a.tif", 2, "PageRangeError") in failed
        with (out / "errors.csv").open(newline="") as file:
            named = [(os.path.basename(r["document"]), r["page"], r["error"]) for r in csv.DictReader(file)]
        assert sorted(named) == sorted((name, str(page or ""), error) for name, page, error in failed)
        assert {os.path.basename(row["document"]) for row in rows(out)} == {"a.tif", "c.tif"}
    (sheets / "b.tif").write_bytes(whole)
    run(model, sheets, out, pages="1,2")
    assert {os.path.basename(row["document"]) for row in rows(out)} == {"a.tif", "b.tif", "c.tif"}


def test_a_page_that_cannot_be_drawn_is_named(model, sheets, tmp_path):
    (tmp_path / "plan.pdf").write_bytes(_pdf_of(14400, 14400))
    done = harvest(model, str(tmp_path / "plan.pdf"), tmp_path / "out", dpi=2400, imgsz=IMGSZ)
    assert [(error.page, error.error) for _, error in done.failed] == [(1, "PageSizeError")]


def _pdf_of(width, height):
    import io

    from reportlab.pdfgen.canvas import Canvas

    file = io.BytesIO()
    canvas = Canvas(file, (width, height))
    canvas.rect(width * 0.1, height * 0.1, width * 0.5, height * 0.3, fill=1)
    canvas.rect(width * 0.2, height * 0.6, width * 0.6, height * 0.02, fill=1)
    canvas.save()
    return file.getvalue()


class Reader:
    def __call__(self, picture):
        return f"{picture.shape[1]} wide"


def test_scans_are_read_into_the_index(model, sheets, tmp_path):
    out = tmp_path / "out"
    source = sheets / "b.tif"
    run(model, source, out, text=Reader())
    for row in rows(out):
        assert row["text"] == f"{cv2.imread(str(out / row['file'])).shape[1]} wide"
    assert len(rows(out)) > 0
    run(model, source, out, text=Reader())
    with pytest.raises(UsageError, match="text was 'Reader', is None"):
        run(model, source, out)
    with pytest.raises(UsageError, match="text was 'Reader', is 'repr'"):
        run(model, source, out, text=repr)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"dpi": 100}, "dpi was 200.0, is 100.0"),
        ({"conf": 0.5}, "conf was 0.25, is 0.5"),
        ({"pages": "1"}, "pages was None, is '1'"),
        ({"classes": ["table"]}, "classes was ["),
        ({"dpi": 5}, "dpi=5 must be a number from 10 to 2400"),
    ],
)
def test_other_settings_are_refused(model, sheets, tmp_path, options, message):
    run(model, sheets, tmp_path / "out")
    before = contents(tmp_path / "out")
    with pytest.raises(UsageError) as caught:
        run(model, sheets, tmp_path / "out", **options)
    assert message in str(caught.value)
    assert contents(tmp_path / "out") == before
    run(model, sheets, tmp_path / "out", batch=1)


def test_other_precision_is_refused(model, sheets, tmp_path, monkeypatch):
    run(model, sheets, tmp_path / "out")
    monkeypatch.setattr(model, "half", True)
    with pytest.raises(UsageError, match="half was False, is True"):
        run(model, sheets, tmp_path / "out")


def test_what_cannot_start_leaves_nothing(model, sheets, tmp_path):
    out = tmp_path / "out"
    with pytest.raises(SchemaError, match="'curve' is not in schema"):
        run(model, sheets, out, classes=["curve"])
    with pytest.raises(SchemaError, match="did you mean doclaynet11"):
        run(model, sheets, out, schema="doclaynet")
    with pytest.raises(SourceNotFoundError):
        run(model, sheets / "nowhere", out)
    with pytest.raises(UsageError, match="conf=auto needs weights that hold thresholds"):
        run(model, sheets, out, conf="auto")
    assert not out.exists()


def test_other_folders_are_left_alone(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(UsageError, match="is not empty, and no folder of crops"):
        Journal(tmp_path, {})
    with pytest.raises(UsageError, match="is not empty, and no folder of crops"):
        Journal(tmp_path / "notes.txt", {})
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_one_run_at_a_time(tmp_path):
    with Journal(tmp_path, {"dpi": 200}):
        with pytest.raises(UsageError, match="in use by another run, or damaged: database is locked"):
            Journal(tmp_path, {"dpi": 200})
    with Journal(tmp_path, {"dpi": 200}) as journal:
        assert not journal.holds(tmp_path / "x.pdf")
    (tmp_path / NAME).write_bytes(b"not a database" * 100)
    with pytest.raises(UsageError, match="damaged: file is not a database"):
        Journal(tmp_path, {"dpi": 200})


def test_names_of_folders_are_the_same_after_a_restart(tmp_path):
    for stop in (False, True):
        journal = Journal(tmp_path / str(stop), {})
        names = [journal.stem("a/x.pdf")]
        if stop:
            journal.holds(Path("a/x.pdf"))
            journal.add("a/x.pdf", [], [])
            journal.__exit__(None, None, None)
            journal = Journal(tmp_path / str(stop), {})
        names.append(journal.stem("b/x.coco.pdf"))
        journal.__exit__(None, None, None)
        assert names == ["x", "x.coco-2"]
