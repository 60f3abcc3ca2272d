"""Which images the page has pictures of, and the training images nearest to each."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from pipeline_lib.artifacts.samples import TEST, TRAIN
from pipeline_lib.clustering.neighbours import Neighbours, centred, nearest
from pipeline_lib.evaluation.embedding import spread_choice
from pipeline_lib.reporting.collection import Collection

# Of each split that runs are judged by; larger ones at even steps. A picture is a file: with three
# such splits a report of photographs comes to 100 MB.
EVALUATED = 2000
TRAINED = 1000  # training images at even steps, besides those that are nearest to an image
NEAREST = 6  # training images of each image
NONE = np.empty(0, np.int64)


@dataclass(frozen=True)
class Chosen:
    """The images with a picture, in the order of the page: the training images are last."""

    rows: np.ndarray  # of the sample table
    splits: dict[str, int]  # how many of each split, in that order
    near: Neighbours | None  # by place in ``rows``; None where no stage has vectors of the images

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
        members: rows of more training images: that exemplars are shown by, or in doubt.
    """
    judged = np.concatenate([NONE, *parts.values()])
    some = np.union1d(_some(train, TRAINED), members)
    if vectors is None or not len(train):
        return _chosen(parts, some, None)
    unit = centred(vectors)
    tested = nearest(unit, NEAREST, device=None, images=judged, among=train)
    shown = np.union1d(some, tested.rows.ravel())
    learnt = nearest(unit, NEAREST, device=None, images=shown, among=shown)
    width = min(tested.rows.shape[1], learnt.rows.shape[1])
    found, cosine = (
        np.concatenate([one[:, :width], other[:, :width]])
        for one, other in ((tested.rows, learnt.rows), (tested.cosine, learnt.cosine))
    )
    places = len(judged) + np.searchsorted(shown, found)
    return _chosen(parts, shown, Neighbours(places, cosine))


def _some(rows: np.ndarray, most: int) -> np.ndarray:
    found: np.ndarray = rows[spread_choice(len(rows), most)] if len(rows) else rows
    return found


def _chosen(parts: Mapping[str, np.ndarray], train: np.ndarray, near: Neighbours | None) -> Chosen:
    every = {split: rows for split, rows in (*parts.items(), (TRAIN, train)) if len(rows)}
    rows = np.concatenate([NONE, *every.values()])
    return Chosen(rows, {split: len(found) for split, found in every.items()}, near)
