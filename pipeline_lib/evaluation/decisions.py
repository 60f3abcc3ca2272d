"""Precision, recall and F1 of decisions for and against labels, label by label and overall.

CP, CR   means over labels of each label's precision and recall
CF1      harmonic mean of CP and CR (not the mean of the labels' F1, scikit-learn's "macro")
OP, OR   precision and recall of all decisions together; OF1 their harmonic mean ("micro")
"""

import math
from dataclasses import dataclass
from typing import Self

import numpy as np

from pipeline_lib.evaluation.resamples import Resamples


def above(logits: np.ndarray, threshold: float) -> np.ndarray:
    """Decide for the labels whose probability σ(logit) exceeds ``threshold``, 0 < threshold < 1."""
    decided: np.ndarray = np.greater(logits, math.log(threshold / (1 - threshold)))
    return decided


def exceeding(logits: np.ndarray, thresholds: float | np.ndarray) -> np.ndarray:
    """Decide for the labels whose logit exceeds a threshold, one for all or one for each label.

    They are compared in the type of the logits, as where the thresholds were chosen.
    """
    decided: np.ndarray = np.greater(logits, np.asarray(thresholds, logits.dtype))
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


@dataclass(frozen=True)
class Tally:
    """What decisions come to in every resample, counts (draws, labels)."""

    hits: np.ndarray  # decided for, and carried
    decided: np.ndarray
    carried: np.ndarray

    @classmethod
    def of(cls, decided: np.ndarray, carried: np.ndarray, resamples: Resamples) -> Self:
        """Count decisions.

        Args:
            decided: bool (images, labels).
            carried: bool (images, labels).
            resamples: of the images.
        """
        return cls(*(resamples.tallies(part) for part in (decided & carried, decided, carried)))

    @property
    def label_precision(self) -> np.ndarray:
        """Of each label, (draws, labels); NaN without a positive, 0 where nothing was decided."""
        precision: np.ndarray = np.where(self.carried > 0, _ratio(self.hits, self.decided), np.nan)
        return precision

    @property
    def label_recall(self) -> np.ndarray:
        """Of each label, (draws, labels); NaN without a positive."""
        recall: np.ndarray = np.where(self.carried > 0, _ratio(self.hits, self.carried), np.nan)
        return recall

    @property
    def label_f1(self) -> np.ndarray:
        """Of each label, (draws, labels); NaN without a positive."""
        f1 = _ratio(2 * self.hits, self.decided + self.carried)
        return np.where(self.carried > 0, f1, np.nan)

    @property
    def overall_precision(self) -> np.ndarray:
        """Of all decisions together, (draws,)."""
        return _ratio(self.hits.sum(1), self.decided.sum(1))

    @property
    def overall_recall(self) -> np.ndarray:
        """Of all decisions together, (draws,)."""
        return _ratio(self.hits.sum(1), self.carried.sum(1))


def _ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    ratio: np.ndarray = np.divide(part, whole, out=np.zeros(part.shape), where=whole > 0)
    return ratio
