"""The pixels of an ingested data set, wherever they lie."""

import importlib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, Self

import numpy as np
import polars as pl

from pipeline_lib.artifacts.samples import IMAGES
from pipeline_lib.datasets.decode import decode, fingerprint
from pipeline_lib.datasets.reader import Encoded, Reader
from pipeline_lib.errors import InputError
from pipeline_lib.params.dataset import Dataset

PIXELS = "pixels"  # the tensor's name
THREADS = 4  # that decode; Pillow lets go of the interpreter meanwhile
NO_PIXELS = np.empty((0, 0, 0, 3), np.uint8)


def write_images(path: Path, pixels: np.ndarray | None, params: Dataset) -> None:
    """Write the pixels, or with None what is needed to read them from the data set again."""
    if pixels is None:
        IMAGES.write(
            path,
            {PIXELS: NO_PIXELS},
            storage="references",
            dataset=params.model_dump(exclude={"path"}),
        )
    else:
        IMAGES.write(path, {PIXELS: pixels}, storage="pixels")


class _Entry(NamedTuple):
    """The columns of one sample that lead to its pixels."""

    sample_id: str
    path: str
    row: int | None
    width: int
    height: int
    sha256: str


@dataclass(frozen=True)
class _Source:
    """The data set that references point into."""

    reader: Reader
    max_pixels: int

    @classmethod
    def of(cls, section: dict[str, Any]) -> Self:
        """Open the data set.

        Readers are found by name: no result depends on their code but through ``sha256``, which
        is checked, so that an edited reader encodes and trains nothing anew.
        """
        registry = importlib.import_module("pipeline_lib.datasets.registry")
        return cls(registry.reopen(section), section["max_pixels"])

    def load(self, entry: _Entry) -> Encoded:
        try:
            return self.reader.load(entry.path, entry.row)
        except (OSError, ValueError) as error:
            raise _changed(entry, str(error)) from error

    def decode(self, entry: _Entry, encoded: Encoded) -> np.ndarray:
        try:
            pixels = decode(encoded, max_pixels=self.max_pixels)
        except ValueError as error:
            raise _changed(entry, str(error)) from error
        height, width, _ = pixels.shape
        if (width, height) != (entry.width, entry.height):
            raise _changed(entry, f"{width} x {height} pixels")
        if fingerprint(pixels) != entry.sha256:
            raise _changed(entry, "other pixels of the same size")
        return pixels


class Images:
    """Random access to the images of ``samples``, by row; it can be sent to other processes."""

    def __init__(self, path: Path, samples: pl.DataFrame) -> None:
        self._path = path
        self._samples = samples.select(_Entry._fields)
        with IMAGES.opened(path) as (file, header):
            stored = file.get_slice(PIXELS).get_shape()[0]
        self._source = _Source.of(header["dataset"]) if "dataset" in header else None
        if self._source is None and stored != len(samples):
            raise InputError(
                f"{path}: holds {stored} images, expected {len(samples)}, one for each row of "
                "samples.parquet; re-run `dvc repro ingest`"
            )

    def __len__(self) -> int:
        return len(self._samples)

    def pixels(self, rows: Sequence[int]) -> list[np.ndarray]:
        """Return the images at ``rows`` of the samples: RGB (height, width, 3) uint8.

        Raises:
            InputError: an image of the data set has changed or gone since it was ingested.
        """
        if self._source is not None:
            return self._referenced(self._source, rows)
        with IMAGES.opened(self._path) as (file, _):
            tensor = file.get_slice(PIXELS)
            return [tensor[row : row + 1][0] for row in rows]

    def _referenced(self, source: _Source, rows: Sequence[int]) -> list[np.ndarray]:
        """Load in the order of the files, whose last part a reader keeps; decode in threads."""
        entries = [_Entry(*self._samples.row(row)) for row in rows]
        order = sorted(range(len(rows)), key=lambda i: (entries[i].path, entries[i].row or 0))
        with ThreadPoolExecutor(THREADS) as pool:
            decoded = {
                i: pool.submit(source.decode, entries[i], source.load(entries[i])) for i in order
            }
            return [decoded[i].result() for i in range(len(rows))]


def _changed(entry: _Entry, found: str) -> InputError:
    return InputError(
        f"image '{entry.sample_id}' of the data set: found {found}, expected the "
        f"{entry.width} x {entry.height} pixels that were ingested; restore the data set, or "
        "re-run `dvc repro ingest`"
    )
