import json
import os

import numpy as np
import pytest
from PIL import Image

from doclayout import cache
from doclayout.errors import SynthError
from doclayout.schema import load_schema
from synth.layouts.recompose import Recomposer
from synth.pool import load_pool
from synth.recipe import make_recipe

from .conftest import NAMES, PAGES, write_pool


def test_pages_hold_boxes_classes_and_paper(pool):
    assert [len(page.boxes) for page in pool.pages] == [len(elements) for elements in PAGES]
    assert [page.tone for page in pool.pages] == [(255, 255, 255), (255, 255, 255), (230, 230, 230)]
    assert pool.pages[0].doc == "d1"
    first = pool.pages[0]
    assert first.boxes[0].tolist() == [60, 40, 920, 64]
    assert pool.schema.names[first.class_ids[0]] == "header"
    assert pool.image(2).shape == (1280, 989, 3)


def test_crop_is_the_element(pool):
    crop, corner = pool.crop(0, pool.pages[0].boxes[2].tolist())
    assert corner == (59, 123)
    assert crop.shape == (82, 402, 3)
    assert crop[0].min() == 255 and crop[1, 1].tolist() == [30, 30, 30]


def test_a_changed_page_is_another_pool(tmp_path):
    folder = write_pool(tmp_path / "data")
    before = load_pool(folder)
    assert load_pool(folder).digest == before.digest
    page = folder / "images" / "page1.png"
    page.write_bytes(page.read_bytes() + b" ")
    assert load_pool(folder).digest != before.digest


def test_a_later_page_of_a_file_is_the_one_that_is_cut(tmp_path):
    folder = write_pool(tmp_path / "data", PAGES[:2])
    first, second = (Image.open(folder / "images" / f"page{number}.png") for number in (1, 2))
    first.save(folder / "images" / "both.tif", save_all=True, append_images=[second])
    coco = json.loads((folder / "annotations.json").read_text())
    coco["images"][0]["file_name"] = "both.tif"
    coco["images"][1] |= {"file_name": "both.tif", "page": 2}
    (folder / "annotations.json").write_text(json.dumps(coco))
    pool = load_pool(folder)
    assert (pool.image(1) == load_pool(write_pool(tmp_path / "plain", PAGES[:2])).image(1)).all()
    assert (pool.image(0) != pool.image(1)).any()


def test_rasters_follow_the_long_side(pool_dir):
    small = load_pool(pool_dir, long_side=640)
    assert (small.pages[0].width, small.pages[0].height) == (494, 640)
    assert np.allclose(small.pages[0].boxes[0], [30, 20, 460, 32], atol=0.5)


