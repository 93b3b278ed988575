import random

import numpy as np
import pytest
from torch.utils.data import DataLoader
from ultralytics.cfg import get_cfg

from doclayout import predict
from doclayout.errors import BoxError, DatasetError, MissingImageError, PageSizeError
from doclayout.train.data import PAPER, PageDataset, ShapeSampler, resolve_data
from tests.train.conftest import NAMES, SIZES, TONES

HYP = {"scale": 0.2, "translate": 0.05, "fliplr": 0.0, "mosaic": 0.0, "hsv_h": 0.0, "hsv_s": 0.0, "hsv_v": 0.0}


def dataset(data, split="train", augment=True, imgsz=128, **hyp):
    config = resolve_data(data)
    args = get_cfg(overrides={**HYP, **hyp})
    args.augmentations = []
    return PageDataset(
        img_path=config[split], imgsz=imgsz, batch_size=2, augment=augment, hyp=args, rect=not augment, cache=None,
        stride=32, pad=0.0, task="detect", data=config, fraction=1.0,
    )  # fmt: skip


def check_labels(sample, tolerance):
    """Compare each label of a sample with the pixels of its class's tone."""
    image = sample["img"].numpy().transpose(1, 2, 0)
    height, width = image.shape[:2]
    for (label,), (x, y, w, h) in zip(sample["cls"].tolist(), sample["bboxes"].tolist(), strict=True):
        ys, xs = np.nonzero(np.abs(image[..., 0].astype(int) - TONES[int(label)]) < 25)
        inside = (np.abs(xs / width - x) < w / 2 + 3 / width) & (np.abs(ys / height - y) < h / 2 + 3 / height)
        xs, ys = xs[inside], ys[inside]
        found = (xs.min(), ys.min(), xs.max() + 1, ys.max() + 1)
        expected = ((x - w / 2) * width, (y - h / 2) * height, (x + w / 2) * width, (y + h / 2) * height)
        np.testing.assert_allclose(found, expected, atol=tolerance)


@pytest.mark.parametrize("kind", ["coco", "yolo"])
def test_labels_follow_scaling_and_shifting(kind, coco_data, yolo_data):
    random.seed(0)
    pages = dataset(coco_data if kind == "coco" else yolo_data)
    widths = set()
    for _ in range(3):
        for i in range(len(pages)):
            sample = pages[i]
            check_labels(sample, 1.6)
            widths.add(round(float(sample["bboxes"][0, 2]), 3))
            assert sample["img"].shape[1:] == pages.canvas(i)
    assert len(widths) > 10, "pages must be scaled differently each time"


@pytest.mark.parametrize("kind", ["coco", "yolo"])
def test_validation_pages_are_what_predict_sees(kind, coco_data, yolo_data):
    pages = dataset(coco_data if kind == "coco" else yolo_data, "val", augment=False, multi_scale=0.5)
    for i, file in enumerate(pages.im_files):
        image = pages.load_image(i)[0]
        drawn = predict.draw(next(predict.jobs_of_files([file])), predict.Settings(imgsz=128))
        (look,) = drawn.looks
        box = look.box
        seen = look.canvas[box.top : box.top + box.inner[1], box.left : box.left + box.inner[0], ::-1]
        np.testing.assert_array_equal(image, seen)


@pytest.mark.parametrize("kind", ["coco", "yolo"])
def test_validation_pages_are_letterboxed(kind, coco_data, yolo_data):
    pages = dataset(coco_data if kind == "coco" else yolo_data, "val", augment=False)
    for i in range(len(pages)):
        sample = pages[i]
        check_labels(sample, 1.1)
        assert tuple(sample["ori_shape"]) == pages.shapes[pages.im_files[i]]
        assert sample["cls"].shape == (3, 1)


def test_frames_of_validation_pages_survive_sorting_by_shape(coco_data):
    pages = dataset(coco_data, "val", augment=False)
    assert [pages.im_files[i][-5] for i in range(3)] == ["2", "0", "1"], "wide pages come first"
    assert [pages.load_image(i)[1] for i in range(3)] == [SIZES[2], SIZES[0], SIZES[1]]


def test_pages_are_read_once_and_cached(coco_data, monkeypatch):
    from doclayout.train import pages as module

    first = dataset(coco_data)[0]
    monkeypatch.setattr(module, "open_document", lambda file: pytest.fail(f"{file} was read again"))
    assert dataset(coco_data)[0]["img"].shape == first["img"].shape


@pytest.mark.parametrize("augment", [True, False])
@pytest.mark.parametrize("error", [PageSizeError("page 1 cannot be drawn"), FileNotFoundError(2, "No such file")])
def test_a_page_that_cannot_be_read_is_named(coco_data, monkeypatch, error, augment):
    def fail(*_):
        raise error

    monkeypatch.setattr("doclayout.train.data.load_page", fail)
    pages = dataset(coco_data, augment=augment)
    with pytest.raises(MissingImageError) as caught:
        pages.load_image(0)
    assert str(caught.value) == f"{pages.im_files[0]}: {error}"


