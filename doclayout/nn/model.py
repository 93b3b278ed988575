"""`LayoutModel`: an ultralytics `DetectionModel` whose YAML may name our blocks.

ultralytics' parser knows its own modules only. So each of our rows is parsed as a plain `Conv` of the same channels and
stride, and the block takes its place afterwards, with the channels that the parser worked out.
"""

from __future__ import annotations

from copy import deepcopy
from importlib import import_module
from pathlib import Path
from typing import Any

import torch
import yaml
from torch import nn
from ultralytics.nn.modules.conv import Conv
from ultralytics.nn.modules.head import Detect
from ultralytics.nn.tasks import BaseModel, DetectionModel, Ensemble, _SafeLoad, yaml_model_load
from ultralytics.utils.torch_utils import initialize_weights

from doclayout.config import cfg_dir
from doclayout.errors import ModelError
from doclayout.nn.crm import CRM, G2L_CRM
from doclayout.nn.depthwise import DepthwiseSeparable, Stem
from doclayout.nn.head import LayoutHead

BLOCKS = ("Stem", "DepthwiseSeparable", "G2L_CRM")
_PACKAGES = {"": "ultralytics.nn.tasks", "nn": "torch.nn", "torchvision.ops": "torchvision.ops"}  # of other layers


def read_yaml(name: str | Path) -> dict[str, Any]:
    """Read a model YAML, with its scale letter under `scale`: a file of the user's, else one that ships.

    The letter is part of the name, as in ultralytics: `edocnet-n.yaml` is scale n of `edocnet.yaml`, and
    `edocnet.yaml` its first scale.

    Raises:
        ModelError: no such file, one that is not YAML, or no such scale in it.
    """
    path = Path(name)
    stem, dash, letter = path.stem.rpartition("-")
    names = [path.name, f"{stem}{path.suffix}"] if dash and len(letter) == 1 else [path.name]
    shipped = cfg_dir() / "models"
    base = next((folder / n for folder in (path.parent, shipped) for n in names if (folder / n).is_file()), None)
    if base is None:
        known = ", ".join(sorted(p.name for p in shipped.glob("*.yaml")))
        raise ModelError(f"no model YAML {name}; shipped are {known}, each with a scale letter, as edocnet-n.yaml")
    scaled = base.name != path.name
    try:
        config: dict[str, Any] = yaml_model_load(base)
    except (yaml.YAMLError, ValueError, TypeError, AttributeError) as error:
        raise ModelError(f"{base} is not a model YAML: {error}") from error
    scales = config.get("scales", {})
    config["scale"] = letter if scaled else next(iter(scales), "")
    if scales and config["scale"] not in scales:
        raise ModelError(f"{base.name} has no scale {letter!r}; it has {', '.join(scales)}")
    return config


def _check_layers(config: dict[str, Any]) -> nn.Module | None:
    """Raise ModelError where anything but layers is named: the parser calls what a row names, and runs `activation`.

    Returns:
        the activation that the YAML asks for, if any.
    """
    for _, _, name, *_ in config["backbone"] + config["head"]:
        package, _, last = name.rpartition(".")
        found_in = _PACKAGES.get(package)
        layer = getattr(import_module(found_in), last, None) if found_in else None
        is_module = isinstance(layer, type) and issubclass(layer, nn.Module)
        is_model = isinstance(layer, type) and issubclass(layer, (BaseModel, Ensemble))  # which would parse more
        if name not in BLOCKS and (is_model or not is_module):
            raise ModelError(f"{name} is not a layer that a model may have")
    if not config.get("activation"):
        return None
    try:
        activation: nn.Module = _SafeLoad.activation(config["activation"])
    except TypeError:
        known = "one of torch's, such as nn.SiLU() or nn.LeakyReLU(0.1)"
        raise ModelError(f"activation: {config['activation']} is not {known}") from None
    return activation


def _block(name: str, c1: int, c2: int, n: int, args: list[Any]) -> nn.Module:
    """Build one of our blocks from its YAML arguments after the channel count."""
    if name == "Stem":
        return Stem(c1, c2)
    if name == "DepthwiseSeparable":
        first = DepthwiseSeparable(c1, c2, *args)
        again = [*args[:1], 1, *args[2:]] if len(args) > 1 else args
        others = [DepthwiseSeparable(c2, c2, *again) for _ in range(n - 1)]
        return nn.Sequential(first, *others) if others else first
    return G2L_CRM(c1, c2, n, *args)


def _proxy(row: list[Any]) -> list[Any]:
    """Turn a row with one of our blocks into one with a plain `Conv` of the same channels and stride."""
    source, _, name, args = row
    if name == "Stem":
        return [source, 1, "Conv", [args[0], 3, 2]]
    if name == "DepthwiseSeparable":
        return [source, 1, "Conv", [args[0], 3, args[2] if len(args) > 2 else 1]]
    return [source, 1, "Conv", [args[0], 1, 1]] if name == "G2L_CRM" else row


