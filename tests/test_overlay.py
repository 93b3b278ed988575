import numpy as np
import pytest

from doclayout.overlay import Mark, draw_overlay
from doclayout.schema import load_schema

S = load_schema()


def white(height=800, width=950):
    return np.full((height, width, 3), 255, np.uint8)


def test_one_colour_per_class_on_every_page():
    for x in (100, 520):
        out = draw_overlay(white(), [Mark((x, 300, x + 400, 700), 3, 0.5)], S, legend=False)
        assert tuple(out[500, x - 1]) == S.colors[3]  # the outline, just outside the box
        assert tuple(out[500, x + 1]) == tuple(round(255 - 0.17 * (255 - c)) for c in S.colors[3])  # the tint, inside
        assert tuple(out[500, x - 3]) == (255, 255, 255)


def test_ink_keeps_its_contrast_and_the_image_is_left_alone():
    image = white()
    image[400:420, 200:400] = 0
    before = image.copy()
    out = draw_overlay(image, [Mark((100, 300, 500, 700), 3, 0.5)], S, legend=False)
    assert (out[400:420, 200:400] == 0).all()
    assert (image == before).all()


def test_labels_avoid_ink_and_each_other():
    image = white()
    image[250:297, 95:550] = 0  # a line of print right above the box
    out = draw_overlay(image, [Mark((100, 300, 500, 700), 3, 0.5)], S, legend=False)
    assert (out[250:297, 95:550] == 0).all()
    twins = [Mark((100, 300, 500, 700), 3, 0.5), Mark((100, 300, 500, 700), 4, 0.5)]
    tabs = [(draw_overlay(white(), twins, S, legend=False) == S.colors[k]).all(axis=2).sum() for k in (3, 4)]
    alone = [(draw_overlay(white(), [m], S, legend=False) == S.colors[m.class_id]).all(axis=2).sum() for m in twins]
    assert tabs[1] == alone[1]  # the later twin's outline covers the earlier's, and no tab covers a tab
    assert tabs[0] > 0.3 * (alone[0] - 4 * 400 * 2)


def test_legend_lists_the_classes_present():
    marks = [Mark((100, 300, 500, 700), 3, 0.5), Mark((600, 300, 900, 700), 3, 0.5), Mark((100, 720, 500, 780), 8, 0.5)]
    out = draw_overlay(white(), marks, S, title="Page 1")
    assert out.shape[0] == 800
    panel = out[:, 950:]
    present = [k for k in range(21) if (panel == S.colors[k]).all(axis=2).any()]
    assert present == [3, 8]


def test_a_low_page_grows_to_hold_its_legend():
    marks = [Mark((10 + 50 * k, 10, 50 + 50 * k, 90), k, 0.5) for k in range(21)]
    out = draw_overlay(white(100, 1100), marks, S)
    assert out.shape[0] > 400
    assert out.shape[1] > 1100


@pytest.mark.parametrize(
    ("height", "width", "marks"),
    [
        (300, 400, []),  # nothing found
        (90, 70, [Mark((0, 0, 70, 90), 16, 0.5)]),  # a label wider than the page
        (40, 3000, [Mark((0, 0, 3000, 40), 2, 1.0)]),  # a strip
        (600, 800, [Mark((-3, -3, 803, 603), 4, 0.0)]),  # over the edges
        (300, 400, [Mark((100.2, 100.2, 100.4, 100.4), 2, 0.5)]),  # under a pixel
    ],
)
def test_any_page_can_be_drawn(height, width, marks):
    out = draw_overlay(white(height, width), marks, S, legend=False)
    assert (out.shape, out.dtype) == ((height, width, 3), np.uint8)


def test_links_and_order_are_drawn():
    figure, caption = Mark((100, 100, 500, 500), 20), Mark((200, 700, 400, 720), 8, None, 1, 0)
    out = draw_overlay(white(), [figure, caption], S, legend=False)
    assert tuple(out[600, 300]) == S.colors[8]
