import json
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from PIL import Image

import doclayout
from doclayout.cli import main
from doclayout.convert.prelabel import prelabel
from doclayout.errors import NoPagesError, UsageError
from doclayout.layout import Document, Page, PageError, Region
from doclayout.schema import load_schema
from tests.conftest import drawn_page
from tests.convert.conftest import read

OURS = load_schema()
SAMPLE = Path(doclayout.__file__).parent / "sample" / "sample.pdf"


@dataclass
class Finder:
    """Stands for a model: finds the same two regions on every page, or what it is told on one."""

    empty: set[str] = field(default_factory=set)

    def predict_all(self, source, progress=None, schema=None):
        regions = [
            Region("p1r0", "table", OURS.id_of("table"), 0.75, (19.2, 25.6, 96, 128), 0),
            Region("p1r1", "text", OURS.id_of("text"), 0.5, (0, 200, 192, 256), 1),
        ]
        for path in sorted(source.rglob("*.png")):
            found = () if path.name in self.empty else regions
            yield Document(str(path), "finder", OURS, [Page(1, 192, 256, "px", found)])
        yield Document(str(source / "b.pdf"), "finder", OURS, (), [PageError(None, "DamagedFileError", "b.pdf is cut")])


@pytest.fixture
def pages(tmp_path):
    folder = tmp_path / "pages"
    for k, name in enumerate(("a.png", "sub/a.png")):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(drawn_page(k)).save(folder / name)
    return folder


class Unasked:
    """Stands for a model of which nothing is to be predicted."""

    def predict_all(self, source, progress=None):
        yield pytest.fail("it predicts")


@pytest.mark.parametrize("size", [0, 16385])
def test_a_size_out_of_range_is_told_before_anything_is_predicted(size, tmp_path):
    with pytest.raises(UsageError, match=f"size={size} must be from 16"):
        prelabel(None, "nowhere", tmp_path / "tasks.json", size=size)


def test_a_password_is_refused_before_anything_is_predicted(tmp_path):
    with pytest.raises(UsageError, match="decrypt them first"):
        prelabel(None, "nowhere", tmp_path / "tasks.json", password="x")


def test_tasks_pages_and_interface(pages, tmp_path):
    found, failed = prelabel(Finder(), pages, tmp_path / "labels" / "first.json")
    assert sorted(p.name for p in (tmp_path / "labels").iterdir()) == ["first.json", "images", "labelling.xml"]
    assert [error.message for _, error in failed] == ["b.pdf is cut"]
    assert (found.counts()["table"], found.counts()["text"], found.counts().total()) == (2, 2, 4)
    tasks = json.loads((tmp_path / "labels" / "first.json").read_text())
    assert [task["data"]["image"] for task in tasks] == [
        f"/data/local-files/?d=images/{name}" for name in ("a.png", "a-2.png")
    ]
    for task, source in zip(tasks, ("a.png", "sub/a.png"), strict=True):
        assert set(task) == {"data", "predictions"}
        assert (tmp_path / "labels" / "images" / task["data"]["name"]).read_bytes() == (pages / source).read_bytes()
        (prediction,) = task["predictions"]
        assert prediction["score"] == 0.625
        first, second = prediction["result"]
        place = {"x": 10.0, "y": 10.0, "width": 40.0, "height": 40.0, "rotation": 0, "rectanglelabels": ["table"]}
        assert first["value"] == place
        assert (first["original_width"], first["original_height"], first["score"]) == (192, 256, 0.75)
        assert (first["from_name"], first["to_name"], first["type"]) == ("label", "image", "rectanglelabels")
        assert second["value"]["rectanglelabels"] == ["text"]


def test_the_interface_has_our_classes_and_colours(pages, tmp_path):
    from defusedxml.ElementTree import parse

    prelabel(Finder(), pages, tmp_path / "labels" / "tasks.json")
    view = parse(tmp_path / "labels" / "labelling.xml").getroot()
    labels = [(label.get("value"), label.get("background")) for label in view.iter("Label")]
    assert labels == [(n, "#{:02x}{:02x}{:02x}".format(*c)) for n, c in zip(OURS.names, OURS.colors, strict=True)]
    image, box = view.find("Image"), view.find("RectangleLabels")
    assert (image.get("name"), image.get("value"), box.get("toName"), box.get("name")) == (
        "image", "$image", "image", "label",
    )  # fmt: skip


def test_pages_without_regions_are_tasks_too(pages, tmp_path):
    prelabel(Finder({"a.png"}), pages, tmp_path / "labels" / "tasks.json")
    tasks = json.loads((tmp_path / "labels" / "tasks.json").read_text())
    assert [task["predictions"][0]["result"] for task in tasks] == [[], []]
    assert not any("annotations" in task for task in tasks), "nobody has looked at them"


