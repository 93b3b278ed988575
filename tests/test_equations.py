"""Equations and their numbers; boxes are xyxy in pixels, and a line is 10 pixels high."""

import io

import numpy as np
import pytest
from reportlab.pdfgen.canvas import Canvas

from doclayout.document import open_document
from doclayout.equations import take_in_numbers
from doclayout.predict import Settings, jobs_of, predict_pages
from doclayout.schema import load_schema

SCHEMA = load_schema()
FORMULA, TEXT = SCHEMA.id_of("formula"), SCHEMA.id_of("text")
EQUATION = (50, 100, 150, 120)


def longer(words, others=(), score=0.6, class_id=FORMULA, schema=SCHEMA):
    """Return the equation's box; words are (x0, x1, text) or (x0, x1, text, y0), others (box, score, class)."""
    layer = {(x0, *(y or [105]), x1, (y or [105])[0] + 10): text for x0, x1, text, *y in words}

    def openings(boxes):
        ((x0, y0, x1, y1),) = boxes.tolist()
        inside = [t for (a, b, c, d), t in layer.items() if x0 <= a and c <= x1 and y0 <= b and d <= y1]
        return [" ".join(inside)]

    boxes = np.array([EQUATION, *(box for box, *_ in others)], np.float32)
    scores = np.array([score, *(s for _, s, _ in others)], np.float32)
    ids = np.array([class_id, *(c for *_, c in others)])
    found = take_in_numbers(boxes, scores, ids, schema, lambda: np.array(list(layer), np.float32), openings)
    np.testing.assert_array_equal(found[1:], boxes[1:])
    assert found[0, [0, 1, 3]].tolist() == [50, 100, 120]
    return found[0, 2]


@pytest.mark.parametrize("text", ["(3)", "(12)", "[4]", "(2a)", "(1-2)", "(3.1)", "(EQ. 5)", "(Eqn 6)", "(Equation 7)"])
def test_a_number_at_the_end_of_the_line_belongs_to_the_equation(text):
    assert longer([(60, 140, "x = y"), (400, 415, text)]) == 415


def test_a_number_may_be_written_in_pieces():
    assert longer([(400, 403, "("), (403, 408, "EQ."), (411, 414, "1"), (414, 417, ")")]) == 417


@pytest.mark.parametrize("text", ["3", "(see)", "(1000)", "(3", "Vout", "(EQ)", "(2) (3)"])
def test_what_is_no_number_stays_outside(text):
    assert longer([(400, 415, text)]) == 150


@pytest.mark.parametrize(
    ("after", "right"),
    [((417, 480), 150), ((423, 480), 150), ((430, 480), 415), ((700, 780), 415)],
)
def test_a_number_that_begins_a_line_of_text_is_none_of_the_equations(after, right):
    assert longer([(400, 415, "(2)"), (*after, "Each channel")]) == right


def test_a_word_between_keeps_them_apart():
    assert longer([(300, 340, "where"), (400, 415, "(2)")]) == 150


@pytest.mark.parametrize("y0", [85, 125])
def test_a_number_on_another_line_stays_outside(y0):
    assert longer([(400, 415, "(2)", y0)]) == 150


@pytest.mark.parametrize(
    ("other", "right"),
    [
        (((380, 60, 600, 300), 0.9, TEXT), 150),  # the next column's figure, whose label "(2)" is
        (((380, 60, 600, 300), 0.3, TEXT), 415),  # not likely there
        (((398, 104, 417, 116), 0.9, TEXT), 415),  # the number itself, taken for a line of text
        (((40, 60, 600, 300), 0.9, TEXT), 415),  # a rival of the equation
    ],
)
def test_an_equation_does_not_reach_into_another_region(other, right):
    assert longer([(400, 415, "(2)")], [other]) == right


def test_only_equations_that_may_be_right_are_looked_at():
    words = [(400, 415, "(2)")]
    assert longer(words, score=0.01) == 150
    assert longer(words, class_id=TEXT) == 150
    assert longer(words, class_id=SCHEMA.id_of("formula"), schema=load_schema("doclaynet11")) == 150


class EquationDetector:
    """Finds an equation in the left half of the page, around all ink there."""

    name, imgsz, thresholds, schema = "equations", 640, None, SCHEMA

    def __call__(self, images):
        rows = np.zeros((len(images), 1, 6), np.float32)
        for row, image in zip(rows, images, strict=True):
            ys, xs = np.nonzero(image[:, : image.shape[1] // 2].min(2) < 128)
            row[0] = xs.min(), ys.min(), xs.max() + 1, ys.max() + 1, 0.8, FORMULA
        return rows


@pytest.mark.parametrize(("settings", "right"), [({}, 272), ({"refine": False}, 112)])
def test_in_a_pdf(settings, right):
    stream = io.BytesIO()
    canvas = Canvas(stream, pagesize=(300, 400))
    canvas.drawString(60, 200, "tc = R x C")
    canvas.drawString(256, 200, "(4)")
    canvas.save()
    with open_document(stream.getvalue()) as document:
        ((_, page),) = predict_pages(jobs_of(document), EquationDetector(), Settings(rescore=False, **settings))
    (region,) = page.regions
    assert region.name == "formula"
    assert (region.bbox[0], region.bbox[2]) == pytest.approx((60, right), abs=3)
