"""Data sets of pages: COCO JSON over PDFs or images, or ultralytics' YOLO folders, in batches of like shape."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
import yaml
from torch.utils.data import Sampler
from ultralytics.data.augment import Albumentations, Compose, Format, LetterBox, RandomFlip, RandomHSV
from ultralytics.data.dataset import YOLODataset

from doclayout.convert.labels import check_frame, unique
from doclayout.convert.yolo import class_names, split_path
from doclayout.errors import DatasetError, InputError, MissingImageError
from doclayout.letterbox import PAPER, STEP, Letterbox
from doclayout.schema import load_schema
from doclayout.train.augment import PagePlace
from doclayout.train.coco import read_coco
from doclayout.train.pages import load_page, resize_long

MIXING = ("mosaic", "mixup", "cutmix", "copy_paste")
"""Augmentations that make one page of several."""


def resolve_data(data: str | Path, splits: tuple[str, ...] = ("train", "val")) -> dict[str, Any]:
    """Read what `data=` names: a YAML as in ultralytics, or a folder with `<split>/annotations.json` or a `data.yaml`.

    A YAML may set `epoch_size`: how many training pages make an epoch, where that is not all of them.

    Args:
        data: the YAML or the folder.
        splits: those that must be there.

    Returns:
        the splits (path or list of paths each), `names` by id, `nc`, `channels`, `path`.

    Raises:
        DatasetError: it is neither, names paths that are missing, gives classes other ids than 0, 1, 2 and so on, or
            `epoch_size` is no number of pages.
    """
    path = Path(data).absolute()  # ultralytics finds labels by the folder /images/ in the path of an image
    found = {s: path / s / "annotations.json" for s in splits}
    missing = [str(p) for p in found.values() if not p.exists()]
    if path.is_dir() and missing and (path / "data.yaml").is_file():
        path = path / "data.yaml"
    if path.is_dir():
        if missing:
            raise DatasetError(f"data={path} is a folder without {', '.join(missing)}; give a YAML, or add them")
        config: dict[str, Any] = {s: str(p) for s, p in found.items()}
    else:
        if not path.is_file():
            raise DatasetError(f"data={path}: no such file or folder")
        if path.suffix == ".json":
            raise DatasetError(f"data={path}: give a YAML, or the folder that has train/ and val/annotations.json")
        try:
            config = yaml.safe_load(path.read_text(encoding="utf-8"))
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            raise DatasetError(f"{path} is not YAML: {error}") from error
        if isinstance(config, dict) and "validation" in config:
            config.setdefault("val", config["validation"])
        if not isinstance(config, dict) or not set(splits) <= set(config):
            raise DatasetError(f"{path} must have the keys {', '.join(splits)}")
        blank = [s for s in splits if not config[s]]
        if blank:
            raise DatasetError(f"{path}: {', '.join(blank)} names no pages")
        root = path.parent / str(config.get("path") or "")
        config = {**config, **{s: _absolute(root, config[s]) for s in splits}}
    size = config.get("epoch_size")
    if size is not None and (isinstance(size, bool) or not isinstance(size, int) or size < 1):
        raise DatasetError(f"{path}: epoch_size must be a whole number from 1 up, got {size!r}")
    given = config.get("names")
    names = class_names(path, given) if given else load_schema(config.get("schema", "datasheet21")).names
    unique(str(path), "class", names)
    return {"channels": 3, **config, "path": path, "names": dict(enumerate(names)), "nc": len(names)}


def _absolute(root: Path, entry: str | list[str]) -> str | list[str]:
    """Return paths below `root`, after checking that they exist."""
    paths = [split_path(root, str(p)) for p in (entry if isinstance(entry, list) else [entry])]
    missing = [str(p) for p in paths if not p.exists()]
    if missing:
        raise DatasetError(f"the data set names {', '.join(missing)}, which does not exist")
    return [str(p) for p in paths] if isinstance(entry, list) else str(paths[0])


def _page(file: str, long_side: int | None = None) -> npt.NDArray[np.uint8]:
    """Return what `load_page` does; where the page cannot be read, the data set is wrong."""
    try:
        return load_page(file, long_side)
    except (InputError, OSError) as error:
        reason = str(error)
        raise MissingImageError(reason if reason.startswith(file) else f"{file}: {reason}") from error


class PageDataset(YOLODataset):  # type: ignore[misc]
    """ultralytics' detection data set, which also takes COCO JSON files and draws PDF pages.

    Where no mixing of several pages (mosaic, mixup, cutmix, copy_paste) is asked for, pages keep their own shape: each
    is scaled, shifted and placed on a canvas as large as itself, a multiple of the stride. An index (page, size) asks
    for a page at another size than `imgsz`.
    """

    size: int | None = None
    """Long side of the page that is being made, where that is not `imgsz`."""

    def __getitem__(self, index: int | tuple[int, int]) -> dict[str, Any]:
        """Return a page and its labels, both augmented where this is for training."""
        page, self.size = index if isinstance(index, tuple) else (index, None)
        sample: dict[str, Any] = super().__getitem__(page)
        return sample

    def get_img_files(self, img_path: str | list[str]) -> list[str]:
        """Return the images of all COCO files, and of all folders by ultralytics' own rules; keep the COCO records."""
        self.records: list[dict[str, Any]] = []
        paths = [Path(p) for p in (img_path if isinstance(img_path, list) else [img_path])]
        folders = [str(path) for path in paths if path.suffix != ".json"]
        if 0 < len(folders) < len(paths):
            raise DatasetError(f"{img_path} mixes COCO files with YOLO folders; use one kind per split")
        if folders:
            try:
                files: list[str] = super().get_img_files(folders)
            except FileNotFoundError as error:
                raise DatasetError(f"{', '.join(folders)} is not a YOLO data set: {error}") from error
            return files
        records = [record for path in paths for record in read_coco(path, self.data["names"])]
        count = self.fraction if isinstance(self.fraction, int) else max(round(len(records) * self.fraction), 1)
        self.records = records[:count]
        return [record["im_file"] for record in self.records]

    def get_labels(self) -> list[dict[str, Any]]:
        """Return the COCO records, or what ultralytics reads from YOLO label files."""
        try:
            labels: list[dict[str, Any]] = self.records or super().get_labels()
        except (FileNotFoundError, RuntimeError, ValueError) as error:
            raise DatasetError(f"no labelled page can be read: {error}") from error
        self.shapes = {label["im_file"]: label["shape"] for label in labels}  # survives the sorting by `rect`
        return labels

    def load_image(
        self, i: int, rect_mode: bool = True, resize_short: bool = False
    ) -> tuple[npt.NDArray[np.uint8], tuple[int, int], tuple[int, int]]:
        """Return a page as (H, W, 3) BGR, its label frame's (height, width), and its own (H, W).

        Raises:
            MissingImageError: the page cannot be read.
            BoxError: its boxes are in the frame of the page as it was before it was turned.
        """
        if not rect_mode or resize_short:
            return super().load_image(i, rect_mode, resize_short)  # type: ignore[no-any-return]
        file = self.im_files[i]
        size = self.size or self.imgsz
        if self.augment:
            image = resize_long(_page(file, round(self.largest * STEP)), round(size * STEP))
            image = resize_long(image, round(size * self.zoom.draw()))
        else:  # as `predict` does, of the drawing that the validator refines on
            image = _page(file)
            image = image if max(image.shape) >= size else _page(file, size)
            box = Letterbox.fit(image.shape[1], image.shape[0], size)
            (width, height), canvas = box.inner, box.apply(image)
            image = np.ascontiguousarray(canvas[box.top : box.top + height, box.left : box.left + width])
        check_frame(file, self.shapes[file][::-1], (image.shape[1], image.shape[0]))
        return image, self.shapes[file], image.shape[:2]

    def canvas(self, i: int) -> tuple[int, int]:
        """Return the (height, width) of page i at its size, rounded up to the stride."""
        height, width = self.shapes[self.im_files[i]]
        ratio = (self.size or self.imgsz) / max(height, width) / self.stride
        return math.ceil(round(height * ratio, 3)) * self.stride, math.ceil(round(width * ratio, 3)) * self.stride

    def get_image_and_label(self, index: int) -> dict[str, Any]:
        """Return page and labels, with the canvas to put them on."""
        label: dict[str, Any] = super().get_image_and_label(index)
        if self.augment and not self.mixes:
            label["rect_shape"] = self.canvas(index)
        return label

    def build_transforms(self, hyp: Any) -> Compose:
        """Return the augmentation of training pages, or the plain letterbox of validation pages."""
        self.mixes = any(getattr(hyp, key, 0) for key in MIXING)
        self.largest = self.imgsz * (1 if self.mixes else 1 + hyp.multi_scale)
        self.zoom = PagePlace(0.0 if self.mixes else hyp.scale, hyp.translate, hyp.degrees, hyp.shear, hyp.perspective)
        if self.augment and self.mixes:
            self.buffer = list(range(self.ni))  # the pages that mosaic chooses from
            return super().build_transforms(hyp)
        steps: list[Any] = [LetterBox(new_shape=self.imgsz, scaleup=False, padding_value=PAPER)]
        if self.augment:
            steps = [
                self.zoom,
                Albumentations(p=1.0, transforms=hyp.augmentations),
                RandomHSV(hyp.hsv_h, hyp.hsv_s, hyp.hsv_v),
                RandomFlip(hyp.flipud, "vertical"),
                RandomFlip(hyp.fliplr, "horizontal"),
            ]
        bgr = hyp.bgr if self.augment else 0.0
        return Compose([*steps, Format(bbox_format="xywh", normalize=True, batch_idx=True, bgr=bgr)])

    @staticmethod
    def collate_fn(batch: list[dict[str, Any]]) -> dict[str, Any]:
        """Collate samples, padding pages of unlike shape with paper to the largest."""
        height, width = (max(sample["img"].shape[d] for sample in batch) for d in (1, 2))
        for sample in batch:
            _, h, w = sample["img"].shape
            if (h, w) != (height, width):
                padded = torch.full((3, height, width), PAPER, dtype=sample["img"].dtype)
                padded[:, :h, :w] = sample["img"]
                sample["img"] = padded
                sample["bboxes"] = sample["bboxes"] * torch.tensor([w / width, h / height] * 2)
        return YOLODataset.collate_fn(batch)  # type: ignore[no-any-return]


