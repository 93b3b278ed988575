import json
from collections import Counter
from dataclasses import replace

import pytest
from PIL import Image

from doclayout.convert.command import FORMATS
from doclayout.convert.labels import Label, LabelledPage, LabelSet
from doclayout.convert.split import split_documents
from doclayout.errors import UsageError
from tests.convert.conftest import read, written


def documents(*sizes):
    """A set of documents of so many pages each."""
    pages = [
        LabelledPage(f"{document}-{page}.png", f"{document}-{page}.png", 10, 10, source=f"d{document}")
        for document, size in enumerate(sizes)
        for page in range(size)
    ]
    return LabelSet("set", ("text",), tuple(pages))


@pytest.mark.parametrize(
    ("sizes", "share", "pages"),
    [
        ((1,) * 10, 0.2, 2),
        ((1,) * 10, 0.25, 2),  # no more than the share
        ((8, 1, 1), 0.2, 2),  # the large one does not fit
        ((5, 3, 4), 0.1, 3),  # none fits: the smallest
        ((1, 1), 0.9, 1),  # one stays for training
    ],
)
def test_documents_stay_together(sizes, share, pages):
    data = split_documents(documents(*sizes), share)
    assert Counter(page.split for page in data.pages) == {"val": pages, "train": sum(sizes) - pages}
    assert all(len({page.split for page in data.pages if page.source == f"d{k}"}) == 1 for k in range(len(sizes)))
    assert data == split_documents(documents(*sizes), share), "the same each time"


@pytest.mark.parametrize(
    ("data", "share", "words"),
    [
        (documents(1, 1), 1.0, "val=1 must be above 0"),
        (documents(1, 1), 0.0, "val=0 must be above 0"),
        (documents(4), 0.5, "is one document"),
        (
            replace(documents(1), pages=tuple(replace(page, split="train") for page in documents(1).pages)),
            0.5,
            "has the splits train already",
        ),
    ],
)
def test_what_cannot_be_split(data, share, words):
    with pytest.raises(UsageError, match=words):
        split_documents(data, share)


@pytest.mark.parametrize("name", FORMATS)
def test_pages_of_a_document_stay_together_by_way_of_any_format(name, tmp_path):
    for document in "ab":
        Image.new("RGB", (8, 8)).save(
            tmp_path / f"{document}.tif", save_all=True, append_images=[Image.new("RGB", (8, 8))]
        )
    pages = tuple(
        LabelledPage(tmp_path / f"{document}.tif", f"{document}.tif", 8, 8, [Label("text", (1, 1, 7, 7))], number)
        for document in "ab"
        for number in (1, 2)
    )
    written(LabelSet("set", ("text",), pages), name, tmp_path / "set")
    data = split_documents(read(name, tmp_path / "set"), 0.5)
    assert Counter((page.split, page.name[0]) for page in data.pages).most_common() in (
        [(("val", "a"), 2), (("train", "b"), 2)], [(("train", "a"), 2), (("val", "b"), 2)]
    )  # fmt: skip


@pytest.mark.parametrize("key", ["source", "doc"])
def test_coco_may_name_the_document_of_a_page(key, pictures, tmp_path):
    names = ("a.png", "c d.png")
    images = [
        {"id": k, "file_name": str(pictures / name), "width": 60, "height": 64, key: "one"}
        for k, name in enumerate(names)
    ]
    coco = {"images": images, "categories": [{"id": 1, "name": "text"}], "annotations": []}
    (tmp_path / "annotations.json").write_text(json.dumps(coco))
    assert [page.source for page in read("coco", tmp_path).pages] == ["one", "one"]
