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
_READABLE = re.compile(r"[^\W_]")

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
        evidence = self.share * (self.log_posterior(openings) - self.prior)
        return np.asarray(np.clip(evidence, -LIMIT, LIMIT), np.float32)

    def log_posterior(self, texts: Sequence[str]) -> FloatArray:
        """Return (n, nc) log p(class | text) of n texts; of those without a letter or digit, the prior."""
        once = list(dict.fromkeys(texts))  # rival boxes have one text
        result = np.tile(self.prior, (len(once), 1))
        readable = [i for i, text in enumerate(once) if _READABLE.search(text)]
        if readable:
            grams, ends = ngrams([once[i] for i in readable])
            counts = np.diff(ends)[:, None]
            logits = np.add.reduceat(self.weights[grams], ends[:-1], axis=0) / np.sqrt(counts) + self.bias
            logits -= logits.max(1, keepdims=True)
            result[readable] = logits - np.log(np.exp(logits).sum(1, keepdims=True))
        place = {text: i for i, text in enumerate(once)}
        return result[[place[text] for text in texts]]


def ngrams(texts: Sequence[str]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return the hashes, 0 to 2¹³ − 1, of the n-grams of up to four letters with which n texts begin.

    Case and digits do not count; the beginning, line breaks, and the end where it is reached, are letters too.

    Returns:
        grams: the hashes, each once for a text, text after text.
        ends: (n + 1,) where in `grams` each text begins, and the last one ends.
    """
    marked = [_marked(text) for text in texts]
    lengths = np.array([len(text) for text in marked])[:, None]
    place = np.arange(LETTERS + 2)
    letters = np.zeros((len(marked), LETTERS + 2), np.uint32)
    letters[place < lengths] = np.frombuffer("".join(marked).encode("utf-32-le", "replace"), np.uint32)
    keys, whole = [letters], [place < lengths]
    for length in range(2, _LONGEST + 1):
        keys.append(keys[-1][:, :-1] * np.uint32(0x01000193) + letters[:, length - 1 :])
        whole.append(place[: 1 - length] + length <= lengths)
    hashes = np.concatenate(keys, 1) * np.uint32(0x9E3779B1) >> np.uint32(32 - BITS)
    hashes[~np.concatenate(whole, 1)] = 1 << BITS
    hashes.sort(axis=1)
    once = hashes < 1 << BITS
    once[:, 1:] &= hashes[:, 1:] != hashes[:, :-1]
    return hashes[once].astype(np.int64), np.concatenate([[0], np.cumsum(once.sum(1))])


def _marked(text: str) -> str:
    """Return a text's letters that count, between marks of its beginning and of its end where that is reached."""
    plain = re.sub(r"\d", "0", re.sub(r"\s*[\r\n]+\s*", "\n", text)).lower()
    return "\2" + plain[:LETTERS] + "\3" * (len(plain) <= LETTERS)


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
