import io

import numpy as np
import pytest
from reportlab.pdfgen.canvas import Canvas

from doclayout._pdf import PdfFile
from doclayout.document import open_document
from doclayout.errors import WeightsError
from doclayout.npz import write_npz
from doclayout.predict import Settings, jobs_of, predict_pages
from doclayout.schema import load_schema
from doclayout.wording import (
    BITS,
    LETTERS,
    LIMIT,
    Wording,
    load_wording,
    ngrams,
    save_wording,
    shifted,
    wording_for,
)

SCHEMA = load_schema()
CAPTION, HEADING, FOOTNOTE, TEXT = (SCHEMA.id_of(name) for name in ("caption", "heading", "footnote", "text"))


def grams_of(text):
    return ngrams([text])[0]


def tiny(share=1.0):
    """Two classes: one whose texts begin with a dash, and one whose texts do not."""
    weights = np.zeros((1 << BITS, 2), np.float32)
    dash = np.setdiff1d(grams_of("-a"), grams_of("xa"))
    weights[dash, 0] = 9
    return Wording(("dashed", "plain"), weights, np.zeros(2, np.float32), np.log([0.5, 0.5]).astype(np.float32), share)


def test_ngrams_are_stable():
    """The weights that ship are filed under these numbers."""
    known = 323, 341, 1201, 1933, 2638, 2762, 2976, 3542, 4568, 5386, 5535, 6996, 7320, 8136
    assert tuple(grams_of("Fig")) == known


def test_texts_are_apart():
    texts = ["Fig", "a" * 60, "x"]
    grams, ends = ngrams(texts)
    assert ends.tolist() == np.cumsum([0, *(len(grams_of(text)) for text in texts)]).tolist()
    np.testing.assert_array_equal(grams, np.concatenate([grams_of(text) for text in texts]))


@pytest.mark.parametrize(
    ("one", "other"),
    [("Figure 3.", "FIGURE 7."), ("a \r\n b", "a\nb"), ("x" * LETTERS + "y", "x" * LETTERS + "z")],
)
def test_case_digits_breaks_and_the_rest_do_not_count(one, other):
    np.testing.assert_array_equal(grams_of(one), grams_of(other))


@pytest.mark.parametrize(("one", "other"), [("ab", "ba"), ("ab", "a\nb"), ("x" * LETTERS, "x" * LETTERS + "x")])
def test_order_breaks_and_the_end_count(one, other):
    assert grams_of(one).tolist() != grams_of(other).tolist()


@pytest.mark.parametrize("text", ["", "a", "\ud83d", "图 3 引脚", "\0\1"])
def test_any_text_has_ngrams(text):
    grams = grams_of(text)
    assert len(grams) and grams.min() >= 0 and grams.max() < 1 << BITS


def test_evidence_is_the_log_of_posterior_over_prior():
    found = tiny().evidence(["-a", "xa", "", "\1\2", "\uf0d8", "_", "-a"])
    logit = 9 * len(np.setdiff1d(grams_of("-a"), grams_of("xa"))) / np.sqrt(len(grams_of("-a")))
    posterior = np.exp(logit) / (1 + np.exp(logit))
    np.testing.assert_allclose(found[0], [np.log(posterior / 0.5), -LIMIT], rtol=1e-5)
    np.testing.assert_array_equal(found[-1], found[0])
    np.testing.assert_allclose(found[1:-1], 0, atol=1e-6)
    np.testing.assert_allclose(tiny(share=0.25).evidence(["-a"])[0, 0], found[0, 0] / 4, rtol=1e-5)


@pytest.mark.parametrize(
    ("score", "evidence", "expected"),
    [(0.3, 0.0, 0.3), (0.5, np.log(3), 0.75), (0.75, -np.log(3), 0.5), (0.0, LIMIT, 0.0), (1.0, 0.0, 1.0)],
)
def test_evidence_adds_to_log_odds(score, evidence, expected):
    assert shifted(np.float32([score]), np.float32([evidence]))[0] == pytest.approx(expected, abs=2e-6)


