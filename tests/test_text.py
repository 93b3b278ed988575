import gc
import io
import json
from weakref import ref

import numpy as np
import pypdfium2
import pytest
from reportlab.pdfgen.canvas import Canvas

from doclayout import DocLayoutModel, Document
from doclayout._pdf import PdfSourcePage
from doclayout.document import open_document
from doclayout.errors import InputError, UsageError
from doclayout.layout import Page
from doclayout.schema import load_schema
from doclayout.text import PageText

S = load_schema()
TEXT, TABLE, LIST = (S.id_of(name) for name in ("text", "table", "list"))


def pdf(draw, rotate=0, crop=None, size=(300, 400)):
    """One page, drawn on by ReportLab (origin bottom left), then turned and cut."""
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=size)
    canvas.setFont("Helvetica", 10)
    draw(canvas)
    canvas.showPage()
    canvas.save()
    document, turned = pypdfium2.PdfDocument(buffer.getvalue()), io.BytesIO()
    document[0].set_rotation(rotate)
    if crop:
        document[0].set_cropbox(*crop)
    document.save(turned)
    document.close()
    return turned.getvalue()


def paragraph(canvas):
    for y, line in ((200, "Exposure may cause perma-"), (188, "nent damage to low-"), (176, "power parts.")):
        canvas.drawString(100, y, line)
    canvas.drawString(100, 300, "Another column")


def reader(source, read_picture=None):
    with open_document(source) as document:
        page = document.load(1)
        page.close()
        return PageText(page, S, read_picture)


EXPECTED = "Exposure may cause permanent damage to low-power parts."


# the paragraph's box in each frame: left, top, right, bottom as displayed
@pytest.mark.parametrize(
    ("rotate", "crop", "box"),
    [
        (0, None, (95, 188, 230, 230)),
        (90, None, (170, 95, 212, 230)),
        (180, None, (70, 170, 205, 212)),
        (270, None, (188, 70, 230, 205)),
        (0, (50, 100, 300, 350), (45, 138, 180, 180)),
        (90, (50, 100, 300, 350), (70, 45, 112, 180)),
        (270, (50, 100, 300, 350), (138, 70, 180, 205)),
    ],
)
def test_text_is_where_the_page_shows_it(rotate, crop, box):
    assert reader(pdf(paragraph, rotate, crop))(box, TEXT) == EXPECTED


@pytest.mark.parametrize("angle", [0, 90, 180, 270])
def test_turned_text_is_read_in_its_own_direction(angle):
    def draw(canvas):
        canvas.translate(150, 200)
        canvas.rotate(angle)
        canvas.drawString(-60, 5, "up the side of")
        canvas.drawString(-60, -7, "the page")

    assert reader(pdf(draw))((0, 0, 300, 400), TEXT) == "up the side of the page"


def test_the_class_decides_how_lines_are_joined():
    def draw(canvas):
        for y, cells in ((200, ("VIN", "Input", "5 V")), (185, ("VOUT", "Output", "3 V"))):
            for x, cell in zip((50, 120, 200), cells, strict=True):
                canvas.drawString(x, y, cell)
        canvas.drawString(50, 120, "- low noise and")
        canvas.drawString(58, 108, "low drift")
        canvas.drawString(50, 96, "- small")

    read = reader(pdf(draw))
    assert read((40, 180, 260, 230), TABLE) == "VIN\tInput\t5 V\nVOUT\tOutput\t3 V"
    assert read((40, 180, 260, 230), TEXT) == "VIN Input 5 V VOUT Output 3 V"
    assert read((40, 260, 260, 320), LIST) == "- low noise and low drift\n- small"
    assert read((0, 0, 30, 30), TEXT) == ""


def test_text_drawn_invisibly_is_text():
    def draw(canvas):
        text = canvas.beginText(50, 200)
        text.setTextRenderMode(3)
        text.textOut("behind a scan")
        canvas.drawText(text)

    assert reader(pdf(draw))((0, 0, 300, 400), TEXT) == "behind a scan"


