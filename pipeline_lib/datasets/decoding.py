"""Decode every image of a data set once, on all cores, and keep the pixels where they are few."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from pipeline_lib.datasets.decode import BadImage, decode_picture, fingerprint
from pipeline_lib.datasets.reader import Item, Reader
from pipeline_lib.errors import InputError
from pipeline_lib.parallel import map_ordered
from pipeline_lib.params.dataset import Dataset
from pipeline_lib.progress import Track

CHUNK = 64  # images per piece of work, so that pixels travel between processes in batches
MAX_SIDE = 128  # pixels; larger images are read from the data set when they are needed
MAX_BYTES = 2 * 2**30  # of all pixels together

Wanted = Literal["auto", "pixels", "references"]
Storage = Literal["pixels", "references"]
Place = tuple[str, int | None]  # what Reader.load takes


@dataclass(frozen=True)
class Decoded:
    """What is recorded of an image."""

    width: int
    height: int
    turned: int  # EXIF's orientation of the stored picture; 1 is upright
    sha256: str  # of shape and pixels
    pixels: np.ndarray | None  # None where they are not worth keeping


@dataclass(frozen=True)
class Failure:
    """Why an image cannot be used."""

    reason: str
    detail: str


def failed(error: OSError | ValueError, path: str) -> Failure:
    """Return why an image could not be loaded or decoded, short and countable.

    Raises:
        InputError: the data set as a whole is at fault.
    """
    if isinstance(error, InputError):
        raise error
    if isinstance(error, BadImage):
        return Failure(error.reason, error.detail)
    if isinstance(error, FileNotFoundError):  # a row of a table may name a file of its own
        return Failure("missing file", str(error.filename or path))
    return Failure("unreadable file", f"{path}: {error}")


def decode_all(
    reader: Reader, items: Sequence[Item], params: Dataset, track: Track
) -> Iterator[Decoded | Failure]:
    """Yield the result for every item, in order."""
    places = [(item.path, item.row) for item in items]
    chunks = [places[start : start + CHUNK] for start in range(0, len(places), CHUNK)]
    work = _Work(reader, params.max_pixels, params.storage)
    label = f"decoding images, {CHUNK} at a time"
    for results in map_ordered(work, chunks, label=label, track=track):
        yield from results


@dataclass(frozen=True)
class _Work:
    """One piece of work, for any process."""

    reader: Reader
    max_pixels: int
    wanted: Wanted

    def __call__(self, places: Sequence[Place]) -> list[Decoded | Failure]:
        return [self._one(path, row) for path, row in places]

    def _one(self, path: str, row: int | None) -> Decoded | Failure:
        try:
            picture = decode_picture(self.reader.load(path, row), max_pixels=self.max_pixels)
        except (OSError, ValueError) as error:
            return failed(error, path)
        height, width, _ = picture.pixels.shape
        kept = picture.pixels if self._keeps(max(height, width)) else None
        return Decoded(width, height, picture.turned, fingerprint(picture.pixels), kept)

    def _keeps(self, side: int) -> bool:
        return self.wanted == "pixels" or (self.wanted == "auto" and side <= MAX_SIDE)


class PixelStore:
    """The pixels of all images in one array, as long as that is wanted and possible."""

    def __init__(self, wanted: Wanted, rows: int) -> None:
        self._wanted = wanted
        self._rows = rows
        self._array: np.ndarray | None = None
        self._open = wanted != "references"

    def add(self, row: int, image: Decoded) -> None:
        """Put an image into its row; a second size ends the storing of pixels.

        Raises:
            InputError: params ask for pixels and two images differ in size.
        """
        if not self._open:
            return
        if self._array is None and self._fits(image):
            self._array = np.empty((self._rows, image.height, image.width, 3), np.uint8)
        if self._array is None or image.pixels is None:
            self._close()
        elif image.pixels.shape != self._array.shape[1:]:
            self._refuse(image)
            self._close()
        else:
            self._array[row] = image.pixels

    def rows(self, kept: Sequence[int]) -> np.ndarray | None:
        """Return the ``kept`` rows in that order, or None where no pixels are stored."""
        if self._array is None or len(kept) == self._rows:
            return self._array
        return self._array[list(kept)]

    def _fits(self, image: Decoded) -> bool:
        size = self._rows * image.height * image.width * 3
        return self._wanted == "pixels" or (image.pixels is not None and size <= MAX_BYTES)

    def _close(self) -> None:
        self._array, self._open = None, False

    def _refuse(self, image: Decoded) -> None:
        if self._wanted == "pixels" and self._array is not None:
            height, width = self._array.shape[1:3]
            raise InputError(
                f"dataset.storage is 'pixels', but images of {width} x {height} and of "
                f"{image.width} x {image.height} pixels were found, expected one size; set "
                "dataset.storage to 'auto' or 'references', or resize the images"
            )