@pytest.mark.parametrize(
    ("text", "more", "less"),
    [
        ("Figure 3. Output voltage against load", CAPTION, HEADING),
        ("Table 12. Pin description", CAPTION, TEXT),
        ("4.2 Absolute Maximum Ratings", HEADING, FOOTNOTE),
        ("Note 1: Measured at 25 °C with no load", FOOTNOTE, HEADING),
        ("Symbol Parameter Conditions Min Typ Max Unit", SCHEMA.id_of("parameter_table"), SCHEMA.id_of("table")),
        ("Pin Name Function", SCHEMA.id_of("pin_table"), SCHEMA.id_of("parameter_table")),
    ],
)
def test_what_ships_knows_usual_beginnings(text, more, less):
    evidence = load_wording().evidence([text])[0]
    assert evidence[more] > evidence[less] + 0.5
    assert np.abs(evidence).max() <= LIMIT


def test_only_for_its_own_classes():
    assert wording_for(SCHEMA) is not None
    assert wording_for(load_schema("doclaynet11")) is None


def test_saved_and_read(tmp_path):
    path = tmp_path / "wording.npz"
    save_wording(tiny(share=0.5), path)
    read = load_wording(path)
    assert read.names == ("dashed", "plain") and read.share == 0.5
    np.testing.assert_array_equal(read.weights, tiny().weights)


def test_arrays_of_something_else(tmp_path):
    write_npz(tmp_path / "wording.npz", sizes=[320, 640])
    with pytest.raises(WeightsError, match=r"no model of wording.*train_wording"):
        load_wording(tmp_path / "wording.npz")


def test_arrays_that_do_not_fit(tmp_path):
    model = tiny()
    model.bias = model.bias[:1]
    save_wording(model, tmp_path / "wording.npz")
    with pytest.raises(WeightsError, match="do not fit together"):
        load_wording(tmp_path / "wording.npz")


class LineDetector:
    """Finds one line of a page, a heading of score 0.5 and a caption of score 0.2."""

    name, imgsz, thresholds = "line", 640, None

    def __init__(self, schema=SCHEMA):
        self.schema = schema

    def __call__(self, images):
        rows = np.zeros((len(images), 2, 6), np.float32)
        for row, image in zip(rows, images, strict=True):
            ys, xs = np.nonzero(image.min(2) < 128)
            row[:] = xs.min(), ys.min(), xs.max() + 1, ys.max() + 1, 0, 0
            row[:, 4:] = (0.5, HEADING), (0.2, CAPTION)
        return rows


def page_with(text):
    stream = io.BytesIO()
    canvas = Canvas(stream, pagesize=(300, 400))
    canvas.drawString(60, 200, text)
    canvas.save()
    return stream.getvalue()


def classes(text, schema=SCHEMA, **settings):
    with open_document(page_with(text)) as document:
        ((_, page),) = predict_pages(jobs_of(document), LineDetector(schema), Settings(**settings))
    return [(region.class_id, round(region.score, 2)) for region in page.regions]


def test_words_decide_what_looks_leave_open():
    assert [found for found, _ in classes("Figure 3. Load step response")] == [CAPTION]  # from under conf
    assert [found for found, _ in classes("4.2 Absolute Maximum Ratings")] == [HEADING]
    assert classes("Figure 3. Load step response", wording=False, rescore=False) == [(HEADING, 0.5)]
    other = load_schema("doclaynet11")
    assert classes("Figure 3. Load step response", other)[0][1] == 0.5


def test_a_page_is_opened_once_to_be_drawn_and_once_to_be_read(monkeypatch):
    opened, load = [], PdfFile._load
    monkeypatch.setattr(PdfFile, "_load", lambda self, index: opened.append(index) or load(self, index))
    with open_document(page_with("Figure 3. Load step response")) as document:
        ((_, page),) = predict_pages(jobs_of(document), LineDetector(), Settings())
    assert [region.name for region in page.regions] == ["caption"]  # whose words are read twice
    assert opened == [0, 0]
    assert page.render.args[0]._page is None
