"""The sample: a datasheet of an invented part with all 21 classes, as a vector PDF and its exact ground truth.

`python -m synth.sample FOLDER` writes `sample.pdf` and `sample.json` (COCO; boxes in pixels of pages whose longer side
is 1280, `images[].page` counts from 1). The same program writes the same bytes.
"""

from synth.sample.build import build_sample, write_sample

__all__ = ["build_sample", "write_sample"]
