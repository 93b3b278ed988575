"""The cache: what was used longest ago goes first, and a disk that is full stops nothing."""

from __future__ import annotations

import errno
import os
import shutil
from collections import namedtuple
from math import ceil
from pathlib import Path

import numpy as np
import pytest

import doclayout
from doclayout import cache
from doclayout.cache import cache_dir, trim_cache
from doclayout.document import open_document
from doclayout.letterbox import PIXELS
from doclayout.train import pages
from tests.conftest import drawn_page


@pytest.fixture
def files(tmp_path, monkeypatch):
    """Four files of 100 bytes, of which the first was written first and read last."""
    monkeypatch.setenv("DOCLAYOUT_CACHE", str(tmp_path))
    paths = [cache_dir("pages") / folder / name for folder in ("00", "01") for name in ("a.npy", "b.npy")]
    for age, path in enumerate(paths):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(bytes(100))
        os.utime(path, (1_000 + age, 1_000 + age))
    os.utime(paths[0], (2_000, 1_000))
    return paths


@pytest.mark.parametrize(("limit", "kept"), [(400, [0, 1, 2, 3]), (399, [0, 2, 3]), (200, [0, 3]), (50, [])])
def test_longest_unused_go_first(files, monkeypatch, limit, kept):
    monkeypatch.setitem(cache.LIMITS, "pages", limit)
    trim_cache("pages")
    assert [path.exists() for path in files] == [i in kept for i in range(4)]


def test_takes_half_of_what_the_disk_can_give(files, monkeypatch):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(1000, 800, 200))  # half of 400 + 200
    trim_cache("pages")
    assert [path.exists() for path in files] == [True, False, True, True]


def test_other_kinds_and_other_files_are_left_alone(files, monkeypatch):
    pool, own = cache_dir("pools") / "a.rgb", cache_dir("pools") / "my.pdf"
    pool.parent.mkdir()
    pool.write_bytes(b"1"), own.write_bytes(b"1")
    monkeypatch.setitem(cache.LIMITS, "pools", 0)
    trim_cache("pools")
    assert not pool.exists() and own.exists()
    assert all(path.exists() for path in files)


def test_page_is_drawn_once(tmp_path, monkeypatch):
    monkeypatch.setenv("DOCLAYOUT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(cache, "RESERVE", 0)
    file = str(tmp_path / "page.png")
    pages.cv2.imwrite(file, drawn_page(3)[..., ::-1])
    first = pages.load_page(file, 200)
    monkeypatch.setattr(pages, "open_document", None)
    np.testing.assert_array_equal(pages.load_page(file, 200), first)


@pytest.mark.parametrize("long_side", [None, 960, 1400])
def test_page_is_drawn_as_predict_draws_it(tmp_path, monkeypatch, long_side):
    monkeypatch.setenv("DOCLAYOUT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(cache, "RESERVE", 0)
    file = str(Path(doclayout.__file__).parent / "sample" / "sample.pdf")
    with open_document(file) as document:
        page = document.load(1)
        drawn = page.raster(PIXELS)
        if long_side == 1400:
            drawn = page.raster(ceil(PIXELS * (1400 / max(drawn.shape)) ** 2))
    expected = drawn if long_side is None else pages.resize_long(drawn, long_side)
    np.testing.assert_array_equal(pages.load_page(file, long_side)[..., ::-1], expected)
    assert long_side is None or max(expected.shape) == long_side


@pytest.mark.parametrize("damage", [b"", b"no array", b"\x93NUMPY\x01\x00"])
def test_damaged_page_is_drawn_again(tmp_path, monkeypatch, damage):
    monkeypatch.setenv("DOCLAYOUT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(cache, "RESERVE", 0)
    file = str(tmp_path / "page.png")
    pages.cv2.imwrite(file, drawn_page(3)[..., ::-1])
    first = pages.load_page(file, 200)
    (cached,) = cache_dir("pages").rglob("*.npy")
    cached.write_bytes(damage)
    np.testing.assert_array_equal(pages.load_page(file, 200), first)
    np.testing.assert_array_equal(np.load(cached), first)


def test_the_last_of_a_disk_is_left_alone(tmp_path, monkeypatch):
    monkeypatch.setattr(cache, "RESERVE", float("inf"))
    cache.keep(tmp_path / "a.npy", lambda stream: stream.write(b"1"))
    assert not list(tmp_path.iterdir())


def test_full_disk_costs_time_only(tmp_path, monkeypatch):
    monkeypatch.setenv("DOCLAYOUT_CACHE", str(tmp_path / "cache"))
    file = str(tmp_path / "page.png")
    pages.cv2.imwrite(file, drawn_page(3)[..., ::-1])

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(cache, "RESERVE", 0)
    monkeypatch.setattr(pages.np, "save", full)
    assert pages.load_page(file, 200).shape == (200, 150, 3)
    assert not [path for path in (tmp_path / "cache").rglob("*") if path.is_file()]


def test_without_a_home_temporary_files_have_it(monkeypatch, tmp_path):
    def homeless():
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("DOCLAYOUT_CACHE")
    monkeypatch.setattr(Path, "home", homeless)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert cache_dir("pages") == tmp_path / "doclayout" / "pages"
