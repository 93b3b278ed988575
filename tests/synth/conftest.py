import json

import numpy as np
import pytest
from PIL import Image

from synth.pool import load_pool

# per page: class, xywh in pixels of the page; what is drawn is a frame with bars inside, so that ink ends at the box
PAGES = [
    [
        ("header", (60, 40, 860, 24)),
        ("heading", (60, 100, 200, 16)),
        ("text", (60, 124, 400, 80)),
        ("characteristic_curve", (80, 260, 300, 220)),
        ("caption", (120, 490, 200, 14)),
        ("characteristic_curve", (520, 260, 300, 220)),
        ("caption", (560, 490, 200, 14)),
        ("parameter_table", (60, 560, 860, 240)),
        ("footnote", (60, 806, 400, 14)),
        ("footer", (60, 1230, 860, 16)),
    ],
    [
        ("header", (60, 30, 860, 30)),
        ("title", (60, 100, 600, 60)),
        ("list", (60, 220, 380, 180)),
        ("pinout_diagram", (560, 220, 240, 200)),
        ("text", (60, 460, 860, 70)),
        ("table", (60, 640, 700, 160)),
        ("flowchart", (200, 860, 300, 280)),
        ("footer", (60, 1210, 860, 30)),
    ],
    [("text", (60, 60, 700, 120)), ("formula", (200, 220, 260, 40)), ("circuit_diagram", (60, 320, 420, 260))],
]
NAMES = sorted({name for page in PAGES for name, _ in page})


def draw(elements, tone=255):
    image = np.full((1280, 989, 3), tone, np.uint8)
    for _, (x, y, w, h) in elements:
        image[y : y + h, x : x + w] = 30
        image[y + 3 : y + h - 3, x + 3 : x + w - 3] = tone
        image[y : y + h, x + w // 3 : x + w // 3 + 4] = 30
    return image


def write_pool(folder, pages=PAGES, tones=(255, 255, 230)):
    (folder / "images").mkdir(parents=True)
    images, annotations = [], []
    for number, (elements, tone) in enumerate(zip(pages, tones, strict=False), 1):
        name = f"page{number}.png"
        Image.fromarray(draw(elements, tone)).save(folder / "images" / name)
        images.append({"id": number, "file_name": name, "width": 989, "height": 1280, "doc": f"d{number}"})
        for class_name, box in elements:
            annotations.append(
                {"id": len(annotations) + 1, "image_id": number, "category_id": NAMES.index(class_name), "bbox": box}
            )
    categories = [{"id": i, "name": n} for i, n in enumerate(NAMES)]
    coco = {"images": images, "annotations": annotations, "categories": categories}
    (folder / "annotations.json").write_text(json.dumps(coco))
    return folder


@pytest.fixture(scope="session")
def pool_dir(tmp_path_factory):
    return write_pool(tmp_path_factory.mktemp("pool") / "data")


@pytest.fixture(scope="session")
def pool(pool_dir):
    return load_pool(pool_dir)