def test_pictures_are_read_where_there_is_no_text_layer():
    seen = []

    def read_picture(picture):
        seen.append(picture)
        return "semi-\nconductor"

    page = np.zeros((400, 300, 3), np.uint8)
    page[100:120, 50:90] = (10, 200, 30)
    read = reader(page, read_picture)
    assert read((50, 100, 90, 120), TEXT) == "semiconductor"
    assert read((50, 100, 90, 120), TEXT) == "semiconductor"
    assert [picture.shape for picture in seen] == [(20, 40, 3)]
    assert (seen[0] == (10, 200, 30)).all()
    assert seen[0].flags.c_contiguous

    read = reader(pdf(lambda canvas: canvas.rect(50, 100, 72, 36, fill=1)), read_picture)
    assert read((50, 264, 122, 300), TABLE) == "semi-\nconductor"
    assert np.allclose(seen[1].shape, (100, 200, 3), atol=2)


def test_the_text_layer_goes_before_pictures():
    assert reader(pdf(paragraph), lambda _: "picture")((95, 188, 230, 230), TEXT) == EXPECTED


@pytest.mark.parametrize(("rotate", "crop"), [(0, None), (90, None), (180, None), (270, (50, 100, 300, 350))])
def test_openings_are_what_the_text_begins_with(rotate, crop):
    read = reader(pdf(paragraph, rotate, crop))
    lines = read.page.words()
    whole = (lines[:, 0].min(), lines[:, 1].min(), lines[:, 2].max(), lines[:, 3].max())
    word = next(word for word in read.page.written() if word.text == "Another")
    assert read.openings([word.box, whole, (0, 0, 1, 1)])[0] == "Another"
    assert read.openings([(0, 0, 1, 1)]) == [""]


@pytest.mark.parametrize(
    ("opening", "target"), [("Table 1. Ratings", "table"), ("Figure 2. Timing", "figure"), ("TOP VIEW", "figure")]
)
def test_captions_say_what_they_caption(opening, target):
    boxes = [[50, 60, 250, 180], [98, 186, 180, 198], [50, 205, 250, 290]]
    ids = [S.id_of(name) for name in ("figure", "caption", "table")]
    text = reader(pdf(lambda canvas: canvas.drawString(100, 205, opening)))
    page = Page.from_boxes(1, 300, 400, "pt", boxes, [1] * 3, ids, S, text=text)
    (caption,) = (region for region in page.regions if region.name == "caption")
    assert {region.id: region.name for region in page.regions}[caption.caption_of] == target


def test_text_needs_its_source(tmp_path):
    path = tmp_path / "x.pdf"
    path.write_bytes(pdf(paragraph))
    read = reader(path)
    path.unlink()
    with pytest.raises(InputError, match="cannot be read"):
        read((0, 0, 300, 400), TEXT)


def test_a_file_whose_text_was_read_is_let_go_of_with_its_page(tmp_path, monkeypatch):
    opened, opening = [], pypdfium2.PdfDocument.__init__
    monkeypatch.setattr(pypdfium2.PdfDocument, "__init__", lambda *a, **k: opened.append(ref(a[0])) or opening(*a, **k))
    path = tmp_path / "x.pdf"
    path.write_bytes(pdf(paragraph))
    read = reader(path)
    assert read((95, 188, 230, 230), TEXT) == EXPECTED
    assert opened[-1]() is not None
    del read
    gc.collect()
    assert [document() for document in opened] == [None] * len(opened)


def test_what_was_read_goes_with_its_page(monkeypatch):
    kept, render = [], PdfSourcePage.render
    monkeypatch.setattr(PdfSourcePage, "render", lambda *a: kept.append(render(*a)) or kept[-1])
    read = reader(pdf(paragraph), lambda picture: "picture")
    assert read((0, 0, 30, 30), TEXT) == "picture"
    text, page, picture = ref(read), ref(read.page), ref(kept.pop())
    assert picture() is not None
    del read
    gc.collect()
    assert text() is page() is picture() is None


