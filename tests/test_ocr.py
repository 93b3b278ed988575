import sys
from types import ModuleType, SimpleNamespace

import cv2
import numpy as np
import pytest

from doclayout.cli import main
from doclayout.errors import MissingExtraError
from doclayout.ocr import RapidReader


@pytest.fixture
def engine(monkeypatch):
    """Stand in for RapidOCR: remembers pictures, and finds what `found` says."""
    fake = SimpleNamespace(pictures=[], found=SimpleNamespace(boxes=None, txts=None))

    class RapidOCR:
        def __init__(self, params):
            fake.params = params

        def __call__(self, picture):
            fake.pictures.append(picture)
            return fake.found

    module = ModuleType("rapidocr")
    module.RapidOCR = RapidOCR
    monkeypatch.setitem(sys.modules, "rapidocr", module)
    return fake


def corners(x0, y0, x1, y1):
    return [[x0, y0], [x1, y0], [x1, y1], [x0, y1]]


def test_lines_are_put_in_order_with_tabs_between_columns(engine):
    boxes = [corners(10, 40, 90, 52), corners(100, 11, 140, 22), corners(10, 10, 60, 22)]
    engine.found = SimpleNamespace(boxes=np.array(boxes, float), txts=("second row", "5 V", "VIN"))
    assert RapidReader()(np.zeros((60, 150, 3), np.uint8)) == "VIN\t5 V\nsecond row"


def test_pictures_go_in_as_bgr_with_paper_around(engine):
    picture = np.full((20, 30, 3), (200, 210, 220), np.uint8)
    picture[10, 10] = (1, 2, 3)
    assert RapidReader()(picture) == ""
    (given,) = engine.pictures
    assert given.shape == (52, 62, 3)
    assert given[0, 0].tolist() == [220, 210, 200]
    assert given[26, 26].tolist() == [3, 2, 1]


def test_a_missing_package_is_named(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "rapidocr", None)
    with pytest.raises(MissingExtraError, match=r"reading scans needs .* pip install 'doclayout\[ocr\]'"):
        RapidReader()
    assert main(["predict", "source=x.pdf", "text=ocr"]) == 2
    assert "pip install 'doclayout[ocr]'" in capsys.readouterr().err


def test_other_readers_are_refused(capsys):
    assert main(["predict", "source=x.pdf", "text=layer"]) == 2
    assert "text=layer must be ocr" in capsys.readouterr().err


@pytest.mark.slow
def test_a_drawn_line_is_read():
    picture = np.full((60, 420, 3), 255, np.uint8)
    cv2.putText(picture, "Supply voltage 5.0 V", (10, 40), cv2.FONT_HERSHEY_SIMPLEX, 1, (0, 0, 0), 2, cv2.LINE_AA)
    assert RapidReader()(picture).replace(" ", "") == "Supplyvoltage5.0V"
