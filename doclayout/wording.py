"""What the words of a region say about its class.

At the network's input size small type cannot be read: that a line begins "Figure 3." or "1. Measured at 25 °C" is news
to it. So a linear model of character n-grams (as fastText's, arXiv 1607.01759) reads how the text of each box begins,
and its evidence moves the box's score: by naive Bayes, log p(class | words) − log p(class) adds to the log-odds. The
two are not quite independent, so the evidence is weighed and limited. Boxes without a text layer keep their scores.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from doclayout.errors import WeightsError
from doclayout.npz import read_npz, write_npz
from doclayout.schema import Schema

WORDING = Path(__file__).resolve().parent / "weights" / "wording.npz"
LETTERS = 48
"""How much of a text is read."""
LIMIT = 2.0
"""Most that evidence adds to or takes from the log-odds of a score."""

BITS = 13
"""Of an n-gram's hash."""

_LONGEST = 4  # letters of an n-gram

FloatArray = npt.NDArray[np.float32]


@dataclass
class Wording:
    """A linear model of the n-grams with which texts begin.

    Attributes:
        names: the classes, in the order of the columns.
        weights: (2¹³, nc) of each hashed n-gram.
        bias: (nc,).
        prior: (nc,) logarithm of how often each class occurs.
        share: of the evidence that counts, 0 to 1.
    """

    names: tuple[str, ...]
    weights: FloatArray
    bias: FloatArray
    prior: FloatArray
    share: float

    def evidence(self, openings: Sequence[str]) -> FloatArray:
        """Return (n, nc), what n texts add to the log-odds of each class, -`LIMIT` to `LIMIT`.

        It is 0 for those without a letter or digit: what fonts leave that do not say which letters they draw.
        """
        said = {text: self.log_posterior(text) - self.prior for text in set(openings)}
        evidence = np.array([said[text] for text in openings], np.float32).reshape(-1, len(self.names))
        return np.asarray(np.clip(self.share * evidence, -LIMIT, LIMIT), np.float32)

    def log_posterior(self, text: str) -> FloatArray:
        """Return (nc,) log p(class | text); of a text without a letter or digit, the prior."""
        if not re.search(r"[^\W_]", text):
            return self.prior
        grams = ngrams(text)
        logits = self.weights[grams].sum(0) / np.sqrt(len(grams)) + self.bias
        logits -= logits.max()
        return np.asarray(logits - np.log(np.exp(logits).sum()), np.float32)


def ngrams(text: str) -> npt.NDArray[np.int64]:
    """Return the hashes, 0 to 2¹³ − 1, of the n-grams of up to four letters with which a text begins, each once.

    Case and digits do not count; the beginning, line breaks, and the end where it is reached, are letters too.
    """
    plain = re.sub(r"\d", "0", re.sub(r"\s*[\r\n]+\s*", "\n", text)).lower()
    marked = "\2" + plain[:LETTERS] + "\3" * (len(plain) <= LETTERS)
    letters = np.frombuffer(marked.encode("utf-32-le", "replace"), np.uint32)
    keys = [letters]
    for length in range(2, _LONGEST + 1):
        keys.append(keys[-1][: max(len(letters) - length + 1, 0)] * np.uint32(0x01000193) + letters[length - 1 :])
    hashes = np.concatenate(keys) * np.uint32(0x9E3779B1) >> np.uint32(32 - BITS)
    return np.unique(hashes).astype(np.int64)


def shifted(scores: FloatArray, evidence: FloatArray) -> FloatArray:
    """Return scores (n,) 0-1 whose log-odds have evidence (n,) added."""
    odds = scores / np.maximum(1 - scores, 1e-6) * np.exp(evidence)
    return np.asarray(odds / (1 + odds), np.float32)


@cache
def load_wording(path: Path = WORDING) -> Wording:
    """Read a model; the one that ships by default.

    Raises:
        WeightsError: the file is missing, or no such model.
    """
    arrays = read_npz(path)
    try:
        weights, bias, prior = (arrays[key].astype(np.float32) for key in ("weights", "bias", "prior"))
        names, share = tuple(arrays["names"].tolist()), float(arrays["share"])
    except (KeyError, ValueError, TypeError) as error:
        raise WeightsError(f"{path} is no model of wording: {error}; fit one with scripts/train_wording.py") from None
    if weights.shape != (1 << BITS, len(names)) or bias.shape != prior.shape or bias.shape != (len(names),):
        raise WeightsError(f"{path} is no model of wording: its arrays do not fit together")
    return Wording(names, weights, bias, prior, share)


def wording_for(schema: Schema) -> Wording | None:
    """Return the model that ships, where it knows just the classes of a schema, in their order."""
    wording = load_wording()
    return wording if wording.names == schema.names else None


def save_wording(wording: Wording, path: Path) -> None:
    """Write a model where `load_wording` reads it."""
    weights = wording.weights.astype(np.float16)
    write_npz(path, names=wording.names, share=wording.share, weights=weights, bias=wording.bias, prior=wording.prior)
