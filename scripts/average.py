"""Average the weights of two checkpoints of one network, one trained on from the other or both from one start.

    python scripts/average.py FIRST.pt SECOND.pt SHARE OUT.pt

SHARE, 0 to 1, is the second's, whose settings the average keeps. It keeps more of what the first knew than the second
does, and gains most of what the second has learnt (Wortsman et al., CVPR 2022); trainings of one start that err
differently gain from each other (model soups, ICML 2022).
"""

from __future__ import annotations

from pathlib import Path

import torch
from command import read_positions, run_script

from doclayout.nn.checkpoint import load_model
from doclayout.saving import replacing


def main() -> None:
    """Write the average, as a checkpoint that training and `ship.py` start from."""
    first, second, share, out = read_positions(4, 4)
    before, _ = load_model(Path(first))
    model, checkpoint = load_model(Path(second))
    old, weights = before.state_dict(), model.state_dict()
    for name, value in weights.items():
        if value.dtype.is_floating_point:
            value.copy_(torch.lerp(old[name], value, float(share)))
    with replacing(Path(out)) as part:
        torch.save({"model": model, "train_args": checkpoint.get("train_args", {})}, part)


if __name__ == "__main__":
    run_script(main)
