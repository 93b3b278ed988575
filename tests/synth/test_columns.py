import io
from dataclasses import replace

import numpy as np
import pypdfium2 as pdfium
import pytest
from reportlab.pdfgen.canvas import Canvas

from doclayout.schema import load_schema
from synth.elements.headers import _HEADERS as HEADERS
from synth.elements.pen import Pen
from synth.layouts.columns import make_datasheet, make_page, page_kinds
from synth.layouts.composer import Composer
from synth.layouts.sections import SECTIONS
from synth.layouts.styles import draw_house, house_names
from synth.layouts.truth import read_truth
from synth.layouts.writer import new_writer

INK = 30  # above what anti-aliasing leaves of a hairline outside its pixel


def rng(*seed):
    return np.random.default_rng(seed)


@pytest.fixture(scope="module")
def pages():
    """Two pages of each kind, each of another house."""
    houses = house_names()
    kinds = page_kinds() * 2
    return [make_page(rng(3, i), kind, houses[i % len(houses)]) for i, kind in enumerate(kinds)]


def test_there_are_enough_houses_and_kinds():
    assert len(house_names()) >= 12
    assert {"cover", "contents", "package", "curves", "parameters"} <= set(page_kinds())


@pytest.mark.parametrize("name", house_names())
def test_a_house_can_be_drawn(name):
    house = draw_house(rng(1), name)
    assert house.name == name
    assert 500 < house.width < house.height
    assert 6 < house.look.size < 12
    assert house == draw_house(rng(1), name)


def test_the_same_seed_gives_the_same_bytes():
    a, b, c = make_page(rng(5)), make_page(rng(5)), make_page(rng(6))
    assert a.pdf == b.pdf
    assert np.array_equal(a.boxes, b.boxes)
    assert a.pdf != c.pdf


def test_a_document_keeps_its_style():
    pages = make_datasheet(rng(7), 3)
    assert len(pages) == 3
    schema = load_schema()
    assert schema.id_of("title") in pages[0].class_ids
    assert all(schema.id_of("title") not in page.class_ids for page in pages[1:])
    assert len({tuple(sorted(page.image.shape)) for page in pages}) == 1


@pytest.mark.parametrize("kind", sorted(HEADERS))
def test_a_header_is_one_box_at_the_top_or_the_side(kind):
    for seed in range(4):
        house = replace(draw_house(rng(seed), "cedar"), header=kind)
        page = drawn_with(house, seed)
        boxes = page.boxes[page.class_ids == load_schema().id_of("header")]
        height, width = page.image.shape[:2]
        assert 1 <= len(boxes) <= 1 + (kind == "continued")
        assert all(y1 < 0.2 * height or x0 > 0.85 * width or x1 < 0.15 * width for x0, _, x1, y1 in boxes)


def drawn_with(house, seed):
    """Return a page of text in a given house."""
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=(house.width, house.height), invariant=1)
    pen, draws = Pen(canvas, house.width, house.height), rng(seed)
    Composer(draws, house, new_writer(draws, house.look, house.part), pen, "text", 3).draw()
    canvas.showPage()
    canvas.save()
    return read_truth(buffer.getvalue(), 0, pen.marks)


@pytest.mark.parametrize("seed", range(4))
def test_headings_hang_where_the_house_says_so(seed):
    house = draw_house(rng(seed), "cedar")
    house = replace(house, hang=110.0, columns=1, look=replace(house.look, head_align="l"))
    page = drawn_with(house, seed)
    left = {name: [box[0] for box, i in zip(page.boxes, page.class_ids, strict=True) if i == load_schema().id_of(name)]
            for name in ("heading", "text")}  # fmt: skip
    assert left["heading"] and left["text"]
    points = page.image.shape[1] / house.width
    assert min(left["heading"]) < (house.left + 60) * points < min(left["text"])


SMALL = {"variants": "caption", "equations": "formula", "framed": "caption", "profiles": "characteristic_curve",
         "run_in": "heading", "lists": "contents", "changes": "table"}  # fmt: skip


@pytest.mark.parametrize("name", SMALL)
def test_a_section_of_small_parts_has_its_parts(name):
    found = 0
    for seed in range(6):
        draws = rng(seed)
        house = draw_house(draws)
        writer = new_writer(draws, house.look, house.part)
        made = SECTIONS[name](writer, 400.0, 500.0)
        found += sum(block.name == SMALL[name] for cluster in made for _, _, block in cluster.parts)
        assert sum(cluster.height for cluster in made) < 620
    assert found >= 6