def test_the_words_of_two_pages_are_kept(monkeypatch):
    asked, written = [], PdfSourcePage.written
    monkeypatch.setattr(PdfSourcePage, "written", lambda page: asked.append(page) or written(page))
    reads = [reader(pdf(paragraph)) for _ in range(3)]
    for k in (0, 1, 0, 1, 2, 1, 2, 0):
        assert reads[k]((95, 188, 230, 230), TEXT) == EXPECTED
    assert asked == [reads[k].page for k in (0, 1, 2, 0)]


def test_openings_are_read_once(monkeypatch):
    with open_document(pdf(paragraph)) as document:
        page = document.load(1)
        asked, openings = [], page.openings
        monkeypatch.setattr(page, "openings", lambda boxes: asked.extend(boxes) or openings(boxes))
        read = PageText(page, load_schema())
        near, other = (95, 188, 230, 230), (0, 0, 20, 20)
        first = read.openings([near, (95.2, 188.1, 230, 229.8), other])
        assert first[0] == first[1] != "" and first[2] == ""
        assert read.openings([other, near]) == [first[2], first[0]]
        assert len(asked) == 2


def test_text_needs_the_callers_page():
    document = pypdfium2.PdfDocument(pdf(paragraph))
    page = document[0]
    read = reader(page)
    (opening,) = read.openings([(95, 188, 230, 230)])
    assert opening.startswith("Exposure may cause perma")
    page.close()
    with pytest.raises(InputError, match="the pypdfium2 page is closed; keep it open"):
        read((95, 188, 230, 230), TEXT)
    document.close()


def test_regions_read_their_text_when_asked_and_full_json_keeps_it(tmp_path):
    asked = []

    class Texts:
        def __call__(self, box, class_id):
            asked.append(class_id)
            return f"text of {S.names[class_id]}"

        def openings(self, boxes):
            return [""] * len(boxes)

    boxes = [[10, 10, 40, 12], [10, 20, 40, 60], [12, 61, 38, 63], [10, 64, 40, 66]]
    ids = [S.id_of(name) for name in ("heading", "table", "caption", "footnote")]
    page = Page.from_boxes(1, 100, 100, "pt", boxes, [1] * 4, ids, S, text=Texts())
    document = Document("x.pdf", "m", S, [page])
    assert document.json()["pages"][0]["regions"][2].keys() == {
        "id", "class", "class_id", "score", "bbox", "order", "caption_of"
    }  # fmt: skip
    assert asked == []
    assert page.regions[0].text == "text of heading"
    assert asked == [1]
    full = document.json(full=True)
    assert [(r["text"], r["note_of"], r["section"]) for r in full["pages"][0]["regions"]] == [
        ("text of heading", None, None),
        ("text of table", None, "p1r0"),
        ("text of caption", None, "p1r0"),
        ("text of footnote", "p1r1", "p1r0"),
    ]
    (path,) = document.save(tmp_path, ["full"])
    assert (path.name, json.loads(path.read_text())) == ("x.full.json", full)
    back = Document.from_json(path)
    assert back.json(full=True) == full
    assert back.pages[0].regions == page.regions
    assert Document.from_json(document.json()).pages[0].regions[0].text == ""


def test_predicted_regions_have_text(onnx_weights):
    source = pdf(lambda canvas: [canvas.drawString(20, y, "word " * 9) for y in range(20, 390, 11)])
    document = DocLayoutModel(onnx_weights).predict(source, imgsz=160, conf=0.05, text=lambda picture: "picture")
    texts = [region.text for region in document.pages[0].regions]
    assert any(text.startswith("word word") for text in texts)
    with pytest.raises(UsageError, match="text='ocr' must be a function"):
        DocLayoutModel(onnx_weights).predict(source, text="ocr")
