import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from doclayout.errors import UsageError
from doclayout.letterbox import PAPER, PIXELS, Letterbox, raster_scale, raster_size


@pytest.mark.parametrize(
    ("width", "height", "imgsz", "canvas", "inner", "corner"),
    [
        (612, 792, 640, (512, 640), (495, 640), (8, 0)),  # US letter, portrait
        (792, 612, 640, (640, 512), (640, 495), (0, 8)),  # landscape
        (595.28, 841.89, 640, (480, 640), (453, 640), (13, 0)),  # A4
        (100, 100, 640, (640, 640), (640, 640), (0, 0)),  # a square needs no padding
        (2000, 10, 640, (640, 32), (640, 3), (0, 14)),  # a strip keeps one stride
        (1e5, 1, 64, (64, 32), (64, 1), (0, 15)),  # and at least a pixel
        (500, 1000, 100, (64, 128), (50, 100), (7, 14)),  # a size that is no multiple of the stride
    ],
)
def test_fit(width, height, imgsz, canvas, inner, corner):
    box = Letterbox.fit(width, height, imgsz)
    assert (box.width, box.height) == canvas
    assert box.inner == inner
    assert (box.left, box.top) == corner


def test_apply_centres_the_page_on_paper():
    box = Letterbox.fit(50, 100, 64)
    canvas = box.apply(np.zeros((100, 50, 3), np.uint8))
    assert canvas.shape == (64, 32, 3)
    assert canvas.dtype == np.uint8
    rows, columns = np.nonzero(canvas[..., 0] == 0)
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (0, 63, 0, 31)
    wide = Letterbox.fit(100, 40, 64).apply(np.zeros((40, 100, 3), np.uint8))
    assert wide.shape == (32, 64, 3)
    assert (wide[:3] == PAPER).all() and (wide[-3:] == PAPER).all()
    assert (wide[3:-3] == 0).all()


@pytest.mark.parametrize("size", [(64, 64), (128, 128), (32, 32), (300, 300)])
def test_apply_takes_pictures_of_any_size(size):
    picture = np.full((*size, 3), 255, np.uint8)
    picture[: size[0] // 2] = 0
    canvas = Letterbox.fit(10, 10, 64).apply(picture)
    assert (canvas[:31] == 0).all()
    assert (canvas[33:] == 255).all()


@pytest.mark.parametrize("side", [128, 300, 640])
def test_shrinking_keeps_hairlines_and_their_grey(side):
    lines = np.zeros((side, side, 3), np.uint8)
    lines[::2] = 255
    canvas = Letterbox.fit(1, 1, 64).apply(lines)
    assert 48 < canvas.min() <= canvas.max() < 208
    assert canvas.mean() == pytest.approx(127.5, abs=1.5)


def test_invert_literal():
    box = Letterbox.fit(612, 792, 640)
    ratio = 612 / 495
    found = box.invert(np.array([[8, 0, 503, 640], [-5, -5, 600, 700], [107, 64, 206, 320]], np.float32), 612, 792)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found[:2], [[0, 0, 612, 792]] * 2, rtol=1e-6)  # the page, and a box cut at its edges
    np.testing.assert_allclose(found[2], [99 * ratio, 79.2, 198 * ratio, 396], rtol=1e-5)
    assert box.invert(np.zeros((0, 4), np.float32), 612, 792).shape == (0, 4)


@given(
    width=st.floats(20, 5000),
    height=st.floats(20, 5000),
    imgsz=st.integers(2, 60).map(lambda n: 32 * n),
    corners=st.tuples(*[st.floats(0, 1)] * 4),
)
def test_invert_undoes_the_layout(width, height, imgsz, corners):
    box = Letterbox.fit(width, height, imgsz)
    x0, x1 = sorted(corners[:2])
    y0, y1 = sorted(corners[2:])
    page = np.array([[x0 * width, y0 * height, x1 * width, y1 * height]])
    scale = np.array([box.inner[0] / width, box.inner[1] / height] * 2)
    on_canvas = page * scale + [box.left, box.top] * 2
    np.testing.assert_allclose(box.invert(on_canvas.astype(np.float32), width, height), page, rtol=1e-3, atol=0.05)
    assert box.width % 32 == box.height % 32 == 0
    assert box.width - box.inner[0] < 32 and box.height - box.inner[1] < 32


@pytest.mark.parametrize(
    ("size", "long_side", "expected"),
    [((612, 792), 1280, (989, 1280)), ((842, 595), 640, (640, 452)), ((10_000, 1), 64, (64, 1))],
)
def test_raster_size(size, long_side, expected):
    assert raster_size(*size, long_side) == expected


@pytest.mark.parametrize(
    ("size", "pixels", "expected"),
    [
        ((612, 792), PIXELS, (922, 1194, 1.50645)),  # US letter
        ((842, 595), PIXELS, (1248, 882, 1.48177)),  # A4, landscape
        ((30, 20), 600, (30, 20, 1)),  # rounding makes no pixel more
        ((1e5, 1e-3), PIXELS, (5120, 1, 0.0512)),  # a strip
    ],
)
def test_raster_scale(size, pixels, expected):
    assert raster_scale(*size, pixels) == pytest.approx(expected, rel=1e-5)


def test_raster_scale_needs_a_pixel():
    with pytest.raises(UsageError, match="pixels=0 must be at least 1"):
        raster_scale(10, 10, 0)


def test_raster_size_needs_a_pixel():
    with pytest.raises(UsageError, match="long_side=0"):
        raster_size(10, 10, 0)
