"""The pages' files: found, measured, and written into a data set as images that labelling tools open."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path, PurePosixPath

from PIL import Image

from doclayout._image import open_image, orientation
from doclayout._pdf import single_page
from doclayout.convert.labels import LabelledPage, LabelSet, check_frame
from doclayout.document import is_pdf, open_document
from doclayout.errors import InputError, MissingImageError
from doclayout.saving import png_bytes, write_atomic

IMAGES = frozenset({".png", ".jpg", ".jpeg", ".webp", ".bmp"})
"""Suffixes that labelling tools open; PDFs and other images are drawn as PNG for them."""


def find(name: str, folders: Iterable[Path], where: str, suffixes: Iterable[str] = ()) -> Path:
    """Return where a page's file lies: its path below one of the folders, or just its name in one.

    Args:
        name: its path, with `/` on every system.
        folders: where it is looked for.
        where: what to call the page in messages.
        suffixes: tried after the name, where there is no file of just that name.

    Raises:
        MissingImageError: it is in none of them.
    """
    places = list(dict.fromkeys(folders))
    for suffix in ("", *suffixes):
        for tail in dict.fromkeys((name, PurePosixPath(name).name)):
            for folder in places:
                if tail and (folder / f"{tail}{suffix}").is_file():
                    return folder / f"{tail}{suffix}"
    looked = ", ".join(str(folder) for folder in places)
    raise MissingImageError(f"{where}: there is no {name or 'image'}; put it where it is looked for: {looked}")


def pixel_size(file: Path, where: str) -> tuple[int, int]:
    """Return width and height of an image as it is displayed, from its header.

    Raises:
        MissingImageError: it cannot be read.
    """
    try:
        with open_image(file) as image:
            if turned := orientation(image) in range(5, 9):
                image.load()  # Pillow turns some formats itself, whose sizes change before or after
                turned = orientation(image) in range(5, 9)
            width, height = image.size
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise MissingImageError(f"{where}: {file} is no image that can be read: {error}") from error
    return (height, width) if turned else (width, height)


def page_names(data: LabelSet, pdf: bool = False) -> LabelSet:
    """Return the set with the names that its pages will have as files of their own, all different without suffix too.

    `a.pdf` gives `a.png`, and several of its pages `a-p1.png`, `a-p2.png`; label files are named after images without
    their suffix, so `a.jpg` beside `a.png` gives `a-2.jpg`.

    Args:
        data: the set.
        pdf: whether pages of PDFs stay PDFs.
    """
    files = Counter((page.split, page.file) for page in data.pages)
    taken: set[str] = set()
    pages = []
    for page in data.pages:
        path = PurePosixPath(page.name)
        stem = str(path.with_suffix(""))
        if page.number > 1 or files[page.split, page.file] > 1:
            stem = f"{stem}-p{page.number}"
        number, first = 1, stem
        while str(PurePosixPath(page.split, stem)).casefold() in taken:
            number += 1
            stem = f"{first}-{number}"
        taken.add(str(PurePosixPath(page.split, stem)).casefold())
        kept = _is_copied(page) or (pdf and path.suffix.lower() == ".pdf" and _is_pdf(page.file))
        pages.append(replace(page, name=f"{stem}{path.suffix if kept else '.png'}"))
    return replace(data, pages=tuple(pages))


def _is_copied(page: LabelledPage) -> bool:
    """Tell whether a page is a whole image that labelling tools open; a PDF by such a name is not."""
    return page.number == 1 and page.file.suffix.lower() in IMAGES and not _is_pdf(page.file)


def _is_pdf(file: Path) -> bool:
    """Tell whether a file is a PDF, whatever its suffix; one that cannot be read, which is told later, is none."""
    try:
        return is_pdf(file)
    except OSError:
        return False


def write_image(page: LabelledPage, target: Path, size: int) -> LabelledPage:
    """Write a page as an image and return it in the frame of the image's pixels.

    Args:
        page: copied where it is such an image, else drawn as PNG: a PDF at the size, an image at its own.
        target: the file, of the suffix that `page_names` gave.
        size: long side of a page drawn from a PDF, in pixels.

    Raises:
        MissingImageError: the page cannot be read.
        BoxError: its boxes are in the frame of the page as it was before it was turned.
    """
    if _is_copied(page):
        _copy(page.file, target)
        shown = pixel_size(target, page.where)
        _check_shown(page, *shown)
        return page.scaled(*shown)
    with _reading(page), open_document(page.file) as document:
        loaded = document.load(page.number)
        picture = loaded.render(size if loaded.unit == "pt" else round(max(loaded.width, loaded.height)))
        loaded.close()
    _check_shown(page, loaded.width, loaded.height)
    write_atomic(target, png_bytes(picture))
    return page.scaled(picture.shape[1], picture.shape[0])


def write_page(page: LabelledPage, target: Path, size: int) -> None:
    """Write a page as a file of its own: a PDF of one page, or an image; the frame of its boxes stays.

    Raises:
        MissingImageError: the page cannot be read.
        BoxError: its boxes are in the frame of the page as it was before it was turned.
    """
    if target.suffix.lower() != ".pdf":
        write_image(page, target, size)
        return
    with _reading(page), open_document(page.file) as document:
        loaded = document.load(page.number)
        loaded.close()
        single = document.numbers == [1]
    _check_shown(page, loaded.width, loaded.height)
    if single:
        _copy(page.file, target)
    else:
        write_atomic(target, single_page(page.file, page.number))


def _check_shown(page: LabelledPage, width: float, height: float) -> None:
    check_frame(f"{page.where}: {page.file}", (page.width, page.height), (width, height))


def _copy(file: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        source = file.open("rb")
    except OSError as error:
        raise MissingImageError(f"{file} cannot be read: {error}") from error
    with source, target.open("wb") as stream:
        shutil.copyfileobj(source, stream)


@contextmanager
def _reading(page: LabelledPage) -> Iterator[None]:
    try:
        yield
    except InputError as error:
        raise MissingImageError(f"{page.where}: {error}") from error