def test_batches_hold_pages_of_like_shape(coco_data):
    pages = dataset(coco_data)
    loader = DataLoader(pages, 2, sampler=ShapeSampler(pages, 2, 0), collate_fn=pages.collate_fn)
    batches = list(loader)
    assert sum(len(batch["img"]) for batch in batches) == 6
    assert sorted(tuple(batch["img"].shape[2:]) for batch in batches[:2]) == [(96, 128), (128, 96)], (
        "full ones come first"
    )
    for batch in batches:
        assert batch["batch_idx"].max() == len(batch["img"]) - 1
        assert len(batch["cls"]) == len(batch["bboxes"]) == len(batch["batch_idx"])


class Shapes:
    def __init__(self, *counts):
        self.all = [(32 * (k + 1), 32) for k, count in enumerate(counts) for _ in range(count)]

    def __len__(self):
        return len(self.all)

    def canvas(self, i):
        return self.all[i]


@pytest.mark.parametrize(("counts", "batch"), [((40, 20, 4), 4), ((7, 5), 4), ((3,), 8)])
def test_sampler_draws_each_page_once_in_runs_of_one_shape(counts, batch):
    pages = Shapes(*counts)
    sampler = ShapeSampler(pages, batch, 0)
    order = list(sampler)
    assert sorted(order) == list(range(len(pages)))
    assert len(sampler) == len(pages)
    runs = [order[i : i + batch] for i in range(0, len(order), batch)]
    mixed = [run for run in runs if len({pages.canvas(i) for i in run}) > 1]
    assert len(mixed) <= len(counts), "only what is left over of each shape is mixed"
    if len(pages) > batch:
        assert list(sampler) != order, "each pass has an order of its own"
    assert list(ShapeSampler(pages, batch, 0)) == order, "which depends on the seed alone"


def test_short_passes_go_through_all_pages():
    sampler = ShapeSampler(Shapes(10), 2, 0, size=4)
    assert len(sampler) == 4
    drawn = [index for _ in range(5) for index in sampler]
    assert sorted(drawn) == sorted(2 * list(range(10)))


def test_batches_of_changing_size_are_drawn_at_their_size(coco_data, monkeypatch):
    from doclayout.train import data

    random.seed(0)
    cached, load = set(), data.load_page
    monkeypatch.setattr(data, "load_page", lambda file, side: cached.add(side) or load(file, side))
    pages = dataset(coco_data, scale=0.0, translate=0.0, multi_scale=0.5)
    sampler = ShapeSampler(pages, 2, 0, multi_scale=0.5)
    assert sampler.sizes == [64, 96, 128, 160, 192]
    drawn = [list(sampler) for _ in range(20)]
    assert sorted(index for index, _ in drawn[0]) == list(range(len(pages)))
    assert {size for order in drawn for _, size in order} == set(sampler.sizes)
    for order in drawn:
        for i in range(0, len(order), 2):
            assert len({size for _, size in order[i : i + 2]}) == 1, "a batch has one size"
    plain = [pages[i] for i in range(len(pages))]
    for index, size in drawn[0]:
        sample = pages[index, size]
        assert max(sample["img"].shape) == size
        check_labels(sample, 1.6)
        np.testing.assert_allclose(sample["bboxes"][:, 3], plain[index]["bboxes"][:, 3], atol=0.05)
    assert max(pages[0]["img"].shape) == 128, "a page that asks for no size has the usual one"
    assert cached == {round(192 * 1.5)}, "the largest loses nothing either"
    again = ShapeSampler(pages, 2, 0, multi_scale=0.5)
    assert [list(again) for _ in range(20)] == drawn, "sizes too depend on the seed alone"


def test_collate_pads_with_paper_and_moves_labels(coco_data):
    pages = dataset(coco_data, augment=True)
    tall, wide = pages[0], pages[2]
    before = tall["bboxes"].clone()
    batch = pages.collate_fn([tall, wide])
    assert batch["img"].shape == (2, 3, 128, 128)
    assert (batch["img"][0, :, :, 96:] == PAPER).all()
    np.testing.assert_allclose(batch["bboxes"][:3, 0], before[:, 0] * 96 / 128, rtol=1e-5)
    np.testing.assert_allclose(batch["bboxes"][:3, 1], before[:, 1], rtol=1e-5)


def test_mosaic_takes_ultralytics_own_way(coco_data):
    sample = dataset(coco_data, mosaic=1.0)[0]
    assert sample["img"].shape == (3, 128, 128)


@pytest.mark.parametrize(("fraction", "count"), [(1.0, 6), (0.5, 3), (0.01, 1)])
def test_fraction(coco_data, fraction, count):
    config = resolve_data(coco_data)
    pages = PageDataset(
        img_path=config["train"], imgsz=64, batch_size=2, augment=False, hyp=get_cfg(), data=config, fraction=fraction,
        task="detect",
    )  # fmt: skip
    assert len(pages) == count


