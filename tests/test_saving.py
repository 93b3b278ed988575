import io
import json
import os

import cv2
import numpy as np
import pytest
from PIL import Image
from reportlab.pdfgen.canvas import Canvas

from doclayout.document import open_document
from doclayout.errors import UsageError
from doclayout.layout import Document, Page, Region
from doclayout.saving import stem_of, unique_stem, write_atomic
from doclayout.schema import Schema, load_schema


def white(long_side):
    return np.full((long_side, long_side // 2, 3), 255, np.uint8)


def make(source="in/x.pdf"):
    pages = [Page(n, 100, 200, "pt", [Region(f"p{n}r0", "list", 3, 0.5, (10, 20, 60, 45), 0)], white) for n in (1, 4)]
    return Document(source, "m", load_schema(), pages)


def test_save_writes_every_format(tmp_path):
    paths = make().save(tmp_path / "new", ("png", "crops", "json", "coco"))
    assert [path.relative_to(tmp_path / "new").as_posix() for path in paths] == [
        "x.json",
        "x.coco.json",
        "x-p1.png",
        "x-p4.png",
        "x-crops/p1r0-list.png",
        "x-crops/p4r0-list.png",
    ]
    assert json.loads(paths[0].read_text()) == make().json()
    assert json.loads(paths[1].read_text()) == make().coco()
    overlay = cv2.imread(str(paths[2]))
    assert np.array_equal(overlay[..., ::-1], make().pages[0].plot())
    assert cv2.imread(str(paths[4])).shape == (71, 140, 3)  # 25 x 50 points at 200 dpi, outwards to whole pixels
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == [
        "x-crops",
        "x-p1.png",
        "x-p4.png",
        "x.coco.json",
        "x.json",
    ]


def test_save_defaults_and_stem(tmp_path):
    assert [path.name for path in make().save(tmp_path, stem="y")] == ["y.json", "y-p1.png", "y-p4.png"]


@pytest.mark.parametrize(
    ("formats", "stem", "message"),
    [
        (("json", "jpg"), None, "unknown format 'jpg'; give some of json, full, coco, png, crops, docling, md, html"),
        ("json", None, "unknown format"),
        (("json",), "a/b", "stem 'a/b' is not a file name"),
        (("json",), "..", "stem '..' is not a file name"),
        (("json",), "", "stem '' is not a file name"),
    ],
)
def test_save_refuses(tmp_path, formats, stem, message):
    with pytest.raises(UsageError) as caught:
        make().save(tmp_path, formats, stem)
    assert message in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_a_failed_write_leaves_the_old_file(tmp_path, monkeypatch):
    path = write_atomic(tmp_path / "deep" / "a.txt", b"old")

    def fail(*_):
        raise OSError("disk full")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError, match="disk full"):
        write_atomic(path, b"new")
    assert path.read_bytes() == b"old"
    assert [entry.name for entry in path.parent.iterdir()] == ["a.txt"]


@pytest.mark.parametrize(
    ("source", "stem"),
    [
        ("in/lm317.pdf", "lm317"),
        ("in/lm317.rev2.pdf", "lm317.rev2"),
        ("<bytes>", "bytes"),
        ("<PIL image>", "PIL image"),
        ('a:b"c?.pdf', "a_b_c_"),
        ("", "document"),
        ("x" * 250 + ".pdf", "x" * 200),
        ("a/..pdf", "document"),
        ("...pdf", "document"),
        (".a.pdf", ".a"),
        ("電" * 80 + ".pdf", "電" * 66),
    ],
)
def test_stem_of(source, stem):
    assert stem_of(source) == stem


def test_unique_stems_in_order():
    taken: set[str] = set()
    sources = ["a/x.pdf", "b/x.pdf", "x-2.png", "X.pdf", "y.pdf", "y.coco.pdf", "y.docling.pdf"]
    assert [unique_stem(s, taken) for s in sources] == ["x", "x-2", "x-2-2", "X-3", "y", "y.coco-2", "y.docling-2"]


def test_many_sources_of_one_name():
    taken: set[str] = set()
    assert [unique_stem(f"{k}/a.pdf", taken) for k in range(1, 40)] == ["a", *(f"a-{k}" for k in range(2, 40))]
    taken.remove("a-7")
    assert unique_stem("b/a.pdf", taken) == "a-40"
    assert unique_stem("c/a.pdf", taken) == "a-41"


@pytest.mark.parametrize("name", ["I/O diagram", "../../../evil"])
def test_names_of_classes_are_names_of_files(tmp_path, name):
    region = Region("p1r0", name, 0, 0.5, (10, 20, 60, 45), 0)
    schema = Schema("own", (name,), ((0, 0, 0),), (True,))
    page = Page(1, 100, 200, "pt", [region], white, schema)
    (path,) = Document("x.pdf", "m", schema, [page]).save(tmp_path / "a", ("crops",))
    assert path.parent == tmp_path / "a" / "x-crops" and path.is_file()


def test_crops_of_an_earlier_run_are_not_left(tmp_path):
    make().save(tmp_path, ("crops",))
    (tmp_path / "x-crops" / "own.png").write_bytes(b"x")
    later = make()
    object.__setattr__(later, "pages", later.pages[1:])
    later.save(tmp_path, ("crops",))
    assert sorted(path.name for path in (tmp_path / "x-crops").iterdir()) == ["own.png", "p4r0-list.png"]


def test_crops_of_the_largest_page(tmp_path):
    """A page of 14,400 points a side has 1.6 gigapixels at the resolution of other crops."""
    stream = io.BytesIO()
    canvas = Canvas(stream, pagesize=(14400, 14400))
    canvas.rect(7000, 7000, 400, 400, fill=1)
    canvas.save()
    with open_document(stream.getvalue()) as source:
        page = source.load(1)
    region = Region("p1r0", "figure", 20, 0.9, (7000.0, 7000.0, 7400.0, 7400.0), 0)
    sheet = Page(1, 14400.0, 14400.0, "pt", [region], render=page.render)
    (path,) = Document("x.pdf", "m", load_schema(), [sheet], []).save(tmp_path, ["crops"])
    with Image.open(path) as picture:
        assert picture.size[0] == pytest.approx(400 * 16384 / 14400, abs=3)
