"""Text search over pictures that nobody ingested: which show best what a text says.

The vectors of pictures are kept by their content, so that a second search encodes none of them.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import islice
from pathlib import Path

import numpy as np
import PIL
import polars as pl
import timm
import torch
from torch import Tensor

from pipeline_lib.api.towers import TowerPair
from pipeline_lib.artifacts.parts import PartStore
from pipeline_lib.closure import code_digest
from pipeline_lib.datasets.decode import fingerprint
from pipeline_lib.datasets.decoding import Failure, failed
from pipeline_lib.datasets.reader import Encoded, Item, Rejection
from pipeline_lib.errors import InputError
from pipeline_lib.fingerprint import digest, file_digest
from pipeline_lib.parallel import workers
from pipeline_lib.prediction.run import MAX_PIXELS
from pipeline_lib.prediction.scoring import Batch, Scoring
from pipeline_lib.prediction.sources import Pictures
from pipeline_lib.progress import Track, silent
from pipeline_lib.training.network import Scores

PER_PART = 4  # batches whose vectors are kept together: what a kill loses
VECTORS = "vectors"
FOUND = {"text": pl.String, "rank": pl.Int64, "id": pl.String, "score": pl.Float32}


@dataclass(frozen=True)
class Search:
    """A model, the pictures it is asked about, and where their vectors are kept."""

    towers: TowerPair
    pictures: Pictures
    kept: Path
    max_pixels: int = MAX_PIXELS

    def encoded(self, track: Track = silent) -> "Encodings":
        """Return the vectors of all pictures; those whose content is known are not encoded.

        Raises:
            InputError: not one of them can be used.
        """
        store = PartStore(self.kept / self._fingerprint)
        reasons = Counter[str]()
        keyed = list(self._keyed(reasons))
        missing = set(store.missing(key for _, key in keyed))
        first = {key: item for item, key in reversed(keyed) if key in missing}
        todo = [(item, key) for key, item in first.items()]
        bad = self._encode(todo, store, track)
        good = [(item, key) for item, key in keyed if key not in bad]
        reasons.update(bad[key] for _, key in keyed if key in bad)
        if not good:
            most = ", ".join(f"{count} {reason}" for reason, count in reasons.items())
            raise InputError(
                f"no picture of {len(self.pictures)} can be used ({most}), expected one at least; "
                "name a folder of sound pictures"
            )
        rows = [part[VECTORS] for part in store.gather([key for _, key in good], 1000)]
        return Encodings(
            [item for item, _ in good], np.concatenate(rows), len(todo) - len(bad), dict(reasons)
        )

    def _keyed(self, reasons: Counter[str]) -> Iterator[tuple[Item, str]]:
        """Yield every picture that can be read, with the digest of its content."""
        for item in self.pictures.items():
            if isinstance(item, Rejection):
                reasons[item.reason] += 1
                continue
            try:
                yield item, _digest(self.pictures.load(item.path, item.row))
            except (OSError, ValueError) as error:
                reasons[failed(error, item.path).reason] += 1

    def _encode(
        self, todo: Sequence[tuple[Item, str]], store: PartStore, track: Track
    ) -> dict[str, str]:
        """Keep the vectors of pictures; return why there are none of some, by key."""
        size, bad = self.towers.batch_size, dict[str, str]()
        threads = workers() + (self.towers.device != "cpu")
        scoring = Scoring(_Vectors(self.towers), self.pictures, self.max_pixels, threads)
        items, keys = [item for item, _ in todo], iter([key for _, key in todo])
        batches = [Batch(items[i : i + size]) for i in range(0, len(items), size)]
        outcomes_of = scoring.outcomes(batches)
        parts = iter(lambda: list(islice(outcomes_of, PER_PART)), [])
        total = -(-len(batches) // PER_PART)
        for part in track(parts, label="pictures", total=total):
            rows: dict[str, np.ndarray] = {}
            for _, outcomes in part:
                for outcome, key in zip(outcomes, keys, strict=False):
                    if isinstance(outcome, Failure):
                        bad[key] = outcome.reason
                    else:
                        rows[key] = outcome
            if rows:
                store.add(list(rows), {VECTORS: np.stack(list(rows.values()))})
        return bad

    @property
    def _fingerprint(self) -> str:
        """Name all that a vector depends on but its picture."""
        model = file_digest(self.towers.folder)
        versions = [torch.__version__, timm.__version__, PIL.__version__]
        code = code_digest(__name__)
        return digest([model, self.towers.device, self.towers.batch_size, code, versions])


@dataclass(frozen=True)
class Encodings:
    """Vectors of pictures."""

    items: list[Item]
    vectors: np.ndarray  # (pictures, dims) float32, of length 1
    encoded: int  # that were not kept before
    unused: dict[str, int]  # pictures without a vector, by reason

    def table(self, texts: Sequence[str], of_texts: Tensor, top: int) -> pl.DataFrame:
        """Return the ``top`` pictures of each text, best first: text, rank, id, score (cosine).

        Of equal scores the first picture counts.
        """
        frames = [pl.DataFrame(schema=FOUND)]
        for text, scores in zip(texts, of_texts.numpy() @ self.vectors.T, strict=True):
            best = np.argsort(-scores, kind="stable")[:top]
            ids = [self.items[place].key for place in best]
            rows = {"text": text, "rank": range(1, len(best) + 1), "id": ids, "score": scores[best]}
            frames.append(pl.DataFrame(rows, FOUND))
        return pl.concat(frames)


@dataclass(frozen=True)
class _Vectors:
    """The image tower, as ``Scoring`` asks for rows."""

    towers: TowerPair

    @property
    def device(self) -> str:
        return self.towers.device

    @property
    def batch_size(self) -> int:
        return self.towers.batch_size

    def prepare(self, image: np.ndarray) -> Tensor:
        return self.towers.prepare(image)

    def score_prepared(self, images: list[Tensor]) -> Scores:
        found = self.towers.encode(torch.stack(images))
        return Scores(found, found)


def _digest(encoded: Encoded) -> str:
    return sha256(encoded).hexdigest() if isinstance(encoded, bytes) else fingerprint(encoded)
