"""Decode every image of a data set once, on all cores, and keep the pixels where they are few.

What was decoded before is not decoded again, unless its pixels are wanted
(datasets/decoded_facts.py).
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, Literal, NamedTuple, TypeVar

import numpy as np

from pipeline_lib.datasets.decode import BadImage, decode_picture, fingerprint
from pipeline_lib.datasets.decoded_facts import Facts, FactStore, facts_of
from pipeline_lib.datasets.location import locate
from pipeline_lib.datasets.reader import Encoded, Item, Reader
from pipeline_lib.errors import InputError
from pipeline_lib.parallel import map_ordered
from pipeline_lib.params.dataset import Dataset
from pipeline_lib.progress import Track

CHUNK = 64  # images per piece of work, so that pixels travel between processes in batches
PART = 1024  # images whose facts are kept in one file; a kill loses fewer
MAX_SIDE = 128  # pixels; larger images are read from the data set when they are needed
MAX_BYTES = 2 * 2**30  # of all pixels together

Wanted = Literal["auto", "pixels", "references"]
Storage = Literal["pixels", "references"]
Place = tuple[str, int | None]  # what Reader.load takes
R = TypeVar("R")


@dataclass(frozen=True)
class Decoded:
    """What is recorded of an image."""

    width: int
    height: int
    turned: int  # EXIF's orientation of the stored picture; 1 is upright
    sha256: str  # of shape and pixels
    pixels: np.ndarray | None  # None where they are not worth keeping

    @property
    def facts(self) -> Facts:
        """All but the pixels."""
        return Facts(self.width, self.height, self.turned, self.sha256)


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
    reader: Reader,
    items: Sequence[Item],
    params: Dataset,
    track: Track,
    kept: FactStore | None = None,
) -> Iterator[Decoded | Failure]:
    """Yield the result for every item, in order.

    Args:
        reader: of the data set.
        items: what is decoded.
        params: what is wanted of pixels, and how many an image may have.
        track: shows the progress.
        kept: what was decoded before, and where what is decoded now is kept; None: nowhere.
    """
    work = _Work(reader, params.max_pixels, params.storage)
    if kept is None:
        yield from (found.image for found in _mapped(work, _places(items), "decoding", track))
        return
    facts = _known(work, items, kept.contents(reader, items, locate(params.path)), kept, track)
    new = [number for number, known in enumerate(facts) if work.needed(known)]
    decoded = _mapped(work, _places([items[number] for number in new]), "decoding", track)
    unwritten: dict[str, Facts] = {}
    for known in facts:
        if known is not None and not work.needed(known):
            yield Decoded(*known, pixels=None)
            continue
        image, content = next(decoded)
        if known is None and content is not None and isinstance(image, Decoded):
            unwritten[content] = image.facts
        if len(unwritten) == PART:
            kept.add(unwritten)
            unwritten = {}
        yield image
    kept.add(unwritten)


def _known(
    work: "_Work",
    items: Sequence[Item],
    contents: list[str | None],
    kept: FactStore,
    track: Track,
) -> list[Facts | None]:
    """Return what is known of every item; those whose content nobody knows are read."""
    known = kept.read()
    unread = [number for number, content in enumerate(contents) if content is None]
    if not known.is_empty():
        read = _mapped(work.content, _places([items[n] for n in unread]), "reading", track)
        for number, content in zip(unread, read, strict=True):
            contents[number] = content
    return facts_of(contents, known)


def _places(items: Sequence[Item]) -> list[Place]:
    return [(item.path, item.row) for item in items]


def _mapped(
    function: Callable[[str, int | None], R], places: Sequence[Place], what: str, track: Track
) -> Iterator[R]:
    """Yield ``function`` of every place, in order, some of them a piece of work."""
    chunks = [places[start : start + CHUNK] for start in range(0, len(places), CHUNK)]
    label = f"{what} images, {CHUNK} at a time"
    for results in map_ordered(_Each(function), chunks, label=label, track=track):
        yield from results


@dataclass(frozen=True)
class _Each(Generic[R]):
    function: Callable[[str, int | None], R]

    def __call__(self, places: Sequence[Place]) -> list[R]:
        return [self.function(path, row) for path, row in places]


class _Found(NamedTuple):
    image: Decoded | Failure
    content: str | None  # SHA-256 of the encoded bytes; None of what is not encoded


@dataclass(frozen=True)
class _Work:
    """What is done to one image, in any process."""

    reader: Reader
    max_pixels: int
    wanted: Wanted

    def __call__(self, path: str, row: int | None) -> _Found:
        """Decode an image."""
        try:
            encoded = self.reader.load(path, row)
            picture = decode_picture(encoded, max_pixels=self.max_pixels)
        except (OSError, ValueError) as error:
            return _Found(failed(error, path), None)
        height, width, _ = picture.pixels.shape
        pixels = picture.pixels if self._keeps(max(height, width)) else None
        found = Decoded(width, height, picture.turned, fingerprint(picture.pixels), pixels)
        return _Found(found, _content(encoded))

    def content(self, path: str, row: int | None) -> str | None:
        """Read an image, and return the SHA-256 of its bytes; None where there are none."""
        try:
            return _content(self.reader.load(path, row))
        except (OSError, ValueError):
            return None  # decoding it says why

    def needed(self, known: Facts | None) -> bool:
        """Say whether an image has to be decoded: for its facts, its pixels, or to be refused."""
        if known is None:
            return True
        return self._keeps(max(known[:2])) or known.width * known.height > self.max_pixels

    def _keeps(self, side: int) -> bool:
        return self.wanted == "pixels" or (self.wanted == "auto" and side <= MAX_SIDE)


def _content(encoded: Encoded) -> str | None:
    return None if isinstance(encoded, np.ndarray) else hashlib.sha256(encoded).hexdigest()


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
