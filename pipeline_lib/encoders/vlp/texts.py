"""Texts as a frozen sentence encoder sees them, each encoded once and kept by its content.

A row's bits depend on its text alone: batches have one shape for each length of texts, and are
filled up, so that texts that came later end with the bytes of a run on all of them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from hashlib import sha256
from pathlib import Path

import numpy as np
import open_clip
import torch
import torch.nn.functional as F
import transformers
from open_clip.tokenizer import HFTokenizer
from torch import nn

from pipeline_lib.artifacts.parts import PartStore
from pipeline_lib.closure import code_digest
from pipeline_lib.encoders.vlp.joined import sentences_of, text_tower, tokenizer_of
from pipeline_lib.fingerprint import digest, file_digest
from pipeline_lib.parallel import map_ordered
from pipeline_lib.progress import Track

BATCH = 64  # texts
STEP = 8  # tokens: lengths of texts are rounded up to a multiple
TEXTS_PER_PART = 1024  # what a kill can lose, per worker
ARRAY = "vectors"


@dataclass(frozen=True)
class _Part:
    """Texts of one length in tokens."""

    keys: list[str]
    tokens: np.ndarray  # (texts, length) int32


@dataclass(frozen=True)
class Encoder:
    """A sentence encoder with a folder of what it encoded before."""

    folder: Path
    parts: Path
    device: str
    track: Track

    def __call__(self, texts: Sequence[str]) -> np.ndarray:
        """Return (texts, dims) float32 of unit length.

        Raises:
            InputError: the folder holds no sentence encoder that open_clip can build.
        """
        keys = [sha256(text.encode()).hexdigest() for text in texts]
        store = PartStore(self.parts / self._fingerprint())
        text_of = dict(zip(keys, texts, strict=True))
        missing = sorted(store.missing(keys))
        todo = list(self._pieces(missing, [text_of[key] for key in missing])) if missing else []
        encode = partial(_encode, self.folder, self.device, store)
        most = 1 if self.device == "cuda" else None
        for _ in map_ordered(encode, todo, label="texts: parts", track=self.track, most=most):
            pass
        return np.concatenate([rows[ARRAY] for rows in store.gather(keys, len(keys))])

    def _pieces(self, keys: list[str], texts: list[str]) -> Iterator[_Part]:
        tokens, lengths = _tokens(self.folder, texts)
        for length in np.unique(lengths).tolist():
            places = np.flatnonzero(lengths == length)
            for start in range(0, len(places), TEXTS_PER_PART):
                some = places[start : start + TEXTS_PER_PART]
                yield _Part([keys[i] for i in some], tokens[some, :length])

    def _fingerprint(self) -> str:
        return digest(
            {
                "encoder": file_digest(self.folder),
                "device": self.device,
                "code": code_digest(__name__),
                "versions": [torch.__version__, transformers.__version__, open_clip.__version__],
            }
        )


def _tokens(folder: Path, texts: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """Return the tokens of texts, (texts, context), and their lengths, rounded up."""
    tokenizer = _tokenizer(folder)
    tokens = tokenizer(texts).numpy().astype(np.int32)
    used = tokens != tokenizer.tokenizer.pad_token_id
    lengths = tokens.shape[1] - used[:, ::-1].argmax(1)  # to the last token that is none of padding
    return tokens, np.minimum(-(-lengths // STEP) * STEP, tokens.shape[1])


@torch.inference_mode()
def _encode(folder: Path, device: str, store: PartStore, part: _Part) -> None:
    tower, rows = _tower(folder, device), list[np.ndarray]()
    for start in range(0, len(part.keys), BATCH):
        some = part.tokens[start : start + BATCH]
        filled = np.resize(some, (BATCH, some.shape[1])).astype(np.int64)  # by its own texts again
        found = F.normalize(tower(torch.from_numpy(filled).to(device)).float(), dim=1)
        rows.append(found[: len(some)].cpu().numpy())
    store.add(part.keys, {ARRAY: np.concatenate(rows)})


@lru_cache(maxsize=1)
def _tokenizer(folder: Path) -> HFTokenizer:
    return tokenizer_of(sentences_of(folder))


@lru_cache(maxsize=1)
def _tower(folder: Path, device: str) -> nn.Module:
    tower: nn.Module = text_tower(sentences_of(folder))
    return tower.to(device).eval().requires_grad_(False)
