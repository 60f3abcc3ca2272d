"""The nearest images of every image by the cosine of their centred vectors, found by FAISS."""

from dataclasses import dataclass

import numpy as np

from pipeline_lib.clustering.faiss_build import flat_index


@dataclass(frozen=True)
class Neighbours:
    """The nearest other images of each, the nearest first."""

    rows: np.ndarray  # (images, k), int64
    cosine: np.ndarray  # (images, k), float64


def centred(vectors: np.ndarray) -> np.ndarray:
    """Return the vectors (images, dimensions) around their mean, of unit length, float32.

    What all images have in common makes every cosine of, say, rectified features near 1. A vector
    that is the mean has no direction and stays 0.
    """
    offset = vectors.astype(np.float64) - vectors.mean(0, dtype=np.float64)
    length = np.linalg.norm(offset, axis=1, keepdims=True)
    scale = np.abs(vectors).max(initial=0.0)
    tiny = length <= np.finfo(np.float32).eps * max(float(scale), 1.0)  # what rounding leaves
    unit: np.ndarray = np.where(tiny, 0.0, offset / np.where(tiny, 1.0, length)).astype(np.float32)
    return unit


def nearest(unit: np.ndarray, k: int, *, device: str | None) -> Neighbours:
    """Return the ``k`` nearest of each of some vectors of unit length, or all where there are less.

    Equally near ones come in the order of the images.
    """
    count = len(unit)
    k = min(k, count - 1)
    _, found = flat_index(unit, device).search(unit, k + 1)
    own = found == np.arange(count)[:, None]
    own[~own.any(1), -1] = True  # more copies than were asked for: any of them stays out
    rows = found[~own].reshape(count, k)
    cosine = np.einsum("nd,nkd->nk", unit, unit[rows], dtype=np.float64).clip(-1, 1)
    order = np.lexsort((rows, -cosine), axis=1)
    return Neighbours(np.take_along_axis(rows, order, 1), np.take_along_axis(cosine, order, 1))
