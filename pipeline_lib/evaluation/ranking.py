"""Metrics of rankings, one value per image, so that means, intervals and pairs come for free.

Conventions: scores are (images, classes), higher is better; equal scores rank by class index, so
that a result never depends on the sorting algorithm. Truth is multi-hot bool (images, classes).
All values lie in 0…1 and higher is better.
"""

import numpy as np
from numba import njit

from pipeline_lib.errors import InputError


def validate(scores: np.ndarray, truth: np.ndarray) -> None:
    """Refuse scores that do not fit the truth.

    Raises:
        InputError: shapes differ, there is no image, or a score is not finite.
    """
    if scores.shape != truth.shape or scores.ndim != 2 or not len(scores):
        raise InputError(
            f"evaluation: scores of shape {scores.shape} for labels of shape {truth.shape}; "
            "expected (images > 0, classes) for both; re-run `dvc repro train`"
        )
    if not np.isfinite(scores).all():
        bad = int((~np.isfinite(scores)).any(1).sum())
        raise InputError(
            f"evaluation: {bad} of {len(scores)} images have scores that are not finite; expected "
            "finite scores; lower the learning rate and train again"
        )


def ranking(scores: np.ndarray) -> np.ndarray:
    """Return class indices, best first, (images, classes)."""
    order: np.ndarray = np.argsort(-scores, axis=1, kind="stable")
    return order


def first_ranked(scores: np.ndarray, most: int) -> np.ndarray:
    """Return the first ``most`` of ``ranking``, (images, most), without sorting the others."""
    order: np.ndarray = _first_ranked(scores, most)
    return order


@njit(nogil=True, cache=True)
def _first_ranked(scores: np.ndarray, most: int) -> np.ndarray:
    order = np.zeros((len(scores), most), np.int64)
    best = np.zeros(most, scores.dtype)
    for image in range(len(scores)):
        held = 0
        for label in range(scores.shape[1]):
            score = scores[image, label]
            if held == most and score <= best[most - 1]:
                continue
            place = min(held, most - 1)
            while place and best[place - 1] < score:
                best[place], order[image, place] = best[place - 1], order[image, place - 1]
                place -= 1
            best[place], order[image, place] = score, label
            held = min(held + 1, most)
    return order


def hits_at(order: np.ndarray, truth: np.ndarray, k: int) -> np.ndarray:
    """Count the positives among the first k of each image, (images,)."""
    counts: np.ndarray = np.take_along_axis(truth, order[:, :k], axis=1).sum(1)
    return counts


def top_k_accuracy(order: np.ndarray, truth: np.ndarray, k: int) -> np.ndarray:
    """1 where a positive is among the first k; for single-label data this is Acc@k."""
    return (hits_at(order, truth, k) > 0).astype(np.float64)


def per_image_precision(order: np.ndarray, truth: np.ndarray, k: int) -> np.ndarray:
    """Positives among the first k, divided by k, also where there are fewer than k classes."""
    return hits_at(order, truth, k) / k


def per_image_recall(order: np.ndarray, truth: np.ndarray, k: int) -> np.ndarray:
    """Positives among the first k, divided by all positives; 0 where an image has none."""
    recall: np.ndarray = hits_at(order, truth, k) / np.maximum(truth.sum(1), 1)
    return recall


def harmonic_mean(precision: np.ndarray, recall: np.ndarray) -> np.ndarray:
    """F1 of averaged precision and recall; 0 where both are 0."""
    total = precision + recall
    f1: np.ndarray = np.where(total > 0, 2 * precision * recall / np.where(total > 0, total, 1), 0)
    return f1
