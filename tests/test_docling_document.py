import base64
import json
import sys

import cv2
import numpy as np
import pytest
from docling_core.types.doc import ContentLayer, DoclingDocument

from doclayout.docling_document import to_html, to_markdown
from doclayout.document import open_document
from doclayout.errors import MissingExtraError, UsageError
from doclayout.layout import Document, Page, Region
from doclayout.runtime import DEFAULT_WEIGHTS
from doclayout.schema import load_schema
from doclayout.text import PageText

SAMPLE = DEFAULT_WEIGHTS.parent.parent / "sample"


@pytest.fixture(scope="module")
def sample():
    """The sample datasheet with its true regions, and what its text layer says."""
    truth = json.loads((SAMPLE / "sample.json").read_text(encoding="utf-8"))
    schema = load_schema()
    pages = []
    with open_document(SAMPLE / "sample.pdf") as opened:
        for image in truth["images"]:
            page = opened.load(image["page"])
            rows = [row for row in truth["annotations"] if row["image_id"] == image["id"]]
            xywh = np.array([row["bbox"] for row in rows], float)
            boxes = np.hstack([xywh[:, :2], xywh[:, :2] + xywh[:, 2:]])
            boxes *= np.tile([page.width / image["width"], page.height / image["height"]], 2)
            ids, scores = [row["category_id"] for row in rows], np.full(len(rows), 0.75)
            size = (page.number, page.width, page.height, "pt")
            text = PageText(page, schema)
            pages.append(Page.from_boxes(*size, boxes, scores, ids, schema, page.render, text))
    return Document(str(SAMPLE / "sample.pdf"), "truth", schema, pages)


@pytest.fixture(scope="module")
def converted(sample):
    return sample.to_docling()


