import json

import numpy as np
import pytest
from PIL import Image
from pypdfium2 import PdfDocument

from doclayout.cli import main
from doclayout.errors import BoxError, DatasetError, UsageError
from doclayout.schema import Schema, load_schema
from doclayout.train.validate import load_truth, validate
from tests.train.conftest import NAMES, SIZES, TONES, coco_of, draw, elements_of


class ToneDetector:
    """Finds the elements of the drawn pages by their tone, each twice: again with a lower score."""

    name, imgsz, thresholds = "tones", 256, None
    schema = Schema.of_names("drawn", NAMES)

    def __call__(self, images):
        rows = np.zeros((len(images), 6, 6), np.float32)
        for page, image in zip(rows, images, strict=True):
            for label, tone in enumerate(TONES):
                ys, xs = np.nonzero(np.abs(image[..., 0].astype(int) - tone) < 25)
                box = (xs.min(), ys.min(), xs.max() + 1, ys.max() + 1)
                page[label] = (*box, 0.9, label)
                page[3 + label] = (*box, 0.5, label)
        return rows


def test_truth_in_the_detectors_classes(coco_data):
    files, truth = load_truth(coco_data, "val", ToneDetector.schema)
    assert [file[-5:] for file in files] == ["0.png", "1.png", "2.png"]
    assert [(image["height"], image["width"]) for image in truth["images"]] == SIZES[:3]
    assert [c["name"] for c in truth["categories"]] == list(NAMES)
    expected = [(label, *box) for i in range(3) for label, *box in elements_of(i, SIZES[i])]
    found = [(item["category_id"], *item["bbox"]) for item in truth["annotations"]]
    np.testing.assert_allclose(found, expected, atol=1e-3)
    assert [item["area"] for item in truth["annotations"]] == pytest.approx([w * h for *_, w, h in expected])


@pytest.mark.parametrize("kind", ["coco", "yolo"])
def test_perfect_detector_scores_one(kind, coco_data, yolo_data, tmp_path, capsys):
    data = coco_data if kind == "coco" else yolo_data
    result = validate(ToneDetector(), data, "val", tmp_path / "out", imgsz=256, refine=False)
    for stage in ("before", "after"):
        assert result[stage]["AP"] == pytest.approx(1, abs=0.05)
        assert set(result[stage]["classes"]) == set(NAMES)
    assert json.loads((tmp_path / "out" / "metrics.json").read_text())["after"] == result["after"]
    found = json.loads((tmp_path / "out" / "predictions.json").read_text())
    assert len(found) == 3 * (3 if kind == "coco" else 2), "duplicates are cleaned up"
    assert set(found[0]) == {"image_id", "category_id", "bbox", "score"}
    out = capsys.readouterr().out
    assert "| AP | " in out and "| table | " in out


def test_duplicates_cost_nothing_after_cleaning(coco_data, tmp_path):
    plain = validate(ToneDetector(), coco_data, "val", tmp_path, imgsz=256, refine=False, clean=False)
    assert len(json.loads((tmp_path / "predictions.json").read_text())) == 18
    assert plain["before"] == plain["after"]


@pytest.mark.parametrize(
    ("names", "split", "words"),
    [(("text", "table"), "val", "has the classes"), (NAMES, "test", "must have the keys test")],
)
def test_data_that_does_not_fit(coco_data, tmp_path, names, split, words):
    detector = ToneDetector()
    detector.schema = Schema.of_names("drawn", names)
    with pytest.raises(DatasetError, match=words):
        validate(detector, coco_data, split, tmp_path)
    assert list(tmp_path.iterdir()) == []


def foreign_data(folder, schema, rename):
    """The drawn pages, labelled in the classes of a schema."""
    (folder / "val" / "images").mkdir(parents=True)
    elements = [elements_of(i, size) for i, size in enumerate(SIZES[:2])]
    for i, rows in enumerate(elements):
        Image.fromarray(draw(SIZES[i], rows)).save(folder / "val" / "images" / f"{i}.png")
    coco = coco_of(SIZES[:2], elements)
    for category in coco["categories"]:
        category["name"] = rename[category["name"]]
    (folder / "val" / "annotations.json").write_text(json.dumps(coco))
    (folder / "data.yaml").write_text(f"val: val/annotations.json\nschema: {schema}\n")
    return folder / "data.yaml"


@pytest.mark.parametrize(
    ("data", "measured", "rename", "found"),
    [
        # foreign ground truth, measured in its own classes
        ("doclaynet11", "doclaynet11", ("Text", "Table", "Picture"), {"Text", "Table", "Picture"}),
        # ours on both sides, measured in coarser classes
        ("datasheet21", "publaynet5", ("header", "pin_table", "flowchart"), {"table", "figure"}),
    ],
)
def test_measured_in_another_schema(data, measured, rename, found, tmp_path):
    class Ours(ToneDetector):
        schema = load_schema()

        def __call__(self, images):
            rows = super().__call__(images)
            ids = [self.schema.id_of(name) for name in NAMES]
            rows[..., 5] = np.take(ids, rows[..., 5].astype(int))
            return rows

    path = foreign_data(tmp_path, data, dict(zip(NAMES, rename, strict=True)))
    result = validate(Ours(), path, "val", tmp_path / "out", imgsz=256, refine=False, schema=measured)
    assert result["schema"] == measured
    assert set(result["after"]["classes"]) == found
    assert all(row["AP"] == pytest.approx(1, abs=0.1) for row in result["after"]["classes"].values())


