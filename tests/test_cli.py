import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image
from tqdm import tqdm

from doclayout import cli
from doclayout.cli import main
from doclayout.errors import UsageError, WeightsError
from doclayout.options import MODES, flag, literal, names, parse_options
from doclayout.region import PageError
from doclayout.runtime import OpenVinoDetector
from tests.conftest import drawn_page


@pytest.fixture
def pages(tmp_path):
    folder = tmp_path / "pages"
    folder.mkdir()
    for name in ("a", "c"):
        Image.fromarray(drawn_page(ord(name))).save(folder / f"{name}.png")
    return folder


def predict(pages, weights, out, *words):
    return main(["predict", f"source={pages}", f"model={weights}", f"save_dir={out}", "imgsz=160", "threads=1", *words])


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ([], "doclayout MODE key=value"),
        (["help"], "Find the parts of PDF pages and images."),
        (["--help"], "doclayout help MODE"),
        (["help", "predict"], "least score kept, 0 to 1; auto takes each class's own (default 0.25)"),
        (["help", "predict"], "snap boxes to the ink (default true)"),
        (["help", "predict"], "docling; with commas (default json)"),
        (["help", "crops"], "timing_diagram (default all)\n"),
        (["help", "val"], "required"),
        (["help", "train"], "Arguments of ultralytics"),
        (["version"], "0.1.0"),
    ],
)
def test_help(words, shown, capsys):
    assert main(words) == 0
    assert shown in capsys.readouterr().out


def test_what_cannot_be_written_is_told_in_a_line(monkeypatch, capsys):
    def full(options):
        raise OSError(28, "No space left on device")

    monkeypatch.setitem(cli._COMMANDS, "val", full)
    assert main(["val", "data=a"]) == 1
    assert capsys.readouterr().err == "doclayout: OSError: [Errno 28] No space left on device\n"


def test_complaints_stand_above_the_progress_bar(capsys):
    with tqdm(total=2, unit="page", file=sys.stderr) as bar:
        bar.update()
        cli._complain([("a.pdf", PageError(2, "DamagedFileError", "its end is missing"))])
    shown = re.split(r"[\r\n]", capsys.readouterr().err)
    assert "doclayout: a.pdf page 2: DamagedFileError: its end is missing" in shown