def test_rasters_of_long_ago_make_room_in_the_default_cache_alone(tmp_path, monkeypatch):
    monkeypatch.setenv("DOCLAYOUT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setitem(cache.LIMITS, "pools", 0)
    load_pool(write_pool(tmp_path / "a"))
    load_pool(write_pool(tmp_path / "b"))
    assert len(list((tmp_path / "cache" / "pools").glob("*.rgb"))) == 1
    again = load_pool(tmp_path / "a")  # its index is there, its raster is not
    assert again.image(0).shape == (1280, 989, 3)
    load_pool(tmp_path / "a", cache=tmp_path / "own"), load_pool(tmp_path / "b", cache=tmp_path / "own")
    assert len(list((tmp_path / "own").glob("*.rgb"))) == 2


def test_second_load_reads_the_cache(pool_dir, tmp_path):
    first = load_pool(pool_dir, cache=tmp_path)
    times = {path.name: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    second = load_pool(pool_dir, cache=tmp_path)
    assert {path.name: path.stat().st_mtime_ns for path in tmp_path.iterdir()} == times
    assert np.array_equal(first.banks[0], second.banks[0]) and len(times) == 2


def edited(folder, change):
    write_pool(folder)
    coco = json.loads((folder / "annotations.json").read_text())
    change(coco)
    (folder / "annotations.json").write_text(json.dumps(coco))


@pytest.mark.parametrize(
    "change, message",
    [
        (lambda c: c.update(annotations=[]), "has no elements"),
        (lambda c: c["categories"].append({"id": 99, "name": "coffee_stain"}), "coffee_stain"),
        (lambda c: c.pop("images"), "is not a COCO annotation file"),
        (lambda c: c["images"][0].update(file_name="gone.png"), r"there is no gone\.png"),
        (lambda c: c["images"][0].pop("file_name"), "it needs file_name"),
        (lambda c: c["annotations"][0].update(image_id=99), "has image 99"),
        (lambda c: c["annotations"][0].update(category_id=99), "category 99"),
        (lambda c: c["annotations"][0].update(bbox=[60, 40, 0, 64]), "left < right"),
        (lambda c: c["annotations"][0].update(bbox=[1060, 40, 20, 64]), "leaves its page"),
        (lambda c: [item.update(iscrowd=1) for item in c["annotations"]], "has no elements"),
    ],
)
def test_bad_pools(tmp_path, change, message):
    edited(tmp_path / "bad", change)
    with pytest.raises(SynthError, match=message):
        load_pool(tmp_path / "bad", cache=tmp_path / "cache")
    assert not [path for path in (tmp_path / "cache").glob("*")]


def turn_first_page(folder):
    """Have the first page shown turned, with its boxes left as they are."""
    exif = Image.Exif()
    exif[0x0112] = 6
    file = folder / "images" / "page1.png"
    Image.open(file).save(file, exif=exif)


def test_boxes_of_a_page_before_it_was_turned_are_told(tmp_path):
    turn_first_page(write_pool(tmp_path / "pool"))
    with pytest.raises(SynthError, match=r"page1\.png: boxes are in a frame of 989 x 1280, .* shown turned"):
        load_pool(tmp_path / "pool", cache=tmp_path / "cache")
    assert not list((tmp_path / "cache").iterdir())


def test_crowds_are_left_out(tmp_path):
    edited(tmp_path / "pool", lambda coco: coco["annotations"][0].update(iscrowd=1))
    assert [len(page.boxes) for page in load_pool(tmp_path / "pool", cache=tmp_path / "cache").pages] == [
        len(elements) - (page == 0) for page, elements in enumerate(PAGES)
    ]


@pytest.mark.parametrize("key", ["doc", "source"])
def test_a_page_knows_its_document(tmp_path, key):
    edited(tmp_path / "pool", lambda coco: [image.update({key: image.pop("doc")}) for image in coco["images"]])
    pages = load_pool(tmp_path / "pool", cache=tmp_path / "cache").pages
    assert [page.doc for page in pages] == [f"d{number}" for number in range(1, len(PAGES) + 1)]


def test_no_pool_and_no_json(tmp_path):
    with pytest.raises(SynthError, match="no pool at"):
        load_pool(tmp_path / "nowhere")
    (tmp_path / "annotations.json").write_text("{")
    with pytest.raises(SynthError, match="is not a COCO annotation file"):
        load_pool(tmp_path)


def test_a_pool_that_changed_is_read_anew(tmp_path):
    edited(tmp_path / "pool", lambda coco: None)
    names = []
    for name in ("text", "table"):
        coco = json.loads((tmp_path / "pool" / "annotations.json").read_text())
        coco["categories"] = [{"id": i, "name": n} for i, n in enumerate(NAMES)]
        kind = next(c["id"] for c in coco["categories"] if c["name"] == name)
        for item in coco["annotations"]:
            item["category_id"] = kind
        (tmp_path / "pool" / "annotations.json").write_text(json.dumps(coco))
        page = make_recipe(1, "bestfit", 0, tmp_path / "pool", imgsz=320, min_count=0).page(0)
        names.append({load_schema().names[k] for k in page.class_ids})
    assert names == [{"text"}, {"table"}]


def test_a_pool_without_a_body_cannot_be_recomposed(tmp_path):
    pages = [[("header", (60, 40, 860, 24)), ("title", (60, 100, 600, 60))]]
    pool = load_pool(write_pool(tmp_path / "pool", pages))
    with pytest.raises(SynthError, match="titles alone"):
        Recomposer(pool)


def test_failed_cache_leaves_nothing(pool_dir, tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr("synth.pool._paper", full)
    with pytest.raises(SynthError, match="No space left"):
        load_pool(pool_dir, cache=tmp_path)
    assert not list(tmp_path.iterdir())
