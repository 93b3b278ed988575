import math

import numpy as np
import pytest
import torch

from doclayout.train.selector import expected_loss, fit_selector, page_costs, page_quality


def test_expected_loss_by_hand():
    quality = torch.tensor([[0.2, 0.8], [0.6, 0.6]])
    cost = torch.tensor([[0.25, 1.0], [0.25, 1.0]])
    even = expected_loss(torch.zeros(2, 2), quality, cost, 0.4)
    assert even.item() == pytest.approx(((0.1 + 0.6) / 2 + 0.4 / 2 + 0.1 / 2 + 0.4 / 2) / 2)
    sure = expected_loss(torch.tensor([[-50.0, 50.0], [50.0, -50.0]]), quality, cost, 0.4)
    assert sure.item() == pytest.approx((0.4 + 0.1) / 2)
    hesitant = expected_loss(torch.zeros(2, 2), quality, cost, 0.4, entropy=0.1)
    assert (even - hesitant).item() == pytest.approx(0.1 * math.log(2))


def test_costs_are_areas_of_the_canvases():
    costs = page_costs({"images": [{"width": 600, "height": 600}, {"width": 320, "height": 640}]}, (320, 640))
    assert costs.tolist() == [[0.25, 1.0], [0.25, 1.0]]


def test_quality_is_each_pages_own():
    images = [{"id": i, "width": 100, "height": 100} for i in (1, 2, 3)]
    boxes = [
        {"id": i, "image_id": i, "category_id": 0, "bbox": [10, 10, 50, 50], "area": 2500, "iscrowd": 0} for i in (1, 2)
    ]
    truth = {"images": images, "annotations": boxes, "categories": [{"id": 0, "name": "text"}]}
    found = [{"image_id": 1, "category_id": 0, "bbox": [10, 10, 50, 50], "score": 0.9}]
    assert page_quality(truth, found).tolist() == [1.0, 0.0, 1.0]


def busy(rng):
    """A thumbnail of fine print, or of a few large blocks, and whether it is the former."""
    fine = bool(rng.random() < 0.5)
    ink = np.zeros((192, 192), np.float32)
    if fine:
        ink[10:180:3, 20:170] = rng.random()
    else:
        ink[20:160:60, 20:170] = rng.random()
        ink[40:70, 40:90] = rng.random()
    return ink, fine


def test_fitted_selector_spends_where_it_pays():
    rng = np.random.default_rng(0)
    pages = [busy(rng) for _ in range(96)]
    fine = np.array([page[1] for page in pages])
    quality = np.where(fine[:, None], [[0.3, 0.8]], [[0.7, 0.7]]).astype(np.float32)
    cost = np.tile(np.array([[0.25, 1.0]], np.float32), (96, 1))
    found = fit_selector([page[0] for page in pages[:64]], quality[:64], cost[:64], (320, 640), 0.1, epochs=16)
    chosen = np.array([np.argmax(found.scores(page[0])) for page in pages[64:]])
    assert (chosen == fine[64:]).mean() > 0.9
    dear = fit_selector([page[0] for page in pages[:64]], quality[:64], cost[:64], (320, 640), 5.0, epochs=3)
    assert all(np.argmax(dear.scores(page[0])) == 0 for page in pages[64:])


@pytest.mark.parametrize(("sizes", "price"), [((640, 320), 0.1), ((320, 640, 960), 0.1), ((320, 640), -1.0)])
def test_arguments_are_checked(sizes, price):
    flat = np.zeros((1, 2), np.float32)
    with pytest.raises(ValueError, match="must ascend"):
        fit_selector([np.zeros((192, 192), np.float32)], flat, flat, sizes, price)