@pytest.mark.parametrize("mode", MODES)
def test_help_lists_every_key(mode, capsys):
    main(["help", mode])
    out = capsys.readouterr().out
    assert all(f"  {key} " in out for key in MODES[mode].options)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["predikt"], "unknown mode 'predikt'; did you mean predict?"),
        (["zzz"], "there are predict, crops"),
        (["help", "trian"], "did you mean train?"),
        (["predict"], "predict needs source="),
        (["val"], "val needs data="),
        (["predict", "source=a.pdf", "cnof=0.5"], "predict has no key 'cnof'; did you mean conf?"),
        (["predict", "sorce=a.pdf"], "did you mean source?"),
        (["predict", "source=a.pdf", "qqq=1"], "its keys are source, pages"),
        (["predict", "a.pdf"], "'a.pdf' is not key=value (see `doclayout help predict`)"),
        (["predict", "source=a", "source=b"], "source is given twice"),
        (["predict", "source=a", "conf=high"], "conf=high must be a number"),
        (["predict", "source=a", "imgsz=6.5"], "imgsz=6.5 must be a whole number or auto"),
        (["predict", "source=a", "batch=2.5"], "batch=2.5 must be a whole number"),
        (["crops", "source=a"], "crops needs out="),
        (["crops", "source=a", "out=b", "class=table"], "crops has no key 'class'; did you mean classes?"),
        (["crops", "source=a", "out=b", "dpi=fine"], "dpi=fine must be a number"),
        (["predict", "source=a", f"pages={'9' * 5000}"], "must be numbers from 1, such as 1-3,7,-1"),
        (["export", "calibrat={[1]: 2}"], "export format=onnx has no argument 'calibrat'"),
        (["export", f"calibrat={'-' * 5000}1"], "export format=onnx has no argument 'calibrat'"),
        (["predict", "source=a", "pages=1..3"], "pages=1..3 must be numbers from 1, such as 1-3,7,-1"),
        (["crops", "source=a", "out=b", "pages=0"], "pages=0 must be numbers from 1"),
        (["export", "format=onyx"], "format=onyx is unknown; there are"),
        (["synth", "out=a", "kind=collage"], "unknown kind 'collage'; known are"),
        (["synth"], "synth needs out="),
        (["synth", "preview=a.png", "workers=3"], "workers"),
        (["export", "half=perhaps"], "half=perhaps must be true or false"),
        (["export", "calibrat=a"], "export format=onnx has no argument 'calibrat'; did you mean calibrate?"),
        (["export", "epochs=3"], "export format=onnx has no argument 'epochs'"),
        (["export", "format=paddle", "half=True"], "format=paddle has no half=True"),
        (["export", "format=paddle", "opset=9"], "export format=paddle has no argument 'opset'"),  # half=False is none
        (["export", "calibrate=pages"], "int8=True and calibrate=PAGES"),
        (["export", "format=openvino", "quantize=8"], "export format=openvino has no argument 'quantize'"),
        (["export", "imgsz=[640,480]"], "imgsz=[640, 480] must be one whole number"),
        (["train", "data=a", "threads=2"], "train has no argument 'threads'"),
        (["export", "threads=2", "half=true"], "export format=onnx has no argument 'threads'"),
        (["predict", "source=a", "confidence=0.3"], "did you mean conf?"),
        (["predict", "source=a", "pages=3-1"], "pages=3-1 must be numbers from 1"),
        (["predict", "source="], "predict needs source="),
        (["predict", "source=a", "save_dir="], "save_dir= must be a path"),
        (["predict", "source=a", "refine=perhaps"], "refine=perhaps must be true or false"),
    ],
)
def test_wrong_commands_exit_2(words, message, capsys):
    assert main(words) == 2
    captured = capsys.readouterr()
    assert message in captured.err
    assert captured.out == ""


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("conf=1.5", "conf=1.5 must be a number from 0 to 1"),
        ("imgsz=8", "imgsz=8 must be a whole number from 32 to 4096"),
        ("format=json,pgn", "unknown format 'pgn'"),
        ("device=cuda", "runs on the CPU"),
        ("threads=0", "threads=0 must be at least 1"),
        ("schema=nonsense", "nonsense"),
    ],
)
def test_wrong_values_exit_2(pages, onnx_weights, tmp_path, word, message, capsys):
    words = ["predict", f"source={pages}", f"model={onnx_weights}", f"save_dir={tmp_path / 'out'}", word]
    assert main(words) == 2
    assert message in capsys.readouterr().err


@pytest.mark.parametrize(
    ("key", "did_you_mean"), [("epoch", "did you mean epochs"), ("imgs", "did you mean imgsz"), ("qqqq", "no argument")]
)
def test_train_names_the_nearest_argument(checkpoint, tmp_path, key, did_you_mean, capsys):
    assert main(["train", f"data={tmp_path}", f"model={checkpoint}", f"{key}=1"]) == 2
    assert did_you_mean in capsys.readouterr().err


def test_predict_writes_a_json_per_document(pages, onnx_weights, tmp_path, capsys):
    out = tmp_path / "out"
    assert predict(pages, onnx_weights, out, "format=json,png,coco") == 0
    assert sorted(path.name for path in out.iterdir()) == [
        "a-p1.png", "a.coco.json", "a.json", "c-p1.png", "c.coco.json", "c.json",
    ]  # fmt: skip
    result = json.loads((out / "a.json").read_text())
    assert (result["format"], result["source"], result["schema"]) == (
        "doclayout/1",
        str(pages / "a.png"),
        "datasheet21",
    )
    (page,) = result["pages"]
    assert (page["page"], page["width"], page["height"], page["unit"]) == (1, 192.0, 256.0, "px")
    assert [region["order"] for region in page["regions"]] == list(range(len(page["regions"])))
    assert set(page["regions"][0]) == {"id", "class", "class_id", "score", "bbox", "order", "caption_of"}
    captured = capsys.readouterr()
    total = sum(len(json.loads((out / f"{name}.json").read_text())["pages"][0]["regions"]) for name in "ac")
    assert f"{total}  regions in all, written to {out}" in captured.out
    assert captured.err == "", "no progress bar without a terminal"