class LayoutModel(DetectionModel):  # type: ignore[misc]
    """A detector built from a YAML of ultralytics' kind, in which this package's blocks may stand.

    Args:
        cfg: YAML name or path, or its dictionary.
        ch: input channels.
        nc: classes, in place of the YAML's.
        verbose: log the summary.

    Attributes:
        bf16: run the forward pass of `loss` in bfloat16; the loss itself stays in float32.

    Raises:
        ModelError: the YAML is missing, has no such scale, names anything but layers, or cannot be built.
    """

    def __init__(self, cfg: Any = "edocnet-n.yaml", ch: int = 3, nc: int | None = None, verbose: bool = False):
        config = deepcopy(cfg) if isinstance(cfg, dict) else read_yaml(cfg)
        try:
            activation = _check_layers(config)
            rows = config["backbone"] + config["head"]
            scales = config.get("scales")
            depth = scales[config.get("scale") or next(iter(scales))][0] if scales else 1.0
            proxied = deepcopy(config)
            proxied |= {part: [_proxy(row) for row in proxied[part]] for part in ("backbone", "head")}
            super().__init__(proxied, ch, nc, verbose=False)
        except (KeyError, IndexError, TypeError, ValueError, AttributeError, AssertionError, RuntimeError) as error:
            name = cfg if isinstance(cfg, (str, Path)) else "its YAML"
            raise ModelError(f"no model can be built from {name}: {type(error).__name__}: {error}") from error
        default = Conv.default_act  # of the whole process, as ultralytics has it
        Conv.default_act = activation or default
        try:
            for index, row in enumerate(rows):
                self._swap(index, row, depth)
        finally:
            Conv.default_act = default
        initialize_weights(self)
        self.model[-1].bias_init()
        self.yaml = {**config, "nc": self.model[-1].nc, "channels": ch}
        self.bf16 = False
        if verbose:
            self.info()

    def _swap(self, index: int, row: list[Any], depth: float) -> None:
        """Put our block or head where the parser left a stand-in."""
        old: Any = self.model[index]
        if isinstance(old, Detect):
            channels = [branch[0].conv.in_channels for branch in old.cv2]
            new: Any = LayoutHead(old.nc, old.reg_max, hasattr(old, "one2one_cv2"), channels)
            new.stride, new.inplace = old.stride, self.inplace
            new.end2end = hasattr(new, "one2one_cv2")
        elif row[2] in BLOCKS:
            n = max(round(row[1] * depth), 1) if row[1] > 1 else row[1]
            try:
                new = _block(row[2], old.conv.in_channels, old.conv.out_channels, n, row[3][1:])
            except (TypeError, ValueError) as error:
                raise ModelError(f"no {row[2]} can be built from {row[3]}: {error}") from error
        else:
            return
        new.i, new.f, new.type = old.i, old.f, type(new).__name__
        new.np = sum(p.numel() for p in new.parameters())
        self.model[index] = new

    def loss(self, batch: dict[str, Any], preds: Any = None) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
        """Return the loss, scaled by the batch size, and its detached terms by name.

        Args:
            batch: `img` (B, 3, H, W) in [0, 1]; `cls` (n, 1), `bboxes` (n, 4) normalised xywh, `batch_idx` (n,).
            preds: predictions, if the forward pass was done before.
        """
        device = batch["img"].device.type
        if preds is None:
            with torch.autocast(device, torch.bfloat16, enabled=self.bf16 or torch.is_autocast_enabled(device)):
                preds = self.forward(batch["img"].contiguous(memory_format=torch.channels_last))
        with torch.autocast(device, enabled=False):
            result: tuple[torch.Tensor, dict[str, torch.Tensor]] = super().loss(batch, _to_float(preds))
        return result

    def fuse(self, *args: Any, **kwargs: Any) -> LayoutModel:
        """Fold normalisations into convolutions, and drop the one-to-many branch; arguments as of the base class."""
        for module in self.modules():
            if isinstance(module, CRM):
                module.fuse()
        super().fuse(*args, **kwargs)
        return self


def _to_float(preds: Any) -> Any:
    """Cast each tensor of a nest of dictionaries, lists and tuples to float32."""
    if isinstance(preds, torch.Tensor):
        return preds.float()
    if isinstance(preds, dict):
        return {key: _to_float(value) for key, value in preds.items()}
    return type(preds)(_to_float(value) for value in preds)


def gflops(model: nn.Module, imgsz: int = 640) -> float:
    """Count the floating-point operations of one forward pass at imgsz×imgsz, in 10⁹ (a multiply-add counts two).

    Counted by torch's dispatcher, so functional convolutions are included, which hooks on modules miss.
    """
    from torch.utils.flop_counter import FlopCounterMode

    device = next(model.parameters()).device
    was_training = model.training
    model.eval()
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        model(torch.zeros(1, 3, imgsz, imgsz, device=device))
    model.train(was_training)
    return float(counter.get_total_flops()) / 1e9
