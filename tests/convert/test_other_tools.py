"""Data sets as other tools write them."""

from __future__ import annotations

import json
import re
from contextlib import nullcontext

import pytest
from PIL import Image
from pypdfium2 import PdfDocument
from reportlab.pdfgen.canvas import Canvas

from doclayout.convert.labels import Label, LabelledPage, LabelSet, check_frame
from doclayout.document import open_document
from doclayout.errors import BoxError, LabelFileError, MissingImageError
from tests.convert.conftest import assert_same, read, written
from tests.convert.test_bad_input import edit

SIDEWAYS = Image.Exif()
SIDEWAYS[0x0112] = 6


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("train: images/train", "train: ../images/train"),
        ("val: images/val", "validation: images/val"),
        ("  0: text", "  '0': text"),
    ],
    ids=["beside", "validation", "quoted"],
)
def test_yolo_of_roboflow_and_ultralytics(old, new, data, tmp_path):
    edit(written(data, "yolo", tmp_path) / "data.yaml", old, new)
    assert_same(read("yolo", tmp_path), data)


@pytest.mark.parametrize("line", ["./images/{}/{}", "images/{}/{}", "{folder}/images/{}/{}"])
def test_yolo_of_lists_of_images(line, data, tmp_path):
    folder = written(data, "yolo", tmp_path)
    for split in ("train", "val"):
        names = [page.name for page in data.pages if page.split == split]
        lines = [line.format(split, name, folder=folder) for name in names]
        (folder / f"{split}.txt").write_text("\n".join([*lines, ""]))
        edit(folder / "data.yaml", f"images/{split}", f"{split}.txt")
    assert_same(read("yolo", tmp_path), data)
    (folder / "images" / "train" / "a.png").unlink()
    with pytest.raises(MissingImageError, match=r"train\.txt: there is no image .*a\.png"):
        read("yolo", tmp_path)


def test_yolo_of_outlines(data, tmp_path):
    folder = written(data, "yolo", tmp_path)
    text = folder / "labels" / "train" / "sub" / "b.txt"
    assert len(text.read_text().split()) == 5
    (x0, y0, x1, y1), (width, height) = data.pages[1].labels[0].bbox, (90, 70)
    corners = (x0, (y0 + y1) / 2), ((x0 + x1) / 2, y1), (x1, y0)
    text.write_text(" ".join(["0", *(f"{x / width:.10f} {y / height:.10f}" for x, y in corners)]))
    assert_same(read("yolo", tmp_path), data)
    text.write_text("0 0.1 0.2 0.3 0.4 0.5 0.6 0.7")
    with pytest.raises(LabelFileError, match="line 1 is"):
        read("yolo", tmp_path)


def test_yolo_of_labelimg_lists_classes_among_labels(data, tmp_path):
    (written(data, "yolo", tmp_path) / "labels" / "train" / "classes.txt").write_text("text\ntable\n")
    assert_same(read("yolo", tmp_path), data)


@pytest.mark.parametrize("filename", ["", "<filename>a</filename>"])
def test_voc_names_an_image_by_its_stem(filename, data, tmp_path):
    edit(written(data, "voc", tmp_path) / "Annotations" / "train" / "a.xml", "<filename>a.png</filename>", filename)
    assert_same(read("voc", tmp_path), data)


@pytest.mark.parametrize("filename", ["a", "a.png"])
def test_voc_with_blanks_that_mean_nothing(filename, data, tmp_path):
    folder = written(data, "voc", tmp_path)
    edit(folder / "Annotations" / "train" / "a.xml", ">a.png<", f">\n  {filename}  \n<")
    for file in (folder / "ImageSets" / "Main").iterdir():
        file.write_bytes(b"".join(b" %s \r\n\r\n" % line for line in file.read_bytes().splitlines()))
    (folder / "ImageSets" / "Main" / "text_train.txt").write_text("train/a  1 \ntrain/sub/b -1 \n")
    assert_same(read("voc", tmp_path), data)


def test_coco_of_windows(data, tmp_path):
    edit(written(data, "coco", tmp_path) / "train" / "annotations.json", "images/sub/b", r"images\\\\sub\\\\b")
    assert_same(read("coco", tmp_path), data)


def test_label_studio_with_separate_rectangles_and_labels(data, tmp_path):
    path = written(data, "labelstudio", tmp_path) / "tasks.json"
    tasks = json.loads(path.read_text())
    for task in tasks:
        for item in list(task["annotations"][0]["result"]):
            value = dict(item["value"])
            item |= {"type": "labels", "value": {**value, "labels": value.pop("rectanglelabels")}}
            task["annotations"][0]["result"].append({**item, "type": "rectangle", "value": value})
    path.write_text(json.dumps(tasks))
    assert_same(read("labelstudio", tmp_path), data)