def test_predict_writes_what_docling_makes(pages, onnx_weights, tmp_path):
    out = tmp_path / "out"
    assert predict(pages / "a.png", onnx_weights, out, "format=md,html,docling") == 0
    assert sorted(path.name for path in out.iterdir()) == ["a.docling.json", "a.html", "a.json", "a.md"]
    assert json.loads((out / "a.docling.json").read_text())["schema_name"] == "DoclingDocument"


def test_results_are_no_documents_of_the_next_run(pages, onnx_weights):
    for _ in range(2):
        assert predict(pages, onnx_weights, pages / "out", "format=png") == 0
    assert sorted(path.name for path in (pages / "out").iterdir()) == ["a-p1.png", "a.json", "c-p1.png", "c.json"]


def test_a_document_that_cannot_be_written_is_named_and_the_rest_goes_on(pages, onnx_weights, tmp_path, capsys):
    out = tmp_path / "out"
    (out / "a.json").mkdir(parents=True)
    assert predict(pages, onnx_weights, out) == 1
    assert f"{pages / 'a.png'}: IsADirectoryError: its results are not all written" in capsys.readouterr().err
    assert (out / "c.json").is_file()


def test_crops_are_written_with_an_index(pages, onnx_weights, tmp_path, capsys):
    (pages / "b.pdf").write_bytes(b"%PDF-1.4 cut short")
    out = tmp_path / "out"
    settings = ["imgsz=160", "max_det=5", "threads=1", "rescore=false"]  # judges know no random network's boxes
    words = ["crops", f"source={pages}", f"out={out}", f"model={onnx_weights}", *settings]
    assert main(words) == 1
    captured = capsys.readouterr()
    assert f"{pages / 'b.pdf'}: DamagedFileError" in captured.err
    count = len((out / "index.csv").read_text().splitlines()) - 1
    assert count == len(list(out.rglob("*.png"))) > 5
    assert f"{count:>8}  regions in all, written to {out}\n{count:>8}  in its index" in captured.out
    assert main([*words, "dpi=100"]) == 2
    assert "dpi was 200.0, is 100.0" in capsys.readouterr().err
    (pages / "b.pdf").unlink()
    assert main(words) == 0
    assert "     0  regions in all" in capsys.readouterr().out


def test_a_batch_with_broken_files_goes_on_and_exits_1(pages, onnx_weights, tmp_path, capsys):
    (pages / "b.pdf").write_bytes(b"%PDF-1.4 cut short")
    (pages / "d.png").touch()
    out = tmp_path / "out"
    assert predict(pages, onnx_weights, out) == 1
    assert sorted(path.name for path in out.iterdir()) == ["a.json", "b.json", "c.json", "d.json"]
    broken = json.loads((out / "b.json").read_text())
    assert broken["pages"] == []
    assert [(error["page"], error["error"]) for error in broken["errors"]] == [(None, "DamagedFileError")]
    assert len(json.loads((out / "c.json").read_text())["pages"]) == 1
    err = capsys.readouterr().err
    assert f"{pages / 'b.pdf'}: DamagedFileError" in err
    assert f"{pages / 'd.png'}: EmptyFileError" in err
    assert "a.png" not in err


