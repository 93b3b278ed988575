from collections import Counter
from dataclasses import replace

import pytest

from doclayout.convert.labels import LabelledPage, LabelSet
from doclayout.convert.split import split_documents
from doclayout.errors import UsageError


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