@pytest.mark.parametrize(("fraction", "count"), [(3, 3), (0.25, 2), (100, 8)])
def test_fraction_of_all_folders_together(yolo_data, fraction, count):
    config = resolve_data(yolo_data)
    pages = PageDataset(
        img_path=[config["train"], config["train"]], imgsz=64, batch_size=2, augment=False, hyp=get_cfg(), data=config,
        fraction=fraction, task="detect",
    )  # fmt: skip
    assert len(pages) == count


def test_a_yolo_data_set_is_found_from_its_own_folder_and_as_a_folder(yolo_data, monkeypatch):
    monkeypatch.chdir(yolo_data.parent)
    for data in ("data.yaml", ".", yolo_data.parent):
        pages = dataset(data, "train")
        assert len(pages) == 4
        assert all(len(label["cls"]) == 3 for label in pages.labels)


def test_data_may_be_a_folder(coco_data):
    config = resolve_data(coco_data.parent)
    assert config["nc"] == 21
    assert config["train"].endswith("train/annotations.json")


def test_data_yaml(coco_data):
    config = resolve_data(coco_data)
    assert (config["nc"], config["channels"], config["names"]) == (3, 3, dict(enumerate(NAMES)))
    assert config["val"] == str(coco_data.parent / "val" / "annotations.json")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (None, "no such file or folder"),
        ("", "must have the keys train, val"),
        ("train: a\n", "must have the keys train, val"),
        ("- 1\n", "must have the keys"),
        ("train: a: b: c", "is not YAML"),
        ("train: .\nval: .\nnames: {1: text, 2: table}\n", r"each id from 0 a name; they are {1: "),
        ("train: .\nval: .\nnames: text\n", "names must be a list, .*; they are 'text'"),
        ("train: .\nval: .\nnames: 5\n", "names must be a list"),
        ("train: .\nval: .\nnames: [text, table, text]\n", "class 'text' is there more than once"),
        ("train: 5\nval: [1]\n", "names .*5, which does not exist"),
        ("path: 5\ntrain: .\nval: .\n", "names .*5, which does not exist"),
        ("train: nowhere\nval: nowhere\n", "names .*nowhere, which does not exist"),
        ("path:\ntrain: nowhere\nval: nowhere\n", "names .*nowhere, which does not exist"),
        ("train: .\nval:\n", "val names no pages"),
        *(
            (f"train: .\nval: .\nepoch_size: {n}\n", "a whole number from 1 up")
            for n in ("-5", "0", "'10'", "2.5", "true")
        ),
    ],
)
def test_broken_descriptions(tmp_path, text, words):
    path = tmp_path / "data.yaml"
    if text is not None:
        path.write_text(text)
    with pytest.raises(DatasetError, match=words):
        resolve_data(path)


def test_data_yaml_of_roboflow(tmp_path):
    for split in ("train", "valid"):
        (tmp_path / split / "images").mkdir(parents=True)
    text = "train: ../train/images\nvalidation: [../valid/images]\nnames: {'1': table, '0': text}\n"
    (tmp_path / "data.yaml").write_text(text)
    config = resolve_data(tmp_path / "data.yaml")
    assert config["train"] == str(tmp_path / "train" / "images")
    assert config["val"] == [str(tmp_path / "valid" / "images")]
    assert config["names"] == {0: "text", 1: "table"}


def test_names_are_in_the_order_of_their_ids(tmp_path):
    (tmp_path / "data.yaml").write_text("train: .\nval: .\nnames: {1: table, 0: text}\n")
    assert list(resolve_data(tmp_path / "data.yaml")["names"].items()) == [(0, "text"), (1, "table")]


def test_folder_without_annotations(tmp_path):
    with pytest.raises(DatasetError, match=r"folder without .*train/annotations\.json"):
        resolve_data(tmp_path)


@pytest.mark.parametrize(
    ("files", "words"), [([], "images is not a YOLO data set"), (["a.png"], "no labelled page can be read")]
)
def test_a_yolo_folder_without_pages(yolo_data, tmp_path, files, words):
    (tmp_path / "images").mkdir()
    for file in files:
        (tmp_path / "images" / file).write_bytes(b"no picture")
    data = resolve_data(yolo_data)
    with pytest.raises(DatasetError, match=words):
        PageDataset(img_path=str(tmp_path / "images"), imgsz=64, data=data, hyp=get_cfg(), augment=False)


def test_coco_and_yolo_do_not_mix(coco_data, yolo_data):
    config = resolve_data(coco_data)
    mixed = [config["train"], resolve_data(yolo_data)["train"]]
    with pytest.raises(DatasetError, match="mixes COCO files with YOLO folders"):
        PageDataset(img_path=mixed, imgsz=64, batch_size=2, augment=False, hyp=get_cfg(), data=config, task="detect")


@pytest.mark.parametrize("augment", [True, False])
def test_boxes_of_a_page_before_it_was_turned_are_told(coco_data, augment):
    pages = dataset(coco_data, augment=augment)
    file, (height, width) = pages.im_files[0], pages.shapes[pages.im_files[0]]
    pages.shapes[file] = (width, height)
    with pytest.raises(BoxError, match=rf"{file}: boxes are in a frame of {height} x {width}, .* shown turned"):
        pages[0]
