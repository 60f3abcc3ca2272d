"""Per-category and confusion tables of first-ranked classes."""

from collections.abc import Sequence

import numpy as np
import polars as pl


def confusion_matrix(predicted: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Count [true, predicted] over all seeds, int64 (classes, classes).

    Args:
        predicted: first-ranked class (seeds, images).
        truth: multi-hot (images, classes); an image of several classes counts in each of its rows.
    """
    classes = truth.shape[1]
    rows, true = np.nonzero(truth)
    counts = np.zeros(classes * classes, np.int64)
    for seed in predicted:
        counts += np.bincount(true * classes + seed[rows], minlength=len(counts))
    return counts.reshape(classes, classes)


def per_category(predicted: np.ndarray, truth: np.ndarray, names: list[str]) -> pl.DataFrame:
    """Return precision, recall and F1 of each class as the first-ranked one, all in 0…1."""
    hits = np.zeros(truth.shape[1], np.int64)
    chosen = np.zeros(truth.shape[1], np.int64)
    for seed in predicted:
        chosen += np.bincount(seed, minlength=truth.shape[1])
        right = truth[np.arange(len(truth)), seed]
        hits += np.bincount(seed[right], minlength=truth.shape[1])
    return _table(hits, chosen, truth, names, len(predicted))


def counted(decided: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Count right decisions and decisions for each category, (2, categories), of one seed.

    Args:
        decided: bool (images, categories).
        truth: bool (images, categories).
    """
    return np.stack([(decided & truth).sum(0), decided.sum(0)])


def of_decisions(counts: Sequence[np.ndarray], truth: np.ndarray, names: list[str]) -> pl.DataFrame:
    """Return precision, recall and F1 of each category wherever it was decided for.

    Args:
        counts: of each seed, as ``counted``.
        truth: bool (images, categories).
        names: of the categories.
    """
    hits, decided = np.sum(counts, axis=0)
    return _table(hits, decided, truth, names, len(counts))


def _table(
    hits: np.ndarray, chosen: np.ndarray, truth: np.ndarray, names: list[str], seeds: int
) -> pl.DataFrame:
    images = truth.sum(0)
    precision, recall = _ratio(hits, chosen), _ratio(hits, images * seeds)
    return pl.DataFrame(
        {
            "category": np.arange(truth.shape[1], dtype=np.int32),
            "name": names,
            "images": images.astype(np.int64),
            "precision": precision,
            "recall": recall,
            "f1": _ratio(2 * precision * recall, precision + recall),
        }
    )


def _ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    ratio: np.ndarray = np.divide(part, whole, out=np.zeros(len(whole)), where=whole > 0)
    return ratio
