import copy
import gc
import io
import os
import pickle
import struct
import subprocess
import sys
import threading
import zlib
from math import ceil
from pathlib import Path

import cv2
import numpy as np
import pymupdf
import pypdfium2
import pytest
from PIL import Image, ImageOps
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from doclayout import errors
from doclayout._pages import select_pages
from doclayout._pdf import PDFIUM_LOCK, PdfSourcePage
from doclayout.convert.images import pixel_size
from doclayout.document import find_documents, open_document

WORDS = ["Absolute", "maximum", "ratings"]


def make_pdf(pages=1, size=(300, 200), password=None):
    """A word per line; page i has i + 1 lines."""
    stream = io.BytesIO()
    encryption = StandardEncryption(password) if password else None
    canvas = Canvas(stream, pagesize=size, encrypt=encryption)
    for page in range(pages):
        for line in range(page + 1):
            canvas.drawString(30, size[1] - 40 - 15 * line, WORDS[line % 3])
        canvas.showPage()
    canvas.save()
    return stream.getvalue()


def edit_pdf(data, edit):
    pdf = pypdfium2.PdfDocument(data)
    for index in range(len(pdf)):
        page = pdf[index]
        edit(page)
        page.close()
    stream = io.BytesIO()
    pdf.save(stream)
    pdf.close()
    return stream.getvalue()


def encode(image, kind, **options):
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def gradient(height=40, width=60):
    y, x = np.mgrid[:height, :width]
    return np.stack([x * 4, y * 6, np.full_like(x, 90)], 2).astype(np.uint8)


def bar_image(kind="PNG", mode="RGB", size=(60, 40), **options):
    """White, with a black bar along the top quarter."""
    image = Image.new("RGB", size, "white")
    image.paste("black", (0, 0, size[0], size[1] // 4))
    return encode(image.convert(mode), kind, **options)


def ink_box(image):
    y, x = np.nonzero(image.min(2) < 160)
    return np.array([x.min(), y.min(), x.max() + 1, y.max() + 1])


# --- finding ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path):
    for name in [
        "b.pdf",
        "a.PNG",
        "notes.txt",
        "sub/c.tiff",
        "sub/deep/d.jpeg",
        ".hidden.pdf",
        ".git/e.pdf",
        "x[1].pdf",
    ]:
        path = tmp_path / "docs" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    return tmp_path / "docs"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("", ["a.PNG", "b.pdf", "x[1].pdf", "sub/c.tiff", "sub/deep/d.jpeg"]),  # folder: recursive, visible documents
        ("b.pdf", ["b.pdf"]),
        ("notes.txt", ["notes.txt"]),  # named: taken whatever it is
        ("x[1].pdf", ["x[1].pdf"]),  # a file before a glob
        ("*.pdf", ["b.pdf", "x[1].pdf"]),
        ("**/*.ti*", ["sub/c.tiff"]),
        ("s*", ["sub/c.tiff", "sub/deep/d.jpeg"]),  # a glob that matches a folder
    ],
)
def test_find_documents(folder, source, expected):
    assert [path.relative_to(folder).as_posix() for path in find_documents(folder / source)] == expected


def test_folders_that_cannot_be_read_are_told(folder, monkeypatch):
    scan = os.scandir

    def scandir(path):
        if Path(path).name == "sub":
            raise PermissionError(13, "Permission denied", str(path))
        return scan(path)

    monkeypatch.setattr(os, "scandir", scandir)
    assert [path.name for path in find_documents(folder)] == ["a.PNG", "b.pdf", "x[1].pdf", "sub"]
    assert [*find_documents(folder / "sub")] == [folder / "sub"]


def test_a_source_that_cannot_be_reached_is_told(tmp_path):
    with pytest.raises(errors.InputError, match=r"cannot be read|does not exist"):
        find_documents(tmp_path / ("a" * 300))


@pytest.mark.parametrize(
    ("source", "error"),
    [
        ("missing.pdf", errors.SourceNotFoundError),
        ("missing/*.pdf", errors.SourceNotFoundError),
        ("empty", errors.NoPagesError),
    ],
)
def test_find_documents_fails_at_once(tmp_path, source, error):
    (tmp_path / "empty").mkdir()
    with pytest.raises(error, match=source.split("/")[0]):
        find_documents(str(tmp_path / source))


# --- page selections -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pages", "count", "expected"),
    [
        (None, 3, [1, 2, 3]),
        ("1-3,7,-1", 9, [1, 2, 3, 7, 9]),
        ("-3--1", 9, [7, 8, 9]),
        ("8-", 9, [8, 9]),
        (" 5 , 2-3 ", 9, [5, 2, 3]),
        ("2,1-3,2", 9, [2, 1, 3]),
        (2, 3, [2]),
        ([1, -1], 3, [1, 3]),
        (np.array([2, 3]), 3, [2, 3]),
        (range(1, 3), 3, [1, 2]),
        ("1,9", 3, [1, 9]),  # no such page: kept, and raised when it is loaded
        ("2-1000000", 3, [2, 3, 4]),  # all past the end is one page
        ("-9", 3, [-9]),
        ("-5--1", 3, [1, 2, 3]),  # "the last five"
    ],
)
def test_select_pages(pages, count, expected):
    assert select_pages(pages, count) == expected


@pytest.mark.parametrize("pages", ["", "a", "1-2-3", "0", "0-3", "3-1", "1,,2", "1.5", [], [0], [1.5], ["1"]])
def test_select_pages_rejects(pages):
    with pytest.raises(errors.PageRangeError, match="pages="):
        select_pages(pages, 9)


