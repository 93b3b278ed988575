import random

import albumentations
import numpy as np
import pytest
from ultralytics.utils.instance import Instances

from doclayout.train.augment import PAPER, PagePlace, document_augmentations


def page(height=60, width=40, box=(10, 20, 30, 50)):
    """A white page with one black box, and its label."""
    image = np.full((height, width, 3), 255, np.uint8)
    x0, y0, x1, y1 = box
    image[y0:y1, x0:x1] = 0
    xywh = np.array(
        [[(x0 + x1) / 2 / width, (y0 + y1) / 2 / height, (x1 - x0) / width, (y1 - y0) / height]], np.float32
    )
    return {"img": image, "cls": np.array([[3.0]], np.float32), "instances": Instances(xywh, None, None, "xywh", True)}


def ink(image):
    ys, xs = np.nonzero(image[..., 0] < 128)
    return [xs.min(), ys.min(), xs.max() + 1, ys.max() + 1]


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("canvas", [(64, 64), (96, 64), (60, 40), (50, 36)])
def test_labels_follow_the_page(seed, canvas):
    random.seed(seed)
    placed = PagePlace(0.2, 0.1, 0.0, 0.0, 0.0)({**page(), "rect_shape": canvas})
    assert placed["img"].shape == (*canvas, 3)
    assert placed["resized_shape"] == canvas
    np.testing.assert_allclose(placed["instances"].bboxes, [ink(placed["img"])], atol=1e-3)
    assert placed["cls"].tolist() == [[3.0]]


@pytest.mark.parametrize(("scale", "ends"), [(0.2, (0.8, 1.2)), ([0.5, 1.1], (0.5, 1.1))])
def test_scales_are_drawn_around_one_or_between_two_ends(scale, ends):
    random.seed(0)
    drawn = [PagePlace(scale, 0.0, 0.0, 0.0, 0.0).draw() for _ in range(500)]
    np.testing.assert_allclose((min(drawn), max(drawn)), ends, atol=0.02)
    assert ends[0] <= min(drawn) and max(drawn) <= ends[1]


def test_padding_is_paper():
    placed = PagePlace(0, 0, 0, 0, 0)({**page(), "rect_shape": (100, 90)})
    outside = placed["img"].copy()
    x0, y0, x1, y1 = ink(outside)
    outside[y0:y1, x0:x1] = PAPER
    assert (outside == PAPER).all()


def test_shifts_differ_and_stay_within_reach():
    random.seed(0)
    place = PagePlace(0.0, 0.1, 0.0, 0.0, 0.0)
    offsets = {place._offset(slack=20, side=100) for _ in range(400)}
    assert min(offsets) >= -10 and max(offsets) <= 30
    assert min(offsets) < -5 and max(offsets) > 25
    assert len({place._offset(slack=-20, side=100) for _ in range(200)}) > 20


def test_boxes_that_leave_the_canvas_go():
    sample = page(box=(0, 0, 10, 10))
    place = PagePlace(0, 0, 0, 0, 0)
    place._offset = lambda slack, side: -8  # 2 of 10 pixels stay in either direction
    placed = place({**sample, "rect_shape": (60, 40)})
    assert len(placed["instances"].bboxes) == len(placed["cls"]) == 0
    place._offset = lambda slack, side: -3  # 7 of 10: 49 % of the area stay
    placed = place({**page(box=(0, 0, 10, 10)), "rect_shape": (60, 40)})
    assert placed["instances"].bboxes.tolist() == [[0, 0, 7, 7]]


def test_pages_shifted_off_their_canvas_leave_paper():
    place = PagePlace(0, 0, 0, 0, 0)
    for shift in (45, -45):
        place._offset = lambda slack, side, shift=shift: side + 5 if shift > 0 else -side - 45
        placed = place({**page(), "rect_shape": (60, 40)})
        assert (placed["img"] == PAPER).all() and placed["img"].shape == (60, 40, 3)
        assert len(placed["cls"]) == 0


@pytest.mark.parametrize(("scale", "low", "high"), [(0.0, 1, 1), (0.2, 0.8, 1.2), (0.5, 0.5, 1.5)])
def test_scale_factors(scale, low, high):
    place = PagePlace(scale, 0, 0, 0, 0)
    drawn = [place.draw() for _ in range(300)]
    assert low <= min(drawn) <= low + 0.1 * scale
    assert high - 0.1 * scale <= max(drawn) <= high


@pytest.mark.parametrize("arguments", [(5.0, 0.0, 0.0), (0.0, 3.0, 0.0), (0.0, 0.0, 0.0005)])
def test_warping_keeps_labels_on_the_ink(arguments):
    random.seed(1)
    np.random.seed(1)
    sample = page(240, 160, (40, 60, 120, 180))
    placed = PagePlace(0.0, 0.05, *arguments)({**sample, "rect_shape": (256, 192)})
    assert placed["img"].shape == (256, 192, 3)
    np.testing.assert_allclose(placed["instances"].bboxes[0], ink(placed["img"]), atol=12)


def test_no_mirror_images():
    mirrors = (albumentations.HorizontalFlip, albumentations.VerticalFlip, albumentations.Transpose, albumentations.D4)

    def leaves(transforms):
        for t in transforms:
            yield from leaves(t.transforms) if isinstance(t, albumentations.OneOf) else [t]

    assert not any(isinstance(t, mirrors) for t in leaves(document_augmentations()))


def test_augmented_pages_stay_pages():
    sample = np.full((80, 60, 3), 255, np.uint8)
    sample[20:30, 10:50] = 0
    chain = albumentations.Compose(
        document_augmentations(), bbox_params=albumentations.BboxParams("yolo", label_fields=["labels"]), seed=0
    )
    box = (0.5, 25 / 80, 40 / 60, 10 / 80)
    changed = 0
    for _ in range(60):
        out = chain(image=sample, bboxes=[box], labels=[1])
        assert out["image"].shape == sample.shape
        assert out["image"].dtype == np.uint8
        assert len(out["bboxes"]) == 1
        np.testing.assert_allclose(out["bboxes"][0], box, atol=0.06)
        changed += not np.array_equal(out["image"], sample)
    assert 10 <= changed <= 59, "most pages change, some stay as they are"