class ShapeSampler(Sampler[Any]):
    """Shuffled indices in which pages of one canvas shape follow each other, `batch` at a time.

    Args:
        dataset: whose pages are drawn.
        batch: pages in a batch.
        seed: of the shuffle; each pass draws a new order.
        size: pages in a pass, at most; passes go on through the shuffled set where the one before stopped, so all pages
            are drawn equally often. The whole set by default.
        multi_scale: if not 0, a batch's pages are drawn at one size of `imgsz` · (1 ± multi_scale), in whole strides,
            and indices are (page, size).
    """

    def __init__(
        self, dataset: PageDataset, batch: int, seed: int, size: int | None = None, multi_scale: float = 0.0
    ):  # fmt: skip
        self.shapes = [dataset.canvas(i) for i in range(len(dataset))]
        self.batch, self.rng = batch, np.random.default_rng(seed)
        self.size = min(size or len(self.shapes), len(self.shapes))
        self.pool: list[int] = []
        self.sizes: list[int] = []
        if multi_scale:
            least, most = (max(round(dataset.imgsz * (1 + d) / dataset.stride), 1) for d in (-multi_scale, multi_scale))
            self.sizes = [strides * dataset.stride for strides in range(least, most + 1)]

    def __len__(self) -> int:
        return self.size

    def __iter__(self) -> Iterator[int] | Iterator[tuple[int, int]]:
        if len(self.pool) < self.size:
            self.pool += self.rng.permutation(len(self.shapes)).tolist()
        drawn, self.pool = self.pool[: self.size], self.pool[self.size :]
        groups: dict[tuple[int, int], list[int]] = defaultdict(list)
        full: list[list[int]] = []
        for index in drawn:
            group = groups[self.shapes[index]]
            group.append(index)
            if len(group) == self.batch:
                full.append(groups.pop(self.shapes[index]))
        rest = [index for shape in sorted(groups) for index in groups[shape]]
        order = [index for k in self.rng.permutation(len(full)) for index in full[k]]
        indices = order + rest
        if not self.sizes:
            return iter(indices)
        sizes = self.rng.choice(self.sizes, math.ceil(len(indices) / self.batch)).tolist()
        return iter([(index, sizes[i // self.batch]) for i, index in enumerate(indices)])