def test_pages_outside_the_document():
    data = make_pdf(3)
    with pytest.raises(errors.PageRangeError, match="pages='7-9' selects none of its 3"):
        open_document(data, pages="7-9")
    with open_document(data, pages="2,7,3") as document:
        assert document.numbers == [2, 7, 3]
        assert [len(document.load(number).words()) for number in (2, 3)] == [2, 3]
        with pytest.raises(errors.PageRangeError, match="no page 7"):
            document.load(7)


# --- kinds of sources ------------------------------------------------------------------------------------------------


def test_path_and_bytes(tmp_path):
    path = tmp_path / "Datenblatt ü.pdf"
    path.write_bytes(make_pdf(2))
    for source, name in [(path, str(path)), (str(path), str(path)), (path.read_bytes(), "<bytes>")]:
        with open_document(source) as document:
            assert (document.name, document.numbers) == (name, [1, 2])
            page = document.load(2)
            assert (page.number, page.width, page.height, page.unit) == (2, 300, 200, "pt")
            assert len(page.words()) == 2


@pytest.mark.parametrize("long_side", [1, 37, 640, 1281])
@pytest.mark.parametrize("size", [(595.276, 841.89), (841.89, 595.276), (3000, 2)])
def test_render_shape(size, long_side):
    page = open_document(make_pdf(size=size)).load(1)
    image = page.render(long_side)
    scale = long_side / max(size)
    assert image.shape == (max(1, round(size[1] * scale)), max(1, round(size[0] * scale)), 3)
    assert image.dtype == np.uint8 and image.flags.c_contiguous and image.flags.writeable


def test_render_is_rgb_on_white():
    stream = io.BytesIO()
    canvas = Canvas(stream, pagesize=(100, 100))
    canvas.setFillColorRGB(1, 0.5, 0)
    canvas.rect(0, 50, 100, 50, stroke=0, fill=1)
    canvas.save()
    image = open_document(stream.getvalue()).load(1).render(10)
    assert image[2, 5].tolist() == [255, 128, 0] and image[8, 5].tolist() == [255, 255, 255]


@pytest.mark.parametrize("draw", [lambda page: page.render(100), lambda page: page.raster(10_000)])
def test_render_draws_form_fields(draw):
    stream = io.BytesIO()
    canvas = Canvas(stream, pagesize=(100, 100))
    canvas.acroForm.checkbox(x=20, y=20, size=60, checked=True)
    canvas.showPage()
    canvas.save()
    image = draw(open_document(stream.getvalue()).load(1))
    rows, columns = np.nonzero(image.min(2) < 100)
    assert image.shape == (100, 100, 3)
    assert (rows.min(), rows.max() + 1, columns.min(), columns.max() + 1) == pytest.approx((20, 80, 20, 80), abs=2)


