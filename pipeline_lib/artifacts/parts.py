"""Finished pieces of a long computation, kept outside the artifacts so that a kill loses little.

A part is one tensor file: rows that were computed together, of one array or several, and the key of
each. Rows are found by key, whatever part they are in, so work goes on where it stopped and old
rows serve a larger set.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np

from pipeline_lib.artifacts.arrays import MORE, Array
from pipeline_lib.artifacts.tensors import Tensors
from pipeline_lib.errors import InputError
from pipeline_lib.fingerprint import digest

Item = TypeVar("Item")
PART = Tensors("part", "features", (Array("{name}", "", ("rows", MORE)),), version=2)
Rows = dict[str, np.ndarray]
"""Arrays by name whose first axes are the same rows."""


@dataclass(frozen=True)
class PartStore:
    """A folder of parts; its name should be a fingerprint of everything the rows depend on."""

    folder: Path

    def add(self, keys: Sequence[str], rows: Rows) -> None:
        """Keep ``rows``, one per key."""
        PART.write(self.folder / f"{digest(list(keys))}.safetensors", rows, keys=list(keys))

    def missing(self, keys: Iterable[str]) -> list[str]:
        """Return the keys that no part holds, without repeats, in the order given."""
        known = self._index()
        return [key for key in dict.fromkeys(keys) if key not in known]

    def gather(self, keys: Sequence[str], per_chunk: int) -> Iterator[Rows]:
        """Yield the rows of ``keys`` in order, ``per_chunk`` at a time."""
        index = self._index()
        for start in range(0, len(keys), per_chunk):
            yield self._rows(keys[start : start + per_chunk], index)

    def _rows(self, keys: Sequence[str], index: dict[str, tuple[Path, int]]) -> Rows:
        places: dict[Path, list[int]] = {}
        for place, key in enumerate(keys):
            places.setdefault(index[key][0], []).append(place)
        out: Rows = {}
        for path, wanted in places.items():
            for name, rows in PART.read(path)[0].items():
                if name not in out:
                    out[name] = np.empty((len(keys), *rows.shape[1:]), rows.dtype)
                out[name][wanted] = rows[[index[keys[place]][1] for place in wanted]]
        if not out:
            raise ValueError("gather needs at least one key")
        return out

    def _index(self) -> dict[str, tuple[Path, int]]:
        """Map every key to its part and row; a damaged part is deleted and computed again."""
        index: dict[str, tuple[Path, int]] = {}
        for path in sorted(self.folder.glob("*.safetensors")):
            try:
                with PART.opened(path) as (_, header):
                    index |= {key: (path, row) for row, key in enumerate(header["keys"])}
            except InputError:
                path.unlink()
        return index


def pieces(items: Sequence[Item], most: int, batch_size: int) -> Iterator[Sequence[Item]]:
    """Yield what each part holds: whole batches, so that only the last one has to be filled."""
    size = max(most // batch_size, 1) * batch_size
    for start in range(0, len(items), size):
        yield items[start : start + size]
