import io
import pickle
import threading
from math import ceil

import numpy as np
import pypdfium2
import pytest
from reportlab.pdfgen.canvas import Canvas

from doclayout import predict
from doclayout._pdf import PdfSourcePage
from doclayout.document import open_document
from doclayout.errors import DamagedFileError, UsageError
from doclayout.letterbox import PIXELS
from doclayout.predict import Job, Settings, jobs_of, predict_pages
from doclayout.schema import Schema, load_schema
from doclayout.selector import SizeSelector

FIGURE = 20


class InkDetector:
    """Finds the bounding box of all ink on a canvas, as a figure of score 0.9, and the whole canvas with score 0.1."""

    name, imgsz, thresholds = "ink", 640, None
    schema = load_schema()

    def __init__(self):
        self.batches = []

    def __call__(self, images):
        self.batches.append(images.shape)
        rows = np.zeros((len(images), 2, 6), np.float32)
        for row, image in zip(rows, images, strict=True):
            ys, xs = np.nonzero(image.min(2) < 128)
            row[0] = (xs.min(), ys.min(), xs.max() + 1, ys.max() + 1, 0.9, FIGURE) if len(xs) else 0
            row[1] = (0, 0, image.shape[1], image.shape[0], 0.1, 2)
        return rows


def pdf(pages, size=(300, 400), fill=0):
    """One frame, 2 points thick, or filled, per page; its outer border is given as xyxy from the top left."""
    stream = io.BytesIO()
    canvas = Canvas(stream, pagesize=size)
    for x0, y0, x1, y1 in pages:
        canvas.setLineWidth(2)
        canvas.rect(x0 + 1, size[1] - y1 + 1, x1 - x0 - 2, y1 - y0 - 2, fill=fill)
        canvas.showPage()
    canvas.save()
    return stream.getvalue()


def run(source, detector=None, pages=None, **settings):
    with open_document(source, pages=pages) as document:
        return [page for _, page in predict_pages(jobs_of(document), detector or InkDetector(), Settings(**settings))]


def test_each_class_has_its_own_threshold():
    detector = InkDetector()
    source = pdf([(10, 10, 40, 40)])
    with pytest.raises(UsageError, match="ink has none; give a number"):
        run(source, detector, conf="auto")
    for thresholds, kept in (({"figure": 0.5}, [0.9]), ({"figure": 0.95}, []), ({"text": 0.05}, [0.9, 0.1])):
        detector.thresholds = thresholds
        (page,) = run(source, detector, conf="auto", refine=False, clean=False)
        assert [round(region.score, 3) for region in page.regions] == kept


def test_sizes_are_chosen_page_by_page(monkeypatch):
    """A selector of one weight on the mean of all ink: half a page of it takes the larger size."""
    selector = SizeSelector((320, 640), [], (np.array([[0, 10.0], [0, 0]]), np.array([0.5, 0.0])))
    monkeypatch.setattr(predict, "load_selector", lambda: selector)
    detector = InkDetector()
    pages = [(10, 10, 40, 40), (0, 0, 300, 300), (20, 10, 50, 40)]
    found = run(pdf(pages, fill=1), detector, imgsz="auto", refine=False, clean=False)
    assert sorted(detector.batches) == [(1, 640, 480, 3), (2, 320, 256, 3)]
    for page, box in zip(found, pages, strict=True):
        np.testing.assert_allclose(page.regions[0].bbox, box, atol=1.5)


@pytest.mark.parametrize("refine", [False, True])
@pytest.mark.parametrize("imgsz", [320, 640, 1600])
def test_boxes_come_back_in_page_units(refine, imgsz):
    (page,) = run(pdf([(40, 60, 200, 300)]), imgsz=imgsz, refine=refine, rescore=False)
    assert (page.number, page.width, page.height, page.unit) == (1, 300, 400, "pt")
    (region,) = page.regions
    assert (region.name, region.class_id, region.id) == ("figure", FIGURE, "p1r0")
    assert region.score == pytest.approx(0.9)
    np.testing.assert_allclose(region.bbox, (40, 60, 200, 300), atol=2 if refine else 400 / imgsz)


@pytest.mark.parametrize("refine", [False, True])
@pytest.mark.parametrize("imgsz", [320, 640, 1600])
def test_the_network_sees_the_page_as_its_labels_were_read(imgsz, refine):
    """A larger input than that is drawn for it, instead of being enlarged."""
    with open_document(pdf([(40, 60, 200, 300)])) as document:
        (job,) = jobs_of(document)
        drawn, page = predict.draw(job, Settings(imgsz=imgsz, refine=refine)), document.load(1)
        seen = page.raster(PIXELS if imgsz < 1200 else ceil(PIXELS * (1600 / 1212) ** 2))
        np.testing.assert_array_equal(drawn.image, page.raster(PIXELS))
        (look,) = drawn.looks
        np.testing.assert_array_equal(look.canvas, look.box.apply(seen))
    assert max(look.canvas.shape) == imgsz