@pytest.mark.parametrize("turn", [0, 90])
@pytest.mark.parametrize("size", [(595.276, 841.89), (300.5, 200.25)])
def test_raster_has_one_scale(size, turn):
    stream = io.BytesIO()
    canvas = Canvas(stream, pagesize=size)
    path = canvas.beginPath()  # pdfium draws rectangles on whole pixels, but not a page-sized shape of five corners
    path.moveTo(size[0] / 3, 20)
    for corner in ((20, size[1] / 2), (20, size[1] - 20), (size[0] - 20, size[1] - 20), (size[0] - 20, 20)):
        path.lineTo(*corner)
    path.close()
    canvas.drawPath(path, stroke=0, fill=1)
    canvas.save()
    page = open_document(edit_pdf(stream.getvalue(), lambda page: page.set_rotation(turn))).load(1)
    image = page.raster(100_000)
    scale = (100_000 / (page.width * page.height)) ** 0.5
    assert image.shape == (ceil(page.height * scale), ceil(page.width * scale), 3)
    assert image.dtype == np.uint8 and image.flags.c_contiguous and image.flags.writeable
    ink = 1 - image[..., 0] / 255.0
    right = ink[image.shape[0] // 2, image.shape[1] // 2 :].sum() + image.shape[1] // 2
    below = ink[image.shape[0] // 2 :, image.shape[1] * 3 // 4].sum() + image.shape[0] // 2
    assert (right, below) == pytest.approx(((page.width - 20) * scale, (page.height - 20) * scale), abs=0.1)


@pytest.mark.parametrize("source", [make_pdf(size=(3000, 2)), np.zeros((2, 3000, 3), np.uint8)])
def test_raster_of_a_strip_is_no_longer_than_needed(source):
    assert open_document(source).load(1).raster(1_000_000).shape == (4, 5120, 3)


def test_raster_scales_images_to_whole_pixels():
    page = open_document(gradient()).load(1)
    assert page.raster(2400).shape == (40, 60, 3) and np.array_equal(page.raster(2400), gradient())
    assert page.raster(1000).shape == (26, 39, 3)
    assert page.raster(1000).mean() == pytest.approx(gradient().mean(), abs=1)


@pytest.mark.parametrize("long_side", [0, -5])
@pytest.mark.parametrize("source", [make_pdf(), bar_image()])
def test_render_rejects(source, long_side):
    with pytest.raises(errors.UsageError, match="long_side"):
        open_document(source).load(1).render(long_side)


def test_pages_and_documents_reopen_after_close():
    document = open_document(make_pdf(2))
    page = document.load(2)
    before = page.render(64)
    page.close()
    page.close()
    document.close()
    assert np.array_equal(page.render(64), before) and len(page.words()) == 2
    assert len(document.load(1).words()) == 1


def test_the_text_layer_is_loaded_once(monkeypatch):
    loaded, load = [], pypdfium2.PdfPage.get_textpage
    monkeypatch.setattr(pypdfium2.PdfPage, "get_textpage", lambda page: loaded.append(load(page)) or loaded[-1])
    page = open_document(make_pdf(2)).load(2)
    words = page.words()
    assert len(words) == len(page.written()) == 2 and page.openings([(0, 0, 300, 200)]) != [""]
    assert len(loaded) == 1
    page.close()
    assert not loaded[0].raw
    assert np.array_equal(page.words(), words) and len(loaded) == 2


def test_the_text_layer_of_a_borrowed_page_is_read_anew(monkeypatch):
    loaded, load = [], pypdfium2.PdfPage.get_textpage
    monkeypatch.setattr(pypdfium2.PdfPage, "get_textpage", lambda page: loaded.append(load(page)) or loaded[-1])
    with pypdfium2.PdfDocument(make_pdf(1)) as pdf:
        theirs = pdf[0]
        page = open_document(theirs).load(1)
        assert len(page.words()) == 1
        theirs.remove_obj(next(iter(theirs.get_objects())))
        theirs.gen_content()
        assert len(page.words()) == 0
        assert len(loaded) == 2 and not any(text.raw for text in loaded)
        theirs.close()


def test_a_text_layer_that_cannot_be_loaded_has_no_words(monkeypatch):
    def fail(page):
        raise pypdfium2.PdfiumError("Failed to load text page.")

    monkeypatch.setattr(pypdfium2.PdfPage, "get_textpage", fail)
    page = open_document(make_pdf()).load(1)
    assert page.words().shape == (0, 4) and page.written() == [] and page.openings([(0, 0, 9, 9)] * 2) == ["", ""]


def test_characters_beyond_the_first_plane(monkeypatch, tmp_path):
    import re

    from reportlab.pdfbase import pdfmetrics, ttfonts

    from synth.elements.fonts import family

    def pairs(*arguments, make=ttfonts.makeToUnicodeCMap):  # reportlab writes 1D538, which is no UTF-16
        utf16 = "\U0001d538".encode("utf-16-be").hex()
        return re.sub("<1D538>", f"<{utf16}>", make(*arguments))

    monkeypatch.setattr(ttfonts, "makeToUnicodeCMap", pairs)
    canvas = Canvas(str(tmp_path / "math.pdf"), (300, 200))
    canvas.setFont(family("DejaVu")[0], 20)
    x, texts = 30.0, ("\U0001d538", "=", "5", "\U0001d538\U0001d538x")
    starts = []
    for text in texts:
        canvas.drawString(x, 100, text + " ")
        starts.append(x)
        x += pdfmetrics.stringWidth(text + " ", family("DejaVu")[0], 20)
    canvas.save()
    page = open_document(tmp_path / "math.pdf").load(1)
    written = page.written()
    assert tuple(word.text for word in written) == texts
    np.testing.assert_allclose([word.box[0] for word in written], starts, atol=0.1)
    np.testing.assert_allclose(page.words()[:, 0], starts, atol=3)
    assert page.openings([(0, 0, 300, 200)]) == [" ".join(texts)]


def test_pypdfium2_page():
    with pypdfium2.PdfDocument(make_pdf(3)) as pdf:
        theirs = pdf[2]
        with open_document(theirs) as document:
            assert (document.name, document.numbers) == ("<pypdfium2 page>", [1])
            page = document.load(1)
            assert len(page.words()) == 3 and page.render(30).shape == (20, 30, 3)
            page.close()
        assert theirs.get_size() == (300, 200)  # left open
        theirs.close()
        with pytest.raises(errors.DamagedFileError, match="closed"):
            open_document(theirs)


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda page: pickle.loads(pickle.dumps(page))])
def test_a_copy_of_a_pypdfium2_page_is_closed(copied):
    with pypdfium2.PdfDocument(make_pdf()) as pdf:
        page = open_document(pdf[0]).load(1)
        page.close()
        again = copied(page)
        assert (again.number, again.width, again.height) == (1, 300, 200)
        for read in (lambda: again.render(30), again.words, again.written):
            with pytest.raises(errors.DamagedFileError, match="the pypdfium2 page is closed"):
                read()
        assert len(page.words()) == 1
        page.close()


def test_a_page_that_is_half_made_can_be_dropped():
    PdfSourcePage.__new__(PdfSourcePage).__del__()


def test_pymupdf_page():
    data = edit_pdf(make_pdf(3), lambda page: page.set_rotation(90))
    with pymupdf.open(stream=data) as pdf, open_document(pdf[2]) as document, open_document(data) as expected:
        assert (document.name, document.numbers) == ("<pymupdf page>", [1])
        page, same = document.load(1), expected.load(3)
        assert (page.width, page.height) == (200, 300)
        assert np.array_equal(page.render(300), same.render(300)) and np.array_equal(page.words(), same.words())


def test_pymupdf_page_of_an_image():
    with pymupdf.open(stream=bar_image(size=(90, 60)), filetype="png") as image:
        assert open_document(image[0]).load(1).render(60)[:6].max() < 100


def test_pymupdf_is_not_imported():
    code = "import doclayout.document, sys; assert not {'pymupdf', 'fitz', 'PIL.Image', 'torch'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_pymupdf_page_that_is_closed():
    pdf = pymupdf.open(stream=make_pdf(3))
    deleted, left = pdf[0], pdf[1]
    pdf.delete_page(0)
    with pytest.raises(errors.DamagedFileError, match="the PyMuPDF page is closed"):
        open_document(deleted)
    pdf.close()
    with pytest.raises(errors.DamagedFileError, match="keep its document open"):
        open_document(left)


