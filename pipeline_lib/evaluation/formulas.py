"""How metrics are computed of a seed in some resamples: the formulas of evaluation/metrics.py."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from pipeline_lib.evaluation.average_precision import mean_over_categories
from pipeline_lib.evaluation.ranking import harmonic_mean, hits_at
from pipeline_lib.evaluation.resampled import Cut, Formula, OfImages, Seed, Weighed


@dataclass(frozen=True)
class OverImages:
    """The mean over images of a value that each image has by itself."""

    of_images: OfImages

    def values(self, seed: Seed, cut: Cut) -> np.ndarray:
        """Return the value of every image, (images,)."""
        return seed.of_images(self.of_images, cut)

    def __call__(self, weighed: Weighed, cut: Cut) -> np.ndarray:
        """Return the mean in every resample, (draws,)."""
        mean: np.ndarray = weighed.resamples.sums(self.values(weighed.seed, cut)) / weighed.images
        return mean


@dataclass(frozen=True)
class OverLabels:
    """The mean over labels of a value that each label has by itself."""

    of_labels: Callable[[Weighed, Cut], np.ndarray]  # (draws, labels); NaN: no image carries it
    title: str = ""  # of one label's value, where the report shows it label by label

    def __call__(self, weighed: Weighed, cut: Cut) -> np.ndarray:
        """Return the mean in every resample, (draws,)."""
        return mean_over_categories(self.of_labels(weighed, cut), empty=weighed.seed.rules.empty)


@dataclass(frozen=True)
class OfKind:
    """The mean over the seen labels, or over the unseen ones, that are ranked with the others."""

    of_labels: Callable[[Weighed, Cut], np.ndarray]
    unseen: bool

    def __call__(self, weighed: Weighed, cut: Cut) -> np.ndarray:
        """Return the mean in every resample, (draws,)."""
        rules = weighed.seed.rules
        assert rules.unseen is not None  # nobody asks where labels are of one kind
        some = self.of_labels(weighed, cut)[:, rules.unseen == self.unseen]
        return mean_over_categories(some, empty=rules.empty)


@dataclass(frozen=True)
class F1:
    """The harmonic mean of two metrics: a precision and a recall, averaged before, above all."""

    precision: Formula
    recall: Formula

    def __call__(self, weighed: Weighed, cut: Cut) -> np.ndarray:
        """Return it in every resample, (draws,)."""
        return harmonic_mean(weighed.formed(self.precision, cut), weighed.formed(self.recall, cut))


def average_precision(convention: str) -> Callable[[Weighed, Cut], np.ndarray]:
    """Return what computes the AP of every label by a convention of average_precision.py."""
    return lambda weighed, _: weighed.precisions[convention]


def label_precision(weighed: Weighed, cut: Cut) -> np.ndarray:
    """Return the precision of every label, (draws, labels)."""
    return weighed.tally(cut).label_precision


def label_recall(weighed: Weighed, cut: Cut) -> np.ndarray:
    """Return the recall of every label, (draws, labels)."""
    return weighed.tally(cut).label_recall


def label_f1(weighed: Weighed, cut: Cut) -> np.ndarray:
    """Return the F1 of every label, (draws, labels)."""
    return weighed.tally(cut).label_f1


def overall_precision(weighed: Weighed, cut: Cut) -> np.ndarray:
    """Return the precision of all decisions together, (draws,)."""
    return weighed.tally(cut).overall_precision


def overall_recall(weighed: Weighed, cut: Cut) -> np.ndarray:
    """Return the recall of all decisions together, (draws,)."""
    return weighed.tally(cut).overall_recall


def micro_precision(weighed: Weighed, k: Any) -> np.ndarray:
    """Return the positives among the first k of all images, divided by k times the images."""
    precision: np.ndarray = _hits(weighed, k) / (k * weighed.images)
    return precision


def micro_recall(weighed: Weighed, k: Any) -> np.ndarray:
    """Return the positives among the first k of all images, divided by all; 0 without one."""
    carried = weighed.resamples.sums(weighed.seed.of_images(_positives, k))
    recall: np.ndarray = np.divide(
        _hits(weighed, k), carried, out=np.zeros(len(carried)), where=carried > 0
    )
    return recall


def _hits(weighed: Weighed, k: int) -> np.ndarray:
    return weighed.resamples.sums(weighed.seed.of_images(hits_at, k))


def _positives(_: np.ndarray, carried: np.ndarray, k: int) -> np.ndarray:
    positives: np.ndarray = carried.sum(1)
    return positives