def test_augment_looks_at_three_sizes_and_resolves_what_it_finds():
    """Each look finds the frame and the whole canvas; at 0.9 and 1.1 of 320 pixels the canvases are 288 and 352."""
    pages, detector = [(40, 60, 200, 300), (20, 30, 180, 350)], InkDetector()
    options = {"imgsz": 320, "conf": 0.05, "refine": False, "rescore": False, "augment": True}
    every = run(pdf(pages), detector, clean=False, **options)
    assert sorted(detector.batches) == [(2, 288, 224, 3), (2, 320, 256, 3), (2, 352, 288, 3)]
    cleaned = run(pdf(pages), **options)
    for box, page, best in zip(pages, every, cleaned, strict=True):
        assert [region.score for region in page.regions].count(pytest.approx(0.9)) == 3
        assert len(page.regions) == 6
        for region in page.regions:
            if region.name == "figure":
                np.testing.assert_allclose(region.bbox, box, atol=1.5)
        assert [region.name for region in best.regions if region.score > 0.5] == ["figure"]


def test_augment_looks_around_the_size_chosen_for_a_page(monkeypatch):
    selector = SizeSelector((320, 640), [], (np.zeros((2, 2)), np.array([0.0, 1.0])))
    monkeypatch.setattr(predict, "load_selector", lambda: selector)
    detector = InkDetector()
    run(pdf([(40, 60, 200, 300)]), detector, imgsz="auto", augment=True)
    assert sorted(shape[1] for shape in detector.batches) == [576, 640, 704]


def test_images_are_measured_in_pixels():
    image = np.full((500, 300, 3), 255, np.uint8)
    image[100:200, 50:150] = 0
    image[102:198, 52:148] = 255
    (page,) = run(image)
    assert (page.width, page.height, page.unit) == (300, 500, "px")
    np.testing.assert_allclose(page.regions[0].bbox, (50, 100, 150, 200), atol=2)
    assert page.render(100).shape == (100, 60, 3)


def test_pages_keep_their_order_whatever_the_batches():
    boxes = [(10, 10 + 20 * i, 100, 60 + 20 * i) for i in range(7)]
    detector = InkDetector()
    pages = run(pdf(boxes), detector, pages="7,1-5", batch=4, refine=False)
    assert [page.number for page in pages] == [7, 1, 2, 3, 4, 5]
    for page in pages:
        np.testing.assert_allclose(page.regions[0].bbox, boxes[page.number - 1], atol=1.5)
    assert [shape[0] for shape in detector.batches] == [4, 2]


def test_pages_of_unlike_shape_are_run_apart():
    documents = [open_document(pdf([(10, 10, 90, 90)], size)) for size in [(300, 400), (400, 300), (300, 400)]]
    detector = InkDetector()
    jobs = [job for document in documents for job in jobs_of(document)]
    found = [page for _, page in predict_pages(jobs, detector, Settings(refine=False))]
    assert sorted(detector.batches) == [(1, 480, 640, 3), (2, 640, 480, 3)]
    assert [(page.width, page.height) for page in found] == [(300, 400), (400, 300), (300, 400)]
    for page in found:
        np.testing.assert_allclose(page.regions[0].bbox, (10, 10, 90, 90), atol=1)


def test_pages_that_fail_give_their_error_and_the_rest_goes_on():
    pages = run(pdf([(10, 10, 90, 90)] * 2), pages="1,5,2", batch=1)
    assert [getattr(page, "number", None) or page.page for page in pages] == [1, 5, 2]
    assert pages[1].error == "PageRangeError"
    assert "there is no page 5" in pages[1].message


def test_pages_that_fail_after_the_network_give_their_error(monkeypatch):
    whole = PdfSourcePage.words

    def words(page):
        if page.number == 2:
            raise DamagedFileError("it was moved")
        return whole(page)

    monkeypatch.setattr(PdfSourcePage, "words", words)
    monkeypatch.setattr("doclayout.refine.count_ink", lambda integral, boxes: np.zeros(len(boxes)))
    first, second, third = run(pdf([(10, 10, 90, 90)] * 3))
    assert (second.page, second.error, second.message) == (2, "DamagedFileError", "it was moved")
    assert [page.number for page in (first, third)] == [1, 3]