def test_what_was_submitted_is_read_back(pages, tmp_path):
    prelabel(Finder(), pages, tmp_path / "labels" / "tasks.json")
    path = tmp_path / "labels" / "tasks.json"
    tasks = json.loads(path.read_text())
    old, new = tasks[0]["predictions"][0]["result"][:1], tasks[0]["predictions"][0]["result"][1:]
    tasks[0]["annotations"] = [
        {"result": new, "updated_at": "2026-02-01T00:00:00Z"},
        {"result": old, "updated_at": "2026-01-01T00:00:00Z"},
        {"result": old, "updated_at": "2026-03-01T00:00:00Z", "was_cancelled": True},
    ]
    tasks[1]["annotations"] = [{"result": []}]
    tasks[1]["data"]["image"] = "/data/upload/3/0a1b2c3d-a-2.png"  # as where pages were uploaded
    path.write_text(json.dumps(tasks))
    found = read("labelstudio", path)
    assert found.names == OURS.names
    assert [(page.name, page.width, page.height) for page in found.pages] == [
        ("a.png", 192, 256),
        ("a-2.png", 192, 256),
    ]
    (label,) = found.pages[0].labels
    assert (label.name, label.score) == ("text", None)
    assert label.bbox == pytest.approx((0, 200, 192, 256), abs=1e-5)
    assert found.pages[1].labels == ()


def test_from_the_command_line(pages, onnx_weights, tmp_path, capsys):
    (pages / "b.pdf").write_bytes(b"%PDF-1.4 cut short")
    words = [f"source={pages}", f"out={tmp_path / 'labels' / 'tasks.json'}", f"model={onnx_weights}", "imgsz=160"]
    assert main(["prelabel", *words, "threads=1", "schema=publaynet5"]) == 1
    captured = capsys.readouterr()
    assert f"{pages / 'b.pdf'}: DamagedFileError" in captured.err
    assert "boxes in all, on 2 pages" in captured.out
    assert len(json.loads((tmp_path / "labels" / "tasks.json").read_text())) == 2
    assert main(["prelabel", *words]) == 2
    assert "is there already; give another folder" in capsys.readouterr().err


def test_other_files_are_left_alone(pages, tmp_path):
    with pytest.raises(UsageError, match="must be a JSON file"):
        prelabel(Finder(), pages, tmp_path / "labels")
    (tmp_path / "labels" / "images").mkdir(parents=True)
    with pytest.raises(UsageError, match="images is there already"):
        prelabel(Finder(), pages, tmp_path / "labels" / "tasks.json")


def test_a_place_that_cannot_be_written_is_told_before_anything_is_predicted(pages, tmp_path):
    with pytest.raises(UsageError, match=r"a\.png cannot be written"):
        prelabel(Unasked(), pages, pages / "a.png" / "tasks.json")


@pytest.mark.parametrize("name", ["a\x7f.png", "a\udcff.png", "a.p\udcff", "a.p\x7f"], ids=ascii)
def test_names_that_label_files_cannot_hold_are_cleaned(name, pages, tmp_path):
    class Odd:
        def predict_all(self, source, progress=None):
            for path in (pages / "a_.png", pages / name):
                yield Document(str(path), "finder", OURS, [Page(1, 192, 256, "px", ())])

    (pages / "a.png").rename(pages / name)
    (pages / "sub" / "a.png").rename(pages / "a_.png")
    _, failed = prelabel(Odd(), pages, tmp_path / "labels" / "tasks.json")
    tasks = json.loads((tmp_path / "labels" / "tasks.json").read_text())
    assert not failed
    assert {task["data"]["name"] for task in tasks} in ({"a_.png", "a_-2.png"}, {"a_.png", "a.png"})
    assert all((tmp_path / "labels" / "images" / task["data"]["name"]).is_file() for task in tasks)


def test_a_pdf_by_the_name_of_an_image_is_drawn(pages, tmp_path):
    (pages / "b.png").write_bytes(SAMPLE.read_bytes())
    _, failed = prelabel(Finder(), pages, tmp_path / "out" / "tasks.json")
    assert [name for name, _ in failed] == [str(pages / "b.pdf")]
    (written,) = (tmp_path / "out").rglob("b.png")
    assert written.read_bytes().startswith(b"\x89PNG")


def test_no_pages_at_all(pages, tmp_path):
    for path in pages.rglob("*.png"):
        path.unlink()
    with pytest.raises(NoPagesError, match=r"none of its pages could be read: b\.pdf is cut"):
        prelabel(Finder(), pages, tmp_path / "labels" / "tasks.json")
    assert not (tmp_path / "labels").exists()