def one_page(file, width, height, box=(0, 0, 20, 10), number=1):
    return LabelSet("one", ("text",), (LabelledPage(file, file.name, width, height, (Label("text", box),), number),))


@pytest.mark.parametrize("compression", [None, "tiff_lzw"])
def test_sizes_of_turned_images_are_those_shown(compression, tmp_path):
    Image.new("L", (100, 80), 200).save(tmp_path / "a.tif", exif=SIDEWAYS, compression=compression)
    folder = written(one_page(tmp_path / "a.tif", 80, 100), "yolo", tmp_path / "yolo")
    (png,) = folder.rglob("*.png")
    Image.new("L", (100, 80), 200).save(png.with_suffix(".tif"), exif=SIDEWAYS, compression=compression)
    png.unlink()
    (page,) = read("yolo", folder).pages
    assert (page.width, page.height, page.labels[0].bbox) == (80, 100, pytest.approx((0, 0, 20, 10)))


def test_boxes_of_a_picture_before_it_was_turned_are_told(tmp_path):
    Image.new("L", (100, 80), 200).save(tmp_path / "a.jpg", exif=SIDEWAYS)
    with pytest.raises(BoxError, match=r"a\.jpg: boxes are in a frame of 100 x 80, .* shown turned, 80 x 100"):
        written(one_page(tmp_path / "a.jpg", 100, 80), "voc", tmp_path / "voc")
    written(one_page(tmp_path / "a.jpg", 40, 50), "coco", tmp_path / "coco")


@pytest.mark.parametrize("pages", [1, 2])
@pytest.mark.parametrize("name", ["coco", "yolo"])
def test_boxes_of_a_pdf_page_before_it_was_turned_are_told(name, pages, tmp_path):
    pdf = PdfDocument.new()
    for _ in range(pages):
        pdf.new_page(612, 792).set_rotation(90)
    pdf.save(tmp_path / "a.pdf")
    with pytest.raises(BoxError, match=r"a\.pdf: boxes are in a frame of 612 x 792, .* shown turned, 792 x 612"):
        written(one_page(tmp_path / "a.pdf", 612, 792), name, tmp_path / "stored")
    written(one_page(tmp_path / "a.pdf", 1584, 1224), name, tmp_path / "shown")


def test_boxes_of_a_frame_of_a_tiff_before_it_was_turned_are_told(tmp_path):
    Image.new("L", (100, 80), 200).save(tmp_path / "a.tif", exif=SIDEWAYS)
    with pytest.raises(BoxError, match="shown turned, 80 x 100"):
        written(one_page(tmp_path / "a.tif", 100, 80), "coco", tmp_path / "coco")


@pytest.mark.parametrize(
    ("frame", "shown", "turned"),
    [
        ((612, 792), (792, 612), True),
        ((306, 396), (1100, 850), True),
        ((595, 842), (841.89, 595.276), True),
        ((612, 792), (612, 792), False),
        ((595, 842), (1190.55, 1683.78), False),
        ((1000, 1000), (792, 612), False),
        ((64, 64), (64, 64), False),
        ((400.5, 400), (400, 400.5), False),
        ((1000, 800), (612, 792), False),
    ],
)
def test_only_swapped_sides_are_taken_for_turned(frame, shown, turned):
    with pytest.raises(BoxError, match="shown turned") if turned else nullcontext():
        check_frame("a", frame, shown)


def test_an_image_by_the_name_of_a_pdf_is_drawn(tmp_path):
    file = tmp_path / "a.pdf"
    frames = [Image.new("L", (60, 80), value) for value in (10, 250)]
    frames[0].save(file, "TIFF", save_all=True, append_images=frames[1:])
    (page,) = read("coco", written(one_page(file, 60, 80, number=2), "coco", tmp_path / "coco")).pages
    assert re.fullmatch(r"a-p2\.png", page.name)
    assert open_document(page.file).load(1).render(80).mean() == 250


def test_fields_of_forms_stay_on_pages_cut_out(tmp_path):
    file = tmp_path / "form.pdf"
    canvas = Canvas(str(file), pagesize=(100, 100))
    for checked in (False, True):
        canvas.acroForm.checkbox(x=20, y=20, size=60, checked=checked, name=f"box{checked}")
        canvas.showPage()
    canvas.save()
    (page,) = read("coco", written(one_page(file, 100, 100, number=2), "coco", tmp_path / "coco")).pages
    whole, cut = (open_document(path).load(number).render(100) for path, number in ((file, 2), (page.file, 1)))
    assert (whole < 100).sum() > 1000
    assert abs((whole < 100).sum() - (cut < 100).sum()) < 0.05 * (whole < 100).sum()
