"""The text tower of the vision-language model that stage ``vlp`` got or trained."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from open_clip import SimpleTokenizer

from pipeline_lib.encoders.text.prompts import PLACE
from pipeline_lib.encoders.vlp.load import load, tokenizer
from pipeline_lib.errors import InputError


def encode(sentences: Sequence[str], folder: Path | None, device: str) -> np.ndarray:
    """Return (sentences, dims) float32, not normalised; what exceeds the context is cut.

    Raises:
        InputError: there is no model.
    """
    text = load(_named(folder)).model.text.to(device)
    found: np.ndarray = text.sentences(sentences).cpu().numpy()
    return found


@dataclass(frozen=True)
class Prompted:
    """One prompt around every name, in the model's tokens."""

    tokens: np.ndarray  # (names, length) int32
    places: np.ndarray  # (names, length) int32: the prompt's own words by number from 1, else 0


def prompted(names: Sequence[str], prompt: str, folder: Path | None) -> Prompted:
    """Tokenise ``prompt`` around every name, and tell the prompt's own words from the name's.

    Only CLIP's tokenizer is known well enough for that: it begins every text with one token, ends
    it with another, and cuts what is too long before the last. A token that a name's end shares
    with the prompt ("C++" before a full stop) is the name's.
    """
    tokens = tokenizer(_named(folder))
    texts = [prompt.replace(PLACE, name) for name in names]
    table = np.asarray(tokens(texts), np.int32)
    places = np.zeros_like(table)
    if isinstance(tokens, SimpleTokenizer):
        before, behind = (tokens.encode(part.strip()) for part in prompt.split(PLACE))
        own = len(before) + len(behind)
        for row, text in enumerate(texts):
            words = tokens.encode(text)
            first, last = _common(words, before), _common(words[::-1], behind[::-1])
            marks = np.zeros(len(words), np.int32)
            marks[:first] = np.arange(1, first + 1)
            marks[len(words) - last :] = np.arange(own - last + 1, own + 1)
            kept = marks[: table.shape[1] - 2]
            places[row, 1 : 1 + len(kept)] = kept
    return Prompted(table, places)


def _common(words: Sequence[int], others: Sequence[int]) -> int:
    """Return how many words both begin with."""
    pairs = zip(words, others, strict=False)
    return next((i for i, (a, b) in enumerate(pairs) if a != b), min(len(words), len(others)))


def _named(folder: Path | None) -> Path:
    if folder is None:
        raise InputError(
            "text.path is data/none, expected the folder that stage vlp writes for text.source "
            "'vlp'; set it to data/artifacts/vlp/towers, or choose another text.source"
        )
    return folder