def test_augment_counts_after_postprocessing_only(coco_data, tmp_path):
    """Three looks would find each box thrice before rivals are resolved."""

    class Counting(ToneDetector):
        looks = 0

        def __call__(self, images):
            self.looks += len(images)
            return super().__call__(images)

    looks, results = [], []
    for augment in (False, True):
        detector = Counting()
        results.append(validate(detector, coco_data, "val", tmp_path, imgsz=256, augment=augment))
        looks.append(detector.looks)
    assert looks == [6, 12]
    assert results[0]["before"] == results[1]["before"]
    assert results[0]["after"] != results[1]["after"]


def test_foreign_data_needs_a_mapping(tmp_path):
    path = foreign_data(tmp_path, "cdla10", dict(zip(NAMES, ("Text", "Table", "Figure"), strict=True)))
    with pytest.raises(DatasetError, match=r"has the classes Text, Title, .*; measured are drawn's"):
        validate(ToneDetector(), path, "val", tmp_path / "out")


def test_pages_without_labels_are_no_measure(yolo_data, tmp_path):
    (tmp_path / "images").mkdir()
    Image.fromarray(draw((100, 80), [])).save(tmp_path / "images" / "0.png")
    (tmp_path / "data.yaml").write_text("val: images\nnames: [text, table, figure]\n")
    with pytest.raises(DatasetError, match="label"):
        validate(ToneDetector(), tmp_path / "data.yaml", "val", tmp_path / "out")


def test_pages_that_cannot_be_read_are_named(tmp_path):
    (tmp_path / "val").mkdir()
    (tmp_path / "val" / "0.pdf").write_bytes(b"%PDF-1.7 cut short")
    image = {"id": 1, "file_name": "0.pdf", "width": 10, "height": 10}
    categories = [{"id": 1, "name": "text"}]
    label = {"id": 1, "image_id": 1, "category_id": 1, "bbox": [1, 1, 5, 5], "area": 25, "iscrowd": 0}
    coco = {"images": [image], "annotations": [label], "categories": categories}
    (tmp_path / "val" / "annotations.json").write_text(json.dumps(coco))
    (tmp_path / "data.yaml").write_text("val: val/annotations.json\nnames: [text, table, figure]\n")
    with pytest.raises(DatasetError, match=r"0\.pdf cannot be read"):
        validate(ToneDetector(), tmp_path / "data.yaml", "val", tmp_path / "out")


def turned_data(folder, suffix):
    """A drawn page that is shown turned, with boxes in the frame in which it is stored."""
    (folder / "val").mkdir(parents=True)
    rows = elements_of(0, SIZES[0])
    height, width = SIZES[0]
    if suffix == "pdf":
        pdf = PdfDocument.new()
        pdf.new_page(width, height).set_rotation(90)
        pdf.save(folder / "val" / "0.pdf")
    else:
        exif = Image.Exif()
        exif[0x0112] = 6
        Image.fromarray(draw(SIZES[0], rows)).save(folder / "val" / f"0.{suffix}", exif=exif)
    (folder / "val" / "annotations.json").write_text(json.dumps(coco_of(SIZES[:1], [rows], suffix)))
    (folder / "data.yaml").write_text("val: val/annotations.json\nnames: [text, table, figure]\n")
    return folder / "data.yaml"


class Nothing(ToneDetector):
    """Finds nothing."""

    def __call__(self, images):
        return np.zeros((len(images), 0, 6), np.float32)


@pytest.mark.parametrize("suffix", ["jpg", "pdf"])
def test_boxes_of_a_page_before_it_was_turned_are_told(suffix, tmp_path):
    with pytest.raises(BoxError, match=rf"0\.{suffix}: boxes are in a frame of 192 x 256, .* shown turned, 256 x 192"):
        validate(Nothing(), turned_data(tmp_path / "data", suffix), "val", tmp_path / "out")


def test_a_place_that_cannot_be_written_is_told_before_anything_is_detected(coco_data, tmp_path):
    class Unasked(ToneDetector):
        def __call__(self, images):
            pytest.fail("it detects")

    (tmp_path / "out").write_text("in the way")
    with pytest.raises(UsageError, match="out is no folder that results can be written to"):
        validate(Unasked(), coco_data, "val", tmp_path / "out")


def test_val_from_the_command_line(coco_data, onnx_weights, tmp_path, capsys):
    words = [f"data={coco_data.parent}", f"model={onnx_weights}", f"save_dir={tmp_path}", "imgsz=160", "threads=1"]
    assert main(["val", *words, "max_det=20"]) == 0
    metrics = json.loads((tmp_path / "metrics.json").read_text())
    assert (metrics["model"], metrics["images"], metrics["imgsz"]) == ("lively-n", 3, 160)
    assert "lively-n, 3 pages, imgsz 160" in capsys.readouterr().out