def test_pages_carry_text_and_the_image_of_their_pdf(pages):
    for page in pages[:4]:
        document = pdfium.PdfDocument(page.pdf)
        assert len(document) == 1
        assert document[0].get_textpage().count_chars() > 20
        document.close()
        assert max(page.image.shape[:2]) == 1280


def test_boxes_do_not_overlap_and_stay_on_the_page(pages):
    for page in pages:
        height, width = page.image.shape[:2]
        b = page.boxes
        assert len(b) >= 2
        assert (b[:, :2] >= 0).all() and (b[:, 2] <= width).all() and (b[:, 3] <= height).all()
        w = np.minimum(b[:, None, 2], b[None, :, 2]) - np.maximum(b[:, None, 0], b[None, :, 0])
        h = np.minimum(b[:, None, 3], b[None, :, 3]) - np.maximum(b[:, None, 1], b[None, :, 1])
        shared = np.clip(w, 0, None) * np.clip(h, 0, None)
        np.fill_diagonal(shared, 0)
        assert shared.max() == 0


def test_boxes_equal_ink_within_one_pixel(pages):
    """Each side of a box touches ink, and one pixel further out there is none."""
    for page in pages:
        image = np.pad(page.image.astype(np.int16), ((2, 2), (2, 2), (0, 0)), constant_values=255)
        for x0, y0, x1, y1 in page.boxes.astype(int):
            patch = image[y0 : y1 + 4, x0 : x1 + 4]
            ground = np.median(np.concatenate([patch[0], patch[-1], patch[:, 0], patch[:, -1]]), axis=0)
            ink = np.abs(patch - ground).max(axis=2) > INK
            rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
            found = (columns[0] - 2, rows[0] - 2, columns[-1] - 1, rows[-1] - 1)
            assert np.abs(np.subtract(found, (0, 0, x1 - x0, y1 - y0))).max() <= 1


def test_boxes_are_where_the_vectors_are():
    """A frame and a filled rectangle of known place are found again within a pixel."""
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=(400, 640), invariant=1)
    pen = Pen(canvas, 400, 640)
    with pen.element("table"):
        pen.set(weight=1.0)
        pen.rect(50, 60, 200, 80)
    with pen.element("figure"):
        pen.rect(60, 300, 100, 50, fill=(0.2, 0.4, 0.6), stroke=False)
        pen.line(60, 340, 180, 340)
    canvas.showPage()
    canvas.save()
    page = read_truth(buffer.getvalue(), 0, pen.marks)
    assert page.class_ids.tolist() == [4, 20]
    expected = np.array([[49.5, 59.5, 250.5, 140.5], [60, 300, 180, 350]]) * 2
    assert np.abs(page.boxes - expected).max() <= 1


def test_every_class_appears():
    """Pages of all kinds together show the whole schema."""
    seen = {int(c) for i, kind in enumerate(page_kinds() * 4) for c in make_page(rng(11, i), kind).class_ids}
    assert seen == set(range(len(load_schema())))


def test_the_order_and_the_links_are_those_of_the_drawing():
    schema = load_schema()
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=(300, 400), invariant=1)
    pen = Pen(canvas, 300, 400)
    table, figure = object(), object()
    drawn = [
        ("footer", None, (), False), ("footnote", None, (), True), ("caption", None, (table,), False),
        ("table", table, (), False), ("footnote", None, (table,), False), ("figure", figure, (), False),
        ("caption", None, (figure,), False), ("header", None, (), False),
    ]  # fmt: skip
    for row, (name, key, of, last) in enumerate(drawn):
        with pen.element(name, key, of, last):
            pen.rect(20, 20 + 40 * row, 100, 20, fill=(0, 0, 0))
    canvas.showPage()
    canvas.save()
    page = read_truth(buffer.getvalue(), 0, pen.marks)
    assert [schema.names[i] for i in page.class_ids] == [name for name, *_ in drawn]
    assert page.order.tolist() == [7, 2, 3, 4, 5, 6, 1, 0]
    assert page.links == ((), (), (3,), (), (3,), (), (5,), ())


def test_pages_know_what_captions_and_notes_belong_to(pages):
    schema = load_schema()
    linked = 0
    for page in pages:
        assert sorted(page.order.tolist()) == list(range(len(page.boxes)))
        for class_id, links in zip(page.class_ids, page.links, strict=True):
            assert bool(links) <= (schema.names[class_id] in ("caption", "footnote"))
            assert not any(
                schema.text[page.class_ids[k]] and schema.names[page.class_ids[k]] != "formula" for k in links
            )
            assert links or schema.names[class_id] != "caption"
            linked += len(links)
    assert linked > 10