def test_pages_out_of_range_are_named(pages, onnx_weights, tmp_path, capsys):
    assert predict(pages / "a.png", onnx_weights, tmp_path / "out", "pages=1,3") == 1
    assert f"{pages / 'a.png'} page 3: PageRangeError" in capsys.readouterr().err
    result = json.loads((tmp_path / "out" / "a.json").read_text())
    assert [page["page"] for page in result["pages"]] == [1]
    assert [error["page"] for error in result["errors"]] == [3]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["predict", "source=nowhere.pdf"], "SourceNotFoundError: nowhere.pdf does not exist"),
        (["predict", "source=.", "model=nowhere.onnx"], "WeightsError: no weights nowhere.onnx"),
        (["val", "data=nowhere.yaml"], "DatasetError"),
    ],
)
def test_what_cannot_be_done_exits_1(words, message, onnx_weights, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    Image.fromarray(drawn_page(0)).save("a.png")
    if not any(word.startswith("model=") for word in words):
        words = [*words, f"model={onnx_weights}"]
    assert main(words) == 1
    assert message in capsys.readouterr().err


def test_export_prints_the_path(checkpoint, tmp_path, capsys):
    assert main(["export", f"model={checkpoint}", f"save_dir={tmp_path}", "name=out", "simplify=False"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == str(tmp_path / "out.onnx")


def test_bench_prints_a_table(pages, onnx_weights, capsys):
    assert main(["bench", f"source={pages}", f"model={onnx_weights}", "imgsz=160", "threads=1"]) == 0
    out = capsys.readouterr().out
    assert "2 pages, lively-n, imgsz 160" in out
    assert "pages per second" in out


def test_help_of_a_mode_may_follow_it(capsys):
    for word in ("-h", "--help", "help"):
        assert main(["predict", word]) == 0
        assert "save_dir" in capsys.readouterr().out


@pytest.mark.parametrize("blocker", ["file", "closed"])
def test_a_folder_that_cannot_be_written_to_is_told_first(pages, onnx_weights, tmp_path, capsys, blocker, monkeypatch):
    if blocker == "file":
        (tmp_path / "out").write_text("")
    else:
        monkeypatch.setattr("tempfile.TemporaryFile", lambda dir: (_ for _ in ()).throw(PermissionError(13, "denied")))
    monkeypatch.setattr("doclayout.model.load_detector", lambda *options: pytest.fail("nothing may be read"))
    assert predict(pages, onnx_weights, tmp_path / "out") == 2
    captured = capsys.readouterr()
    assert "is no folder that results can be written to" in captured.err
    assert captured.out == ""


def test_pictures_do_not_go_where_they_would_be_documents(pages, onnx_weights, capsys):
    assert predict(pages, onnx_weights, pages, "format=png") == 2
    assert "is the source" in capsys.readouterr().err
    assert sorted(path.name for path in pages.iterdir()) == ["a.png", "c.png"]
    assert predict(pages, onnx_weights, pages) == 0
    assert predict(pages, onnx_weights, pages / "results", "format=png,crops") == 0


@pytest.mark.parametrize("source", ["~/pages", "~/pages/*.png", "{pages}/*", "{pages}/../pages/*.PNG"])
def test_pictures_do_not_replace_documents(pages, onnx_weights, monkeypatch, capsys, source):
    monkeypatch.setenv("HOME", str(pages.parent))
    shutil.copyfile(pages / "a.png", pages / "a-p1.png")
    (pages / "c.png").rename(pages / "c.PNG")
    before = {path.name: path.read_bytes() for path in pages.iterdir()}
    source = source.format(pages=pages)
    assert predict(source, onnx_weights, pages, "format=png") == 2
    assert "is the source" in capsys.readouterr().err
    assert {path.name: path.read_bytes() for path in pages.iterdir()} == before
    assert predict(source, onnx_weights, pages) == 0


def test_crops_do_not_replace_documents(pages, onnx_weights, tmp_path, capsys):
    (pages / "a-crops").mkdir()
    (pages / "c.png").rename(pages / "a-crops" / "p1r0-heading.png")
    assert predict(f"{pages}/**/*.png", onnx_weights, pages, "format=crops") == 2
    assert "is the source" in capsys.readouterr().err
    assert (pages / "a-crops" / "p1r0-heading.png").is_file()
    assert predict(f"{pages}/*.png", onnx_weights, pages, "format=crops", "max_det=5") == 0


@pytest.mark.parametrize("source", ["a.png", "b.pdf", "*.pdf"])
def test_pictures_may_lie_beside_what_they_do_not_replace(pages, onnx_weights, monkeypatch, source):
    monkeypatch.chdir(pages)
    Image.fromarray(drawn_page(2)).save("b.pdf")
    assert predict(source, onnx_weights, ".", "format=png,crops", "max_det=5") == 0
    assert Path("b-p1.png" if "pdf" in source else "a-p1.png").is_file()


def test_a_terminal_sees_how_many_pages_there_are(pages, monkeypatch):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    (pages / "b.pdf").write_bytes(b"%PDF-1.4 nothing")
    frames = [Image.fromarray(drawn_page(i)) for i in range(3)]
    frames[0].save(pages / "d.tif", save_all=True, append_images=frames[1:])
    paths = sorted(pages.iterdir())
    for selection, total in ((None, 6), ("1", 4), ("2-", 5)):
        with cli._bar(lambda: paths, {"pages": selection}) as bar:
            assert bar.total == total
    monkeypatch.setattr(sys.stderr, "isatty", lambda: False, raising=False)
    assert cli._bar(lambda: pytest.fail("nobody watches"), {"pages": None}).total is None


def test_bench_runs_every_look(pages, onnx_weights, monkeypatch):
    """Once to warm up, once by itself, and twice in predictions."""
    seen = []

    class Counting(OpenVinoDetector):
        def __call__(self, images):
            seen.append(images.shape[1])
            return super().__call__(images)

    monkeypatch.setattr("doclayout.runtime.OpenVinoDetector", Counting)
    words = [f"source={pages / 'a.png'}", f"model={onnx_weights}", "imgsz=320", "threads=1", "augment=true"]
    assert main(["bench", *words]) == 0
    assert sorted(seen) == [288] * 4 + [320] * 4 + [352] * 4


def test_bench_goes_on_after_what_cannot_be_read(pages, onnx_weights, tmp_path, capsys):
    (tmp_path / "mixed").mkdir()
    shutil.copyfile(pages / "a.png", tmp_path / "mixed" / "b.png")
    (tmp_path / "mixed" / "a.pdf").write_bytes(b"%PDF-1.4 nothing")
    assert main(["bench", f"source={tmp_path / 'mixed'}", f"model={onnx_weights}", "imgsz=160", "threads=1"]) == 1
    captured = capsys.readouterr()
    assert "1 pages, lively-n" in captured.out
    assert "a.pdf: DamagedFileError" in captured.err


def test_as_a_program(pages, onnx_weights, tmp_path):
    command = [sys.executable, "-m", "doclayout", "predict", f"source={pages / 'a.png'}", f"model={onnx_weights}"]
    run = subprocess.run(
        [*command, f"save_dir={tmp_path / 'out'}", "imgsz=160"], capture_output=True, text=True, check=False
    )
    assert (run.returncode, run.stderr) == (0, "")
    assert (tmp_path / "out" / "a.json").exists()
    run = subprocess.run([sys.executable, "-m", "doclayout", "predict"], capture_output=True, text=True, check=False)
    assert run.returncode == 2


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (flag, "true", True), (flag, "Yes", True), (flag, "0", False), (flag, "off", False),
        (names, "json, png,", ("json", "png")), (names, "", ()),
        (literal, "0.5", 0.5), (literal, "true", True), (literal, "None", None), (literal, "[1, 2]", [1, 2]),
        (literal, "runs/train", "runs/train"), (literal, "~/a.pt", f"{Path.home()}/a.pt"), (literal, "1e-3", 0.001),
    ],
)  # fmt: skip
def test_values(kind, text, value):
    assert kind(text) == value


def test_paths_may_begin_at_home(monkeypatch):
    monkeypatch.setenv("HOME", "/home/me")
    for mode in MODES.values():
        for key, option in mode.options.items():
            if key in {"model", "out", "save_dir", "data", "teacher", "pool", "preview", "images"}:
                assert option.kind("~/x") == "/home/me/x", (mode.name, key)
                assert option.kind("~no such user/x") == "~no such user/x"


def test_values_may_hold_equals_signs():
    assert parse_options(MODES["predict"], ["source=a=b.pdf"])["source"] == "a=b.pdf"


def test_defaults_are_filled_in():
    options = parse_options(MODES["train"], ["data=a", "project=2024", "name=07", "save_dir=~/x", "epochs=3"])
    assert [options[key] for key in ("project", "name", "save_dir", "epochs")] == ["2024", "07", f"{Path.home()}/x", 3]
    options = parse_options(MODES["predict"], ["source=a.pdf"])
    assert (options["imgsz"], options["conf"], options["refine"], options["format"]) == (640, 0.25, True, ("json",))
    with pytest.raises(UsageError):
        parse_options(MODES["bench"], [])


@pytest.mark.parametrize(("words", "half"), [((), False), (("half=true",), True)])
def test_half_reaches_the_network(pages, tmp_path, monkeypatch, words, half):
    asked = []

    def load(*arguments):
        asked.append(arguments[3])
        raise WeightsError("enough")

    monkeypatch.setattr("doclayout.model.load_detector", load)
    assert main(["predict", f"source={pages}", f"save_dir={tmp_path / 'out'}", *words]) != 0
    assert asked == [half]
