"""A small data set of two splits, and what the tests of all formats do with it."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from doclayout.convert.command import format_module
from doclayout.convert.labels import Label, LabelledPage, LabelSet

SIZES = {"a.png": (60, 80), "sub/b.jpg": (90, 70), "c d.png": (64, 64)}
"""Width and height of the images, by name."""


@pytest.fixture(scope="session")
def pictures(tmp_path_factory):
    """A folder of images of the `SIZES`."""
    folder = tmp_path_factory.mktemp("pictures")
    for k, (name, (width, height)) in enumerate(SIZES.items()):
        (folder / name).parent.mkdir(exist_ok=True)
        Image.fromarray(np.full((height, width, 3), 60 * k, np.uint8)).save(folder / name)
    return folder


def page_of(pictures, name, *labels, split=""):
    return LabelledPage(pictures / name, name, *SIZES[name], labels, split=split, where=name)


@pytest.fixture
def data(pictures):
    """Three pages in two splits, the last without boxes; one class does not occur."""
    first = Label("table", (1.5, 2.25, 30, 40)), Label("text", (0, 50, 60, 80)), Label("table", (31, 3, 59.875, 41))
    pages = (
        page_of(pictures, "a.png", *first, split="train"),
        page_of(pictures, "sub/b.jpg", Label("text", (10, 10, 20, 20)), split="train"),
        page_of(pictures, "c d.png", split="val"),
    )
    return LabelSet("data", ("text", "table", "figure"), pages)


def written(data, name, folder):
    """Write a set in a format and return the folder."""
    format_module("to", name).write(data, folder, 400)
    return folder


def read(name, source, images=None):
    return format_module("from", name).read(source, images)


def content(data):
    """What a data set holds, whatever the order of its pages."""
    pages = {
        (page.split, page.name): (page.width, page.height, [(x.name, *x.bbox) for x in page.labels])
        for page in data.pages
    }
    return data.names, pages


def assert_same(found, expected, tolerance=1e-5):
    (names, pages), (other_names, other_pages) = content(found), content(expected)
    assert (names, sorted(pages)) == (other_names, sorted(other_pages))
    for key, (width, height, labels) in pages.items():
        other_width, other_height, others = other_pages[key]
        assert (width, height, [x[0] for x in labels]) == (other_width, other_height, [x[0] for x in others])
        np.testing.assert_allclose(
            np.array([x[1:] for x in labels]).reshape(-1, 4), np.array([x[1:] for x in others]).reshape(-1, 4),
            rtol=0, atol=tolerance,
        )  # fmt: skip