def test_pymupdf_page_that_is_encrypted():
    with pymupdf.open(stream=make_pdf(password="x")) as pdf:
        page = pymupdf.Page(pymupdf.mupdf.fz_load_page(pdf.this, 0), pdf)
        with pytest.raises(errors.PasswordError, match="authenticate it"):
            open_document(page)
        assert pdf.authenticate("x")
        assert open_document(pdf[0]).load(1).render(30).min() < 200


@pytest.mark.parametrize("source", [None, 3, object(), ["a.pdf"]])
def test_unsupported_type(source):
    with pytest.raises(errors.UsageError, match=type(source).__name__):
        open_document(source)


# --- images ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "mode", "options"),
    [
        ("PNG", "RGB", {}),
        ("PNG", "RGBA", {}),
        ("PNG", "L", {}),
        ("PNG", "LA", {}),
        ("PNG", "1", {}),
        ("PNG", "P", {}),
        ("PNG", "I;16", {}),
        ("JPEG", "RGB", {"quality": 95}),
        ("JPEG", "L", {"quality": 95}),
        ("JPEG", "CMYK", {"quality": 95}),
        ("TIFF", "RGB", {}),
        ("TIFF", "1", {"compression": "group4"}),
        ("TIFF", "CMYK", {}),
        ("TIFF", "I;16", {}),
        ("TIFF", "F", {}),
        ("TIFF", "I", {}),
        ("WEBP", "RGB", {"lossless": True}),
        ("WEBP", "RGBA", {"lossless": True}),
        ("BMP", "RGB", {}),
        ("GIF", "P", {}),
    ],
)
def test_image_formats_and_modes(kind, mode, options):
    image = Image.open(io.BytesIO(bar_image()))
    if mode == "I;16":
        image = Image.fromarray(np.asarray(image.convert("L")).astype(np.uint16) * 257)
    page = open_document(encode(image.convert(mode), kind, **options)).load(1)
    assert (page.width, page.height, page.unit) == (60, 40, "px")
    pixels = page.render(60)
    assert pixels.shape == (40, 60, 3) and page.words().shape == (0, 4)
    assert pixels[:9].max() <= 12 and pixels[12:].min() >= 243


def test_sixteen_bit_colour():
    data = cv2.imencode(".png", gradient()[:, :, ::-1].astype(np.uint16) * 257)[1].tobytes()
    assert np.array_equal(open_document(data).load(1).render(60), gradient())


@pytest.mark.parametrize(("top", "white"), [(0.5, 1), (200, 255), (60000, 65535)])
def test_float_greys(top, white):
    values = np.full((4, 4), top, np.float32)
    assert open_document(Image.fromarray(values)).load(1).render(4)[0, 0, 0] == round(255 * top / white)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_transparent_is_white(mode):
    image = Image.new("RGBA", (8, 8), (0, 0, 0, 0)).convert(mode)
    options = {"transparency": image.getpixel((0, 0))} if mode == "P" else {}
    assert open_document(encode(image, "PNG", **options)).load(1).render(8).min() == 255


@pytest.mark.parametrize(
    ("orientation", "side"),
    [(1, "top"), (2, "top"), (3, "bottom"), (4, "bottom"), (5, "left"), (6, "right"), (7, "right"), (8, "left")],
)
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_exif_orientation(kind, orientation, side):
    exif = Image.Exif()
    exif[0x0112] = orientation
    page = open_document(bar_image(kind, exif=exif)).load(1)
    assert (page.width, page.height) == ((60, 40) if orientation < 5 else (40, 60))
    image = page.render(60)
    strips = {"top": image[:8], "bottom": image[-8:], "left": image[:, :8], "right": image[:, -8:]}
    assert {name for name, strip in strips.items() if strip.mean() < 60} == {side}