def page_of(regions, schema="datasheet21"):
    """A document of one page of 100 x 200 points, whose regions are (class, text) or (class, text, links)."""
    classes = load_schema(schema)
    made = []
    for k, (name, text, *links) in enumerate(regions):
        box = (10, 10 + 10 * k, 90, 18 + 10 * k)
        link = links[0] if links else {}
        made.append(Region(f"r{k}", name, classes.id_of(name), 0.5, box, k, reader=lambda text=text: text, **link))
    page = Page(1, 100, 200, "pt", made, lambda side: np.full((side, side // 2, 3), 200, np.uint8), classes)
    return Document("x.pdf", "m", classes, [page])


def items_of(document):
    """Its items in reading order, without what stands in pictures."""
    return [item for item, _ in document.iterate_items(included_content_layers=set(ContentLayer))]


def test_what_is_made_is_valid_and_stays_the_same(converted):
    data = converted.export_to_dict()
    again = DoclingDocument.model_validate(json.loads(json.dumps(data)))
    assert again.export_to_dict() == data
    assert (converted.name, converted.origin.filename) == ("sample", "sample.pdf")
    assert converted.origin.mimetype == "application/pdf"


def test_each_region_appears_once_in_order_and_in_its_place(sample, converted):
    assert {number: page.size.as_tuple() for number, page in converted.pages.items()} == {
        page.number: (page.width, page.height) for page in sample.pages
    }
    places = []
    for item in items_of(converted):
        (place,) = item.prov
        if not places or places[-1] != (place.page_no, place.bbox.as_tuple()):  # items of one list share its box
            places.append((place.page_no, place.bbox.as_tuple()))
    assert places == [(page.number, region.bbox) for page in sample.pages for region in page.regions]
    assert len(places) > 90
    page = converted.pages[1].size.height
    for item in converted.texts:
        box = item.prov[0].bbox
        assert box.to_top_left_origin(page) == box
        assert box.to_bottom_left_origin(page).to_top_left_origin(page).as_tuple() == pytest.approx(box.as_tuple())


def test_captions_are_linked(sample, converted):
    names = {region.id: region for page in sample.pages for region in page.regions}
    linked = {}
    for item in (*converted.pictures, *converted.tables):
        for ref in item.captions:
            linked[ref.resolve(converted).prov[0].bbox.as_tuple()] = item.prov[0].bbox.as_tuple()
    expected = {r.bbox: names[r.caption_of].bbox for r in names.values() if r.caption_of}
    assert linked == expected
    captions = [item.caption_text(converted) for item in converted.pictures]
    assert "Figure 2. Efficiency at 12 V input" in captions
    assert "Figure 14. MSOP-10 outline" in captions


def test_notes_are_linked(sample, converted):
    names = {region.id: region for page in sample.pages for region in page.regions}
    linked = {
        ref.resolve(converted).prov[0].bbox.as_tuple(): item.prov[0].bbox.as_tuple()
        for item in (*converted.pictures, *converted.tables)
        for ref in item.footnotes
    }
    assert linked == {r.bbox: names[r.note_of].bbox for r in names.values() if r.note_of}
    assert len(linked) > 0


def test_pictures_are_classified(sample, converted):
    found = [item.meta.classification.get_main_prediction() for item in converted.pictures]
    graphics = {"circuit_diagram", "characteristic_curve", "timing_diagram", "pinout_diagram", "package_drawing"}
    names = [kind.class_name for kind in found]
    for name in graphics:
        regions = [r for page in sample.pages for r in page.regions if r.name == name]
        assert names.count(name) == len(regions) > 0
    assert {(kind.confidence, kind.created_by) for kind in found} == {(0.75, "doclayout truth")}


def test_headers_and_footers_are_furniture(sample, converted):
    furniture = [item for item in converted.texts if item.content_layer == ContentLayer.FURNITURE]
    assert [item.label.value for item in furniture] == ["page_header", "page_footer"] * len(sample.pages)


def test_markdown_reads_like_the_sheet(sample):
    lines = to_markdown(sample).splitlines()
    headings = [line for line in lines if line.startswith("#")]
    assert headings[0].startswith("# ORN1216 ")
    wanted = ["## 1 Features", "## 8 Absolute maximum ratings", "### 11.1 Block diagram", "## 14 Legal notice"]
    assert [line for line in headings if line in wanted] == wanted
    text = "\n".join(lines)
    assert "- 2 A continuous output current" in lines
    assert "1. Wait until VIN is above 4.5 V." in lines
    assert "| VIN\tInput voltage, VIN to GND\t−0.3\t18\tV |" in lines
    assert "| 2\tApplications\t1 |" in lines
    assert text.index("<!-- image -->\n\nFigure 14") < text.index("Table 4. Dimensions\n\n|")
    assert "Notes: 1. All dimensions are in millimeters." in text
    assert "VOUT = VFB ×" in text
    assert "Page 1 of" not in text and "orrin" not in text.lower().split("legal notice")[0]


def test_html_holds_its_pictures(sample):
    page = sample.pages[4]
    html = to_html(Document(sample.source, "truth", sample.schema, [page]), dpi=36)
    pictures = html.split('src="data:image/png;base64,')[1:]
    regions = [region for region in page.regions if region.name in ("characteristic_curve", "timing_diagram")]
    assert len(pictures) == len(regions) > 3
    picture = cv2.imdecode(np.frombuffer(base64.b64decode(pictures[0].split('"')[0]), np.uint8), cv2.IMREAD_COLOR)
    x0, y0, x1, y1 = regions[0].bbox
    assert picture.shape[1] == pytest.approx((x1 - x0) / 2, abs=2)
    assert picture.shape[0] == pytest.approx((y1 - y0) / 2, abs=2)


def test_images_are_given_at_a_resolution():
    made = page_of([("figure", "U1"), ("table", "a\tb"), ("text", "x")]).to_docling(dpi=144)
    sizes = [(item.image.dpi, item.image.size.as_tuple()) for item in (*made.pictures, *made.tables)]
    assert sizes == [(144, (160, 16)), (144, (160, 16))]
    assert made.pictures[0].get_image(made).size == (160, 16)
    bare = Document.from_json(page_of([("figure", "U1")]).json())
    assert bare.to_docling().pictures[0].image is None
    with pytest.raises(UsageError, match="cannot be drawn"):
        bare.to_docling(dpi=144)


@pytest.mark.parametrize(
    ("schema", "name", "label", "layer"),
    [
        ("datasheet21", "title", "title", "body"),
        ("datasheet21", "parameter_table", "table", "body"),
        ("datasheet21", "contents", "document_index", "body"),
        ("datasheet21", "flowchart", "picture", "body"),
        ("datasheet21", "list", "list_item", "body"),
        ("datasheet21", "formula", "formula", "body"),
        ("datasheet21", "footer", "page_footer", "furniture"),
        ("doclaynet11", "List-item", "list_item", "body"),
        ("doclaynet11", "Page-header", "page_header", "furniture"),
        ("doclaynet11", "Section-header", "section_header", "body"),
        ("doclaynet11", "Picture", "picture", "body"),
        ("publaynet5", "title", "section_header", "body"),
        ("publaynet5", "figure", "picture", "body"),
        ("docstructbench10", "plain text", "text", "body"),
        ("docstructbench10", "abandon", "text", "furniture"),
        ("docstructbench10", "table_footnote", "footnote", "body"),
        ("docstructbench10", "isolate_formula", "formula", "body"),
        ("cdla10", "Reference", "reference", "body"),
        ("cdla10", "Table caption", "caption", "body"),
        ("cdla10", "Equation", "formula", "body"),
    ],
)
def test_labels(schema, name, label, layer):
    (item,) = items_of(page_of([(name, "x")], schema).to_docling())
    assert (item.label.value, item.content_layer.value) == (label, layer)


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("• one\n• two", [("•", "one", False), ("•", "two", False)]),
        ("1. one\n2) two", [("1.", "one", True), ("2)", "two", True)]),
        ("(a) one", [("(a)", "one", True)]),
        ("4.5 V to 16 V\n2 A output", [("", "4.5 V to 16 V", False), ("", "2 A output", False)]),
        ("–40 °C\n- 5 V", [("", "–40 °C", False), ("-", "5 V", False)]),
        ("•", [("", "•", False)]),
        ("", [("", "", False)]),
    ],
)
def test_lists_are_split_at_their_lines(text, items):
    made = page_of([("list", text)]).to_docling()
    assert [(item.marker, item.text, item.enumerated) for item in made.texts] == items
    assert len(made.groups) == 1


def test_lists_that_follow_each_other_are_one_group():
    made = page_of([("list", "• a"), ("list", "• b"), ("text", "x"), ("list", "• c")]).to_docling()
    assert [len(group.children) for group in made.groups] == [2, 1]


@pytest.mark.parametrize(
    ("text", "level"),
    [("Features", 1), ("7 Features", 1), ("7.3 Features", 2), ("7.3.11. Überlast", 3), ("5.0 V output", 1), ("", 1)],
)
def test_levels_of_numbered_headings(text, level):
    assert page_of([("heading", text)]).to_docling().texts[0].level == level


def test_tables_have_the_lines_of_their_text():
    made = page_of([("table", "Pin\tName\n1\tGND"), ("table", ""), ("contents", "1 Scope . . . . . 4")]).to_docling()
    rows = [[cell.text for row in table.data.grid for cell in row] for table in made.tables]
    assert rows == [["Pin\tName", "1\tGND"], [], ["1 Scope\t4"]]
    assert [(table.data.num_rows, table.data.num_cols) for table in made.tables] == [(2, 1), (0, 0), (1, 1)]


def test_pictures_hold_their_text_where_readers_of_body_text_do_not_stumble_on_it():
    made = page_of([("figure", "VIN\nGND")]).to_docling()
    assert [item.text for item in made.texts] == ["VIN GND"]
    assert made.texts[0].parent.resolve(made) == made.pictures[0]
    assert "GND" not in made.export_to_markdown()
    assert "VIN GND" in made.export_to_markdown(traverse_pictures=True)


def test_plain_documents_say_all_that_is_there():
    document = page_of([("table", "a"), ("footnote", "1. note", {"note_of": "r0"}), ("formula", "V = I R")])
    linked, plain = document.to_docling(), document.to_docling(plain=True)
    assert [ref.resolve(linked).text for ref in linked.tables[0].footnotes] == ["1. note"]
    assert (linked.texts[1].text, linked.texts[1].orig) == ("", "V = I R")
    assert plain.tables[0].footnotes == []
    assert to_markdown(document) == plain.export_to_markdown(compact_tables=True)
    assert to_markdown(document).splitlines()[-3:] == ["1. note", "", "V = I R"]


def test_sources_that_are_no_files_have_no_origin():
    assert page_of([("text", "x")]).to_docling().origin is None


def test_without_docling_core_the_extra_is_named(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "docling_core.types", None)
    monkeypatch.delitem(sys.modules, "doclayout.docling_document")
    for name in ("md", "html", "docling"):
        with pytest.raises(MissingExtraError, match=r"pip install 'doclayout\[docling\]'"):
            page_of([("text", "x")]).save(tmp_path, [name])
    assert list(tmp_path.iterdir()) == []


def test_save_writes_what_docling_core_makes(tmp_path):
    document = page_of([("heading", "Features"), ("table", "a")])
    paths = document.save(tmp_path, ("html", "docling", "md"))
    assert [path.name for path in paths] == ["x.docling.json", "x.md", "x.html"]
    assert DoclingDocument.load_from_json(paths[0]) == document.to_docling()
    assert paths[1].read_text(encoding="utf-8") == to_markdown(document)
    assert "<h2>Features</h2>" in paths[2].read_text(encoding="utf-8")


def test_names_that_are_no_text_are_saved_too(tmp_path):
    plain = page_of([("heading", "Features")])
    document = Document("b\udcff.pdf", "m", plain.schema, plain.pages)
    for path in document.save(tmp_path, ("html", "docling", "md")):
        assert "Features" in path.read_text(encoding="utf-8")
