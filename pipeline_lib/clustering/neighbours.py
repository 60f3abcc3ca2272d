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


def nearest(
    unit: np.ndarray,
    k: int,
    *,
    device: str | None,
    images: np.ndarray | None = None,
    among: np.ndarray | None = None,
) -> Neighbours:
    """Return the ``k`` nearest of each of some images, or all where there are less.

    Equally near ones come in the order of their rows.

    Args:
        unit: vectors of unit length, (rows, dimensions) float32.
        k: how many.
        device: what FAISS computes on.
        images: the rows of the images; None is all.
        among: the rows that are searched, ascending; None is all. They hold all ``images``, of
            which none is its own neighbour, or none of them.
    """
    every = np.arange(len(unit))
    images, among = (every if rows is None else rows for rows in (images, among))
    apart = int(np.isin(images, among).any())
    k = max(0, min(k, len(among) - apart))
    if not len(images) or not k:
        return Neighbours(np.empty((len(images), k), np.int64), np.empty((len(images), k)))
    _, found = flat_index(unit[among], device).search(unit[images], k + apart)
    found = among[found]
    own = found == images[:, None]
    if apart:
        own[~own.any(1), -1] = True  # more copies than were asked for: any of them stays out
    rows = found[~own].reshape(len(images), k)
    pairs = (unit[images], unit[rows])
    cosine = np.einsum("nd,nkd->nk", *pairs, dtype=np.float64).clip(-1, 1)
    order = np.lexsort((rows, -cosine), axis=1)
    return Neighbours(np.take_along_axis(rows, order, 1), np.take_along_axis(cosine, order, 1))
