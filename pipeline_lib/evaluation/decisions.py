"""Precision, recall and F1 of decisions for and against labels, by category and overall.

CP, CR   means over categories of each category's precision and recall
CF1      harmonic mean of CP and CR (not the mean of the categories' F1, scikit-learn's "macro")
OP, OR   precision and recall of all decisions together; OF1 their harmonic mean ("micro")
"""

import math

import numpy as np

from pipeline_lib.evaluation.average_precision import mean_over_categories
from pipeline_lib.evaluation.ranking import harmonic_mean


def above(logits: np.ndarray, threshold: float) -> np.ndarray:
    """Decide for the labels whose probability σ(logit) exceeds ``threshold``, 0 < threshold < 1."""
    decided: np.ndarray = np.greater(logits, math.log(threshold / (1 - threshold)))
    return decided


def among_top(logits: np.ndarray, order: np.ndarray, k: int) -> np.ndarray:
    """Decide for the k labels of each image that score highest; -inf is never among them.

    Args:
        logits: (images, labels).
        order: their ``ranking``.
        k: the cut-off.
    """
    decided = np.zeros(logits.shape, bool)
    np.put_along_axis(decided, order[:, :k], True, axis=1)
    decided &= np.isfinite(logits)
    return decided


def by_category_and_overall(
    decided: np.ndarray, truth: np.ndarray, counts: np.ndarray, *, empty: str
) -> dict[str, np.ndarray]:
    """Return the six metrics in every resample, (draws,) each, by protocol and name.

    A category that nothing was decided for has precision 0. One without a positive has recall 0,
    or with ``empty: skip`` is left out of both means.

    Args:
        decided: bool (images, categories).
        truth: bool (images, categories).
        counts: how often each resample drew each image (draws, images).
        empty: "zero" or "skip".
    """
    # whole numbers below 2²⁴ are exact in single precision, which takes half the memory and time
    kind = np.float32 if counts.sum(1).max() < 2**24 else np.float64
    weights = counts.astype(kind)
    hits, chosen, carried = (
        (weights @ part.astype(kind)).astype(np.float64)
        for part in (decided & truth, decided, truth)
    )  # (draws, categories)
    unknown = carried == 0
    precision = np.where(unknown & (empty == "skip"), np.nan, _ratio(hits, chosen))
    recall = np.where(unknown, np.nan, _ratio(hits, carried))
    return {
        **_triple(
            "category_pr",
            mean_over_categories(precision, empty=empty),
            mean_over_categories(recall, empty=empty),
        ),
        **_triple(
            "overall_pr",
            _ratio(hits.sum(1), chosen.sum(1)),
            _ratio(hits.sum(1), carried.sum(1)),
        ),
    }


def _triple(protocol: str, precision: np.ndarray, recall: np.ndarray) -> dict[str, np.ndarray]:
    return {
        f"{protocol}_precision": precision,
        f"{protocol}_recall": recall,
        f"{protocol}_f1": harmonic_mean(precision, recall),
    }


def _ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    ratio: np.ndarray = np.divide(part, whole, out=np.zeros(part.shape), where=whole > 0)
    return ratio