def test_pages_of_results_are_closed_again():
    with open_document(pdf([(10, 10, 90, 90)])) as document:
        ((_, page),) = predict_pages(jobs_of(document), InkDetector(), Settings())
        assert page.plot().size and len(list(page.crops()))
        assert page.render.args[0]._page is None


def test_results_of_a_pypdfium2_page_can_be_pickled():
    with pypdfium2.PdfDocument(pdf([(10, 10, 90, 90)])) as document:
        (page,) = run(document[0])
        again = pickle.loads(pickle.dumps(page))
        assert again == page and page.plot().size
        for read in (again.plot, lambda: again.regions[0].text):
            with pytest.raises(DamagedFileError, match="the pypdfium2 page is closed"):
                read()


def test_documents_that_could_not_be_opened_give_their_error():
    jobs = [Job("bad.pdf", 0, DamagedFileError("bad.pdf is broken"))]
    ((job, found),) = predict_pages(jobs, InkDetector(), Settings())
    assert job.source == "bad.pdf"
    assert (found.page, found.error, found.message) == (None, "DamagedFileError", "bad.pdf is broken")


def test_a_page_before_the_first_has_no_number():
    with open_document(pdf([(10, 10, 90, 90)]), pages="1,-20") as document:
        _, (_, error) = predict_pages(jobs_of(document), InkDetector(), Settings())
    assert (error.page, error.error) == (None, "PageRangeError") and "there is no page -20" in error.message


def test_empty_pages_have_no_regions():
    assert run(pdf([(-9, -9, -5, -5)]))[0].regions == ()


@pytest.mark.parametrize(
    ("settings", "classes"),
    [
        ({"conf": 0.05, "clean": False, "refine": False}, {"text", "figure"}),
        ({"conf": 0.5, "clean": False, "refine": False}, {"figure"}),
        ({"conf": 0.05, "clean": False, "refine": False, "max_det": 1}, {"figure"}),
        ({"conf": 0.95, "rescore": False}, set()),
    ],
)
def test_what_is_kept(settings, classes):
    (page,) = run(pdf([(40, 60, 200, 300)]), **settings)
    assert {region.name for region in page.regions} == classes


def test_clean_lowers_rivals_below_conf():
    box = [(2, 2, 298, 398)]  # all but the whole page, which the second row is
    assert len(run(pdf(box), conf=0.05, clean=False, refine=False)[0].regions) == 2
    assert len(run(pdf(box), conf=0.05, clean=True, refine=False)[0].regions) == 1


def test_drawing_runs_ahead_by_three_batches_at_most(monkeypatch):
    drawn, lock = [], threading.Lock()
    document = open_document(pdf([(10, 10, 90, 90)] * 20))
    load = document.load

    def counted(number):
        with lock:
            drawn.append(number)
        return load(number)

    monkeypatch.setattr(document, "load", counted)
    for done, _ in enumerate(predict_pages(jobs_of(document), InkDetector(), Settings(batch=2, refine=False)), 1):
        assert len(drawn) <= done + 7  # the other page of this batch, and three batches
    assert drawn == list(range(1, 21))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("imgsz", 31), ("imgsz", 4097), ("imgsz", 640.5), ("imgsz", "640"),
        ("conf", -0.1), ("conf", 1.5), ("conf", None), ("conf", float("nan")), ("conf", True),
        ("batch", 0), ("batch", 2.5), ("max_det", 0), ("max_det", 301),
    ],
)  # fmt: skip
def test_settings_out_of_range(key, value):
    with pytest.raises(UsageError, match=f"{key}=.* must be a"):
        Settings(**{key: value})


@pytest.mark.parametrize(
    ("settings", "judged"),
    [({}, True), ({"rescore": False}, False), ({"refine": False}, False), ({"clean": False}, False)],
)
def test_boxes_are_judged_again(settings, judged):
    (page,) = run(pdf([(40, 60, 200, 300)]), **settings)
    assert (abs(page.regions[0].score - 0.9) > 1e-5) is judged


def test_boxes_of_other_classes_are_not_judged():
    detector = InkDetector()
    detector.schema = Schema.of_names("own", tuple(f"class {k}" for k in range(21)))
    (page,) = run(pdf([(40, 60, 200, 300)]), detector)
    assert page.regions[0].score == pytest.approx(0.9)


def test_settings_of_numpy_become_plain_numbers():
    settings = Settings(imgsz=np.int64(320), conf=np.float32(0.5), batch=np.int32(2), max_det=np.uint8(9))
    assert [type(getattr(settings, key)) for key in ("imgsz", "conf", "batch", "max_det")] == [int, float, int, int]
    assert settings == Settings(imgsz=320, conf=0.5, batch=2, max_det=9)
