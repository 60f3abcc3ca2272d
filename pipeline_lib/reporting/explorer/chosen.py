"""Which images the page has pictures of, and the training images nearest to each."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from pipeline_lib.artifacts.samples import TEST, TRAIN
from pipeline_lib.clustering.faiss_build import library
from pipeline_lib.evaluation.embedding import spread_choice
from pipeline_lib.reporting.collection import Collection

EVALUATED = (
    2000  # images of a split that runs are judged by; larger splits at even steps. A picture
)
# is a file: with three such splits a report of photographs comes to 100 MB
TRAINED = 1000  # training images at even steps, besides those that are nearest to an image
NEAREST = 6  # training images of each image
NONE = np.empty(0, np.int64)


@dataclass(frozen=True)
class Near:
    """The training images nearest to some images, nearest first."""

    places: np.ndarray  # (images, neighbours), of training images among those shown
    cosines: np.ndarray  # (images, neighbours) -1…1


@dataclass(frozen=True)
class Chosen:
    """The images with a picture, in the order of the page: the training images are last."""

    rows: np.ndarray  # of the sample table
    splits: dict[str, int]  # how many of each split, in that order
    near: Near | None  # None where no stage has vectors of the images

    @property
    def judged(self) -> int:
        """How many of the first images runs may have judged."""
        return len(self.rows) - self.splits.get(TRAIN, 0)


def evaluated(collection: Collection) -> dict[str, np.ndarray]:
    """Choose rows of every split that runs are judged by: test first, val last."""
    order = sorted(collection.evaluation_splits, key=lambda s: (not s.startswith(TEST), s))
    return {split: _some(collection.rows(split), EVALUATED) for split in order}


def chosen(
    parts: Mapping[str, np.ndarray],
    train: np.ndarray,
    vectors: np.ndarray | None,
    members: np.ndarray,
) -> Chosen:
    """Add training images to those of the other splits.

    Args:
        parts: as ``evaluated``.
        train: rows of the training images.
        vectors: of every image, (images, dimensions); None where there are none.
        members: rows of training images that exemplars are shown by.
    """
    judged = np.concatenate([NONE, *parts.values()])
    some = np.union1d(_some(train, TRAINED), members)
    if vectors is None or not len(train):
        return _chosen(parts, some, None)
    unit = _unit(vectors)
    nearest, cosines = search(unit, judged, train)
    shown = np.union1d(some, nearest.ravel())
    others, theirs = search(unit, shown, shown)
    width = min(nearest.shape[1], others.shape[1])
    found = np.concatenate([nearest[:, :width], others[:, :width]])
    places = len(judged) + np.searchsorted(shown, found)
    every = np.concatenate([cosines[:, :width], theirs[:, :width]])
    return _chosen(parts, shown, Near(places, every))


def search(
    unit: np.ndarray, images: np.ndarray, among: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the rows nearest to each of some images, itself apart, and their cosines.

    Args:
        unit: float32 vectors of length 1 of every image.
        images: rows.
        among: rows that are searched; ``images`` are either all of them, or none.
    """
    own = len(images) > 0 and bool(np.isin(images, among).any())
    count = min(NEAREST, len(among) - own)
    if not len(images) or count < 1:
        return np.empty((len(images), 0), np.int64), np.empty((len(images), 0), np.float32)
    index = library().IndexFlatIP(unit.shape[1])
    index.add(np.ascontiguousarray(unit[among]))
    cosines, places = index.search(np.ascontiguousarray(unit[images]), count + own)
    found = among[places]
    # Of pictures that are the same to the network, the image itself need not be first.
    others = found != images[:, None] if own else np.ones(found.shape, bool)
    first = np.argsort(~others, axis=1, kind="stable")[:, :count]
    return np.take_along_axis(found, first, 1), np.take_along_axis(cosines, first, 1)


def _some(rows: np.ndarray, most: int) -> np.ndarray:
    found: np.ndarray = rows[spread_choice(len(rows), most)] if len(rows) else rows
    return found


def _unit(vectors: np.ndarray) -> np.ndarray:
    wide = vectors.astype(np.float32)
    length = np.linalg.norm(wide, axis=1, keepdims=True)
    unit: np.ndarray = np.divide(wide, length, out=np.zeros_like(wide), where=length > 0)
    return unit


def _chosen(parts: Mapping[str, np.ndarray], train: np.ndarray, near: Near | None) -> Chosen:
    every = {split: rows for split, rows in (*parts.items(), (TRAIN, train)) if len(rows)}
    rows = np.concatenate([NONE, *every.values()])
    return Chosen(rows, {split: len(found) for split, found in every.items()}, near)