@pytest.mark.parametrize("mode", ["1", "L", "RGB"])
@pytest.mark.parametrize("orientation", [5, 6, 7, 8])
def test_turned_tiff_files_are_as_their_bytes(tmp_path, mode, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = encode(Image.open(io.BytesIO(bar_image("PNG"))).convert(mode), "TIFF", exif=exif)
    (tmp_path / "a.tif").write_bytes(data)
    of_file, of_bytes = (open_document(source).load(1).render(60) for source in (tmp_path / "a.tif", data))
    np.testing.assert_array_equal(of_file, of_bytes)


def test_float_pixels_that_are_no_numbers_are_paper():
    values = np.full((8, 8), 0.25, np.float32)
    values[0, :2] = np.nan, np.inf
    image = open_document(encode(Image.fromarray(values), "TIFF")).load(1).render(8)
    assert image[0, :2].min() == 255 and set(image[1:].ravel()) == {64}


def test_an_image_is_not_drawn_beyond_all_bounds():
    with pytest.raises(errors.PageSizeError, match="page 1 cannot be drawn at 200000 x 200000 pixels"):
        open_document(np.zeros((8, 8, 3), np.uint8)).load(1).render(200_000)


def test_tiff_pages():
    frames = [Image.new("L", (60 + 10 * i, 40), 50 * i) for i in range(4)]
    data = encode(frames[0], "TIFF", save_all=True, append_images=frames[1:])
    with open_document(data, pages="2-") as document:
        assert document.numbers == [2, 3, 4]
        pages = [document.load(number) for number in document.numbers]
        assert [(page.width, page.render(10)[0, 0, 0]) for page in pages] == [(70, 50), (80, 100), (90, 150)]


def test_only_a_tiff_has_several_pages():
    frames = [Image.new("L", (8, 8), 50 * i) for i in range(3)]
    assert open_document(encode(frames[0], "GIF", save_all=True, append_images=frames[1:])).numbers == [1]


@pytest.mark.parametrize(
    ("source", "name"), [(gradient(), "<array>"), (Image.fromarray(gradient()), "<image>")], ids=["numpy", "pillow"]
)
def test_pixels(source, name):
    document = open_document(source)
    page = document.load(1)
    assert (document.name, document.numbers, page.number, page.width, page.height) == (name, [1], 1, 60, 40)
    image = page.render(60)
    image[:] = 0
    page.close()
    assert np.array_equal(page.render(60), gradient())  # drawings are the caller's own
    assert page.render(120).shape == (80, 120, 3)


@pytest.mark.parametrize(
    ("shape", "dtype", "error"),
    [
        ((4, 4, 3), np.float32, errors.NotADocumentError),
        ((4, 4, 2), np.uint8, errors.NotADocumentError),
        ((4,), np.uint8, errors.NotADocumentError),
        ((0, 4, 3), np.uint8, errors.PageSizeError),
    ],
)
def test_array_rejects(shape, dtype, error):
    with pytest.raises(error, match="array"):
        open_document(np.zeros(shape, dtype))


@pytest.mark.parametrize(("shape", "white"), [((4, 4), 7), ((4, 4, 4), 252)])
def test_grey_and_rgba_arrays(shape, white):
    page = open_document(np.full(shape, 7, np.uint8) if len(shape) == 2 else np.full(shape, [7, 7, 7, 3], np.uint8))
    assert page.load(1).render(4)[0, 0].tolist() == [white] * 3


# --- bad input -------------------------------------------------------------------------------------------------------

EMPTY_TREE = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n"
CUT = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n" + (
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>endobj trailer<</Root 1 0 R>>\n"
)
NEW_PDF = io.BytesIO()
pypdfium2.PdfDocument.new().save(NEW_PDF)


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"", errors.EmptyFileError),
        (b"Hello, world\n" * 100, errors.NotADocumentError),
        (b"\0" * 5000, errors.NotADocumentError),
        (b"PK\3\4" + b"x" * 500, errors.NotADocumentError),
        (b"%PDF-1.7\n", errors.DamagedFileError),
        *[(make_pdf(3)[: int(len(make_pdf(3)) * part)], errors.DamagedFileError) for part in (0.2, 0.5, 0.8, 0.98)],
        (CUT, errors.DamagedFileError),  # pdfium repairs it, but its end is missing
        (b"%PDF-1.4\n9 0 obj<</Linearized 1/L 99999>>endobj\n" + CUT[9:] + b"%%EOF", errors.DamagedFileError),
        (EMPTY_TREE + b"trailer<</Root 1 0 R>>\n%%EOF", errors.NoPagesError),
        (NEW_PDF.getvalue(), errors.NoPagesError),
        (make_pdf(password="secret"), errors.PasswordError),
        (bar_image("PNG")[:20], errors.DamagedFileError),
        (bar_image("TIFF")[:20], errors.DamagedFileError),
        (bar_image("JPEG")[:10], errors.DamagedFileError),
        (bar_image("WEBP")[:14], errors.DamagedFileError),
    ],
)
@pytest.mark.parametrize("as_path", [False, True], ids=["bytes", "path"])
def test_bad_files(tmp_path, data, error, as_path):
    path = tmp_path / "bad.pdf"
    path.write_bytes(data)
    with pytest.raises(error, match=r"bad\.pdf" if as_path else "<bytes>") as caught:
        open_document(path if as_path else data)
    assert type(caught.value) is error


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "TIFF"])
def test_truncated_pixels(kind):
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 255, (64, 64, 3), np.uint8))
    data = encode(noise, kind)
    with pytest.raises(errors.DamagedFileError, match="truncated or broken"):
        open_document(data[: len(data) // 2]).load(1)


def test_corrupt_pixels():
    data = bytearray(encode(Image.new("RGB", (64, 64)), "PNG"))
    at = data.index(b"IDAT") + 8
    data[at : at + 8] = b"\xff" * 8
    with pytest.raises(errors.DamagedFileError, match="image 1"):
        open_document(bytes(data)).load(1)


def test_a_later_frame_of_an_unknown_compression_is_damage():
    frames = [Image.new("RGB", (40, 30))] * 3
    data = bytearray(encode(frames[0], "TIFF", save_all=True, append_images=frames[1:]))
    at = int.from_bytes(data[4:8], "little")
    for _ in range(2):
        end = at + 2 + 12 * int.from_bytes(data[at : at + 2], "little")
        at = int.from_bytes(data[end : end + 4], "little")
    entries = range(at + 2, at + 2 + 12 * int.from_bytes(data[at : at + 2], "little"), 12)
    (compression,) = (entry for entry in entries if int.from_bytes(data[entry : entry + 2], "little") == 259)
    data[compression + 8 : compression + 10] = (34712).to_bytes(2, "little")
    with pytest.raises(errors.DamagedFileError, match="is truncated or broken"):
        open_document(bytes(data))


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_an_image_whose_exif_cannot_be_read_is_upright(kind, tmp_path):
    data = encode(Image.new("RGB", (40, 30), "red"), kind, exif=b"no TIFF header", lossless=True)
    page = open_document(data).load(1)
    assert (page.width, page.height) == (40, 30) and (page.render(40) == (255, 0, 0)).all()
    (tmp_path / "a").write_bytes(data)
    assert pixel_size(tmp_path / "a", "a") == (40, 30)


def test_image_with_too_many_pixels():
    header = b"IHDR" + (60_000).to_bytes(4, "big") * 2 + b"\x08\2\0\0\0"
    chunk = len(header[4:]).to_bytes(4, "big") + header + zlib.crc32(header).to_bytes(4, "big")
    with pytest.raises(errors.PageSizeError, match="scale it down"):
        open_document(b"\x89PNG\r\n\x1a\n" + chunk + b"\0\0\0\0IDAT\0\0\0\0")


def test_mended_pdf_is_read():
    assert open_document(b"x" * 900 + make_pdf(2) + b"\0" * 5000).numbers == [1, 2]
    assert open_document(CUT + b"%%EOF").numbers == [1]


@pytest.mark.parametrize("password", [None, "", "wrong"])
def test_password(password):
    data = make_pdf(password="secret")
    with pytest.raises(errors.PasswordError, match="wrong" if password else "password="):
        open_document(data, password=password)
    with open_document(data, password="secret") as document:
        assert len(document.load(1).words()) == 1
    assert open_document(make_pdf(), password="needless").numbers == [1]


def test_missing_file_and_folder(tmp_path):
    with pytest.raises(errors.SourceNotFoundError, match="missing"):
        open_document(tmp_path / "missing.pdf")
    with pytest.raises(errors.NotADocumentError, match="folder; give it to predict_all"):
        open_document(tmp_path)
    with pytest.raises(errors.SourceNotFoundError, match="does not exist; predict_all takes globs"):
        open_document(tmp_path / "*.pdf")
    with pytest.raises(errors.UsageError, match=r"type list is not supported.*predict_all takes several paths"):
        open_document([tmp_path])


def bad_page(kind):
    data = make_pdf(3)
    pdf = pypdfium2.PdfDocument(data)
    page = pdf[1]
    {
        "huge": lambda: page.set_mediabox(0, 0, 20_000, 300),
        "flat": lambda: page.set_mediabox(0, 0, 0, 300),
        "cropped": lambda: page.set_cropbox(400, 400, 500, 500),
    }[kind]()
    page.close()
    stream = io.BytesIO()
    pdf.save(stream)
    pdf.close()
    return stream.getvalue()


@pytest.mark.parametrize(("kind", "message"), [("huge", "20000 x 300"), ("flat", "no area"), ("cropped", "no area")])
def test_page_size(kind, message):
    with open_document(bad_page(kind)) as document:
        assert document.numbers == [1, 2, 3]
        with pytest.raises(errors.PageSizeError, match=rf"page 2 .*{message}"):
            document.load(2)
        assert [len(document.load(number).words()) for number in (1, 3)] == [1, 3]


def test_broken_page_does_not_stop_the_others():
    data = make_pdf(3)
    at = [index for index in range(len(data)) if data.startswith(b"/Type /Page\n", index)]
    broken = data[: at[1]] + b"/Type /Pagx\n" + data[at[1] + 12 :]
    with open_document(broken) as document:
        with pytest.raises(errors.DamagedFileError, match="page 2"):
            document.load(2)
        assert [len(document.load(number).words()) for number in (1, 3)] == [1, 3]


def test_largest_page():
    assert open_document(make_pdf(size=(14_400, 100))).load(1).render(100).shape == (1, 100, 3)


# --- text layer ------------------------------------------------------------------------------------------------------


def text_pdf(draw, size=(300, 200)):
    stream = io.BytesIO()
    canvas = Canvas(stream, pagesize=size)
    canvas.setFont("Helvetica", 12)
    draw(canvas)
    canvas.save()
    return stream.getvalue()


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
@pytest.mark.parametrize("crop", [None, (20, 30, 280, 170)])
@pytest.mark.parametrize("origin", [(0, 0), (-50, 70)])
def test_words_lie_on_their_ink(rotation, crop, origin):
    def place(page):
        x, y = origin
        page.set_mediabox(x, y, x + 300, y + 200)
        if crop:
            page.set_cropbox(x + crop[0], y + crop[1], x + crop[2], y + crop[3])
        page.set_rotation(rotation)

    page = open_document(
        edit_pdf(text_pdf(lambda c: c.drawString(110 + origin[0], 60 + origin[1], "Hxdp")), place)
    ).load(1)
    width, height = (260, 140) if crop else (300, 200)
    assert (page.width, page.height) == ((width, height) if rotation in (0, 180) else (height, width))
    words = page.words()
    assert words.shape == (1, 4) and words.dtype == np.float32
    scale = 10
    ink = ink_box(page.render(round(max(page.width, page.height) * scale))) / scale
    np.testing.assert_allclose(words[0], ink, atol=0.35)


def test_each_word_has_its_box():
    def draw(canvas):
        canvas.drawString(20, 150, "Supply voltage  range")
        canvas.drawString(20, 100, "   ")
        canvas.saveState()
        canvas.translate(250, 40)
        canvas.rotate(90)
        canvas.drawString(0, 0, "upright")
        canvas.restoreState()

    words = open_document(text_pdf(draw)).load(1).words()
    assert len(words) == 4
    assert (np.diff(words[:3, 0]) > 0).all() and (words[1:3, 0] > words[:2, 2]).all()
    assert words[3, 3] - words[3, 1] > 3 * (words[3, 2] - words[3, 0])


def test_words_in_form_xobjects():
    def draw(canvas):
        canvas.beginForm("stamp")
        canvas.drawString(0, 0, "inner")
        canvas.endForm()
        canvas.translate(100, 100)
        canvas.doForm("stamp")

    np.testing.assert_allclose(open_document(text_pdf(draw)).load(1).words()[0, :2], [101, 91], atol=1.5)


@pytest.mark.parametrize(("mode", "seen"), [(0, 1), (1, 1), (2, 1), (3, 0)])
def test_invisible_text_is_left_out(mode, seen):
    def draw(canvas):
        text = canvas.beginText(20, 100)
        text.setTextRenderMode(mode)
        text.textOut("recognized")
        canvas.drawText(text)

    assert len(open_document(text_pdf(draw)).load(1).words()) == seen


def test_words_outside_the_page_are_cut_or_left_out():
    def draw(canvas):
        canvas.drawString(400, 100, "outside")
        canvas.drawString(290, 100, "across")

    words = open_document(text_pdf(draw)).load(1).words()
    assert len(words) == 1 and words[0, 2] == 300


def test_scanned_page_has_no_words():
    def draw(canvas):
        canvas.drawImage(ImageReader(Image.open(io.BytesIO(bar_image()))), 0, 0, 300, 200)

    page = open_document(text_pdf(draw)).load(1)
    assert page.words().shape == (0, 4) and page.render(60)[:8].max() < 100


# --- threads and memory ----------------------------------------------------------------------------------------------


def test_rendering_thread_beside_the_main_thread():
    data = make_pdf(12)
    expected = [open_document(data).load(number).render(200) for number in range(1, 13)]
    drawn = {}

    def draw():
        with open_document(data) as document:
            for number in document.numbers:
                drawn[number] = document.load(number).render(200)

    thread = threading.Thread(target=draw)
    thread.start()
    while thread.is_alive():
        words = [len(open_document(data).load(number).words()) for number in (1, 12)]
        gc.collect()
        assert words == [1, 12]
    thread.join()
    assert all(np.array_equal(drawn[number], image) for number, image in enumerate(expected, 1))


def scan_pdf(path, pages):
    """Pages that each have an image of their own, 0.5 MB of which pdfium would keep."""
    noise = np.random.default_rng(0).integers(0, 255, (600, 600, 3), np.uint8)
    jpeg = encode(Image.fromarray(noise), "JPEG", quality=95)
    pdf = pypdfium2.PdfDocument.new()
    for _ in range(pages):
        image = pypdfium2.PdfImage.new(pdf)
        image.load_jpeg(io.BytesIO(jpeg), inline=True)
        image.set_matrix(pypdfium2.PdfMatrix().scale(300, 200))
        page = pdf.new_page(300, 200)
        page.insert_obj(image)
        page.gen_content()
        page.close()
    pdf.save(path)
    pdf.close()


linux = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
MEASURE = """
import sys
from doclayout.document import open_document
def peak():
    return int(open("/proc/self/status").read().split("VmHWM:")[1].split()[0]) / 1024
with open_document(sys.argv[1]) as document:
    for number in document.numbers:
        page = document.load(number)
        page.render(320)
        page.words()
        page.close()
        if number == len(document.numbers) // 2:
            half = peak()
print(half, peak())
"""


def measure_peak(path: Path) -> tuple[float, float]:
    """Peak memory in MB after half the pages and after all, in a fresh process."""
    output = subprocess.run([sys.executable, "-c", MEASURE, str(path)], check=True, capture_output=True, text=True)
    half, full = output.stdout.split()
    return float(half), float(full)


@linux
def test_memory_does_not_grow_with_scanned_pages(tmp_path):
    scan_pdf(tmp_path / "scan.pdf", 300)
    half, full = measure_peak(tmp_path / "scan.pdf")
    assert full - half < 30 and full < 700


@linux
@pytest.mark.slow
@pytest.mark.parametrize("kind", ["text", "scan"])
def test_memory_of_a_thousand_pages(tmp_path, kind):
    path = tmp_path / "long.pdf"
    if kind == "scan":
        scan_pdf(path, 1000)
    else:
        path.write_bytes(make_pdf(1000))
    half, full = measure_peak(path)
    assert full - half < 30 and full < 700


def exif(orientation):
    """EXIF with an orientation, and a unit of resolution that Pillow reads but cannot write: a signed number, -1."""
    entries = struct.pack("<HHIHHHHIi", 0x112, 3, 1, orientation, 0, 0x128, 9, 1, -1)
    return b"Exif\0\0" + struct.pack("<2sHIH", b"II", 42, 8, 2) + entries + struct.pack("<I", 0)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_images_are_upright_whatever_else_their_exif_holds(orientation):
    image, tags = Image.fromarray(gradient()), Image.Exif()
    tags[0x112] = orientation
    plain, odd = (encode(image, "JPEG", quality=100, exif=data) for data in (tags.tobytes(), exif(orientation)))
    expected = np.asarray(ImageOps.exif_transpose(Image.open(io.BytesIO(plain))))
    with open_document(odd) as document:
        page = document.load(1)
        assert np.array_equal(page.render(round(max(page.width, page.height))), expected)


@pytest.mark.parametrize("size", [(0, 10), (10, 0), (0, 0)])
def test_pillow_images_without_pixels(size):
    with pytest.raises(errors.PageSizeError, match="has no pixels"):
        open_document(Image.new("RGB", size))


@pytest.mark.parametrize("source", [".", "*.png", "~a.png"])
def test_names_that_begin_with_a_tilde(source, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("~a.png").write_bytes(encode(Image.fromarray(gradient()), "PNG"))
    (path,) = find_documents(source)
    assert path == Path("~a.png")
    with open_document(path) as document, open_document("~a.png") as typed:
        assert document.load(1).width == typed.load(1).width == 60


def test_linked_folders_are_searched_once(tmp_path):
    (tmp_path / "in" / "sub").mkdir(parents=True)
    (tmp_path / "else").mkdir()
    for path in (tmp_path / "in" / "sub" / "a.pdf", tmp_path / "else" / "b.pdf"):
        path.write_bytes(b"x")
    (tmp_path / "in" / "link").symlink_to(tmp_path / "else")
    (tmp_path / "in" / "sub" / "round").symlink_to(tmp_path / "in")
    assert [path.name for path in find_documents(tmp_path / "in")] == ["b.pdf", "a.pdf"]


def test_home_folders_that_are_not_there():
    with pytest.raises(errors.SourceNotFoundError, match="does not exist"):
        find_documents("~no-such-user/x.pdf")


@pytest.mark.parametrize("source", ["*", "**/*.png", "s*"])
def test_results_are_not_found_by_globs(source, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("sheets/a.png", "sheets/out/a-p1.png"):
        Path(name).parent.mkdir(exist_ok=True)
        Path(name).write_bytes(b"x")
    assert list(find_documents(source, without="sheets/out")) == [Path("sheets/a.png")]
    assert list(find_documents("sheets/out/*.png", without="sheets/out")) == [Path("sheets/out/a-p1.png")]


@pytest.mark.parametrize("kind", ["pdf", "png"])
def test_a_file_that_has_changed_or_gone_is_not_read_again(kind, tmp_path):
    path = tmp_path / f"a.{kind}"
    first, second = (make_pdf(pages) if kind == "pdf" else encode(Image.fromarray(gradient(40, 50 + pages)), "PNG")
                     for pages in (1, 2))  # fmt: skip
    path.write_bytes(first)
    with open_document(path) as document:
        page = document.load(1)
        page.close()
    path.write_bytes(second)
    with pytest.raises(errors.InputError, match="has changed since it was opened"):
        page.render(40)
    path.unlink()
    with pytest.raises(errors.InputError, match="cannot be read: No such file") as caught:
        page.render(40)
    assert not isinstance(caught.value, errors.DamagedFileError)


@pytest.mark.parametrize("kind", ["huge", "missing"])
def test_an_error_that_is_kept_keeps_no_file_open(kind):
    def alive():
        gc.collect()
        return sum(type(thing) is pypdfium2.PdfDocument for thing in gc.get_objects())

    before = alive()
    data = bad_page("huge") if kind == "huge" else make_pdf(3).replace(b"/Type /Page\n", b"/Type /Pagy\n")
    with open_document(data) as document, pytest.raises(errors.InputError) as caught:
        document.load(2)
    assert caught.value is not None and alive() == before


def test_the_file_of_an_error_that_is_dropped_is_closed_under_the_lock(monkeypatch):
    held, close = [], pypdfium2.raw.FPDF_CloseDocument

    def watched(*arguments):
        held.append(PDFIUM_LOCK._is_owned())
        return close(*arguments)

    monkeypatch.setattr(pypdfium2.raw, "FPDF_CloseDocument", watched)
    with pytest.raises(errors.DamagedFileError, match="its end is missing") as caught:
        open_document(CUT)
    del caught
    gc.collect()
    assert held == [True]


@pytest.mark.parametrize("name", ["a.png", "a.pdf"])
def test_pages_outlive_a_change_of_folder(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    Path(name).write_bytes(make_pdf() if name == "a.pdf" else encode(Image.fromarray(gradient()), "PNG"))
    page = open_document(name).load(1)
    before = page.render(64)
    page.close()
    monkeypatch.chdir("/")
    assert np.array_equal(page.render(64), before)


def test_few_files_are_open_at_once(tmp_path, monkeypatch):
    monkeypatch.setattr("doclayout._pdf._MOST_OPEN", 2)
    documents = []
    for k in range(5):
        (tmp_path / f"{k}.pdf").write_bytes(make_pdf(k + 1))
        documents.append(open_document(tmp_path / f"{k}.pdf"))
    pages = [document.load(1) for document in documents]
    for page in pages:
        page.close()
    assert sum(document._source._pdf is not None for document in documents) <= 2
    for k, document in enumerate(documents):
        page = document.load(k + 1)
        assert len(page.words()) == k + 1
        document.close()


@pytest.mark.parametrize("find", [open_document, find_documents])
def test_paths_that_no_file_can_have(find):
    with pytest.raises(errors.SourceNotFoundError, match="does not exist"):
        find("a\0b.pdf")


def test_an_empty_text_is_no_folder():
    with pytest.raises(errors.SourceNotFoundError, match=r"write \. for the current folder"):
        find_documents("")


@pytest.mark.parametrize("pages", [np.int64(2), np.array([2]), [np.int32(2)]])
def test_page_numbers_of_numpy(pages):
    assert select_pages(pages, 3) == [2]


def test_a_pipe_is_no_document(tmp_path):
    os.mkfifo(tmp_path / "a.pdf")
    with pytest.raises(errors.NotADocumentError, match="pipe"):
        open_document(tmp_path / "a.pdf")


def test_globs_do_not_follow_links_that_lead_back_up(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "x.pdf").write_bytes(b"%PDF")
    (tmp_path / "a" / "y.pdf").symlink_to(tmp_path / "a" / "x.pdf")
    (tmp_path / "a" / "up").symlink_to(tmp_path)
    found = find_documents(str(tmp_path / "**" / "*.pdf"))
    assert [path.relative_to(tmp_path).as_posix() for path in found] == ["a/x.pdf", "a/y.pdf"]
