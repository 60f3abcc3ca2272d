"""How far what was believed lies from what came true: expected calibration error, ECE.

Of a run of classes, what is believed is that the class ranked first is right, with the probability
of the softmax (Guo, Pleiss, Sun, Weinberger, *On calibration of modern neural networks*, ICML
2017). Of a run of tags it is that an image carries a tag, of all pairs of the two, with the
probability of the sigmoid. Beliefs are put in bins by their probability:

ECE = Σ_b |bin b| / n · |share that came true in b − mean probability in b|

The bins have equal widths, 15 as in that paper; or, adaptive, as many images each (Nguyen &
O'Connor, *Posterior calibration and exploratory analysis for natural language processing models*,
EMNLP 2015), since a good classifier has most of its beliefs in the last bin of equal width.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

import numpy as np
import polars as pl
from numba import njit
from scipy.special import expit

from pipeline_lib.evaluation.beliefs import softmax
from pipeline_lib.evaluation.intervals import Estimate
from pipeline_lib.evaluation.resampled import TEMPERED, Cut, Seed, Weighed
from pipeline_lib.evaluation.resamples import Resamples, in_threads

BINS = 15
EDGES = np.linspace(0, 1, BINS + 1)
EVERY = slice(None)
AT_ONCE = 1024  # images whose beliefs are held


@dataclass(frozen=True)
class Beliefs:
    """Probabilities of one seed, and what came true, (images, beliefs) each."""

    probability: np.ndarray
    true: np.ndarray  # bool
    counted: np.ndarray  # bool; a difficult tag is neither true nor false


def of_first(seed: Seed, cut: Cut, rows: slice = EVERY) -> Beliefs:
    """Return the belief in the class ranked first, as trained or with the chosen temperature."""
    temperature = seed.chosen.temperature if cut == TEMPERED else 1.0
    first = seed.order[rows, :1]
    probability = softmax(seed.scores[rows].astype(np.float64) / temperature)
    true = np.take_along_axis(seed.truth.carried[rows], first, axis=1)
    return Beliefs(np.take_along_axis(probability, first, axis=1), true, np.ones_like(true))


def of_pairs(seed: Seed, cut: Cut, rows: slice = EVERY) -> Beliefs:
    """Return the belief in every tag of every image."""
    probability = expit(seed.scores[rows].astype(np.float64))
    return Beliefs(probability, seed.truth.carried[rows], ~seed.truth.ignored[rows])


OfSeed = Callable[[Seed, Cut, slice], Beliefs]
"""The beliefs of some images of a seed, at a cut-off."""


@dataclass(frozen=True)
class Binned:
    """What each image adds to each bin, (images, BINS)."""

    beliefs: np.ndarray  # how many
    probability: np.ndarray  # their sum
    true: np.ndarray  # how many came true

    @classmethod
    def of(cls, beliefs: OfSeed, cut: Cut, seed: Seed) -> Self:
        """Put beliefs in bins of equal width; one on an edge belongs to the lower bin."""
        images = len(seed.scores)
        some = [slice(start, start + AT_ONCE) for start in range(0, images, AT_ONCE)]
        found = in_threads(lambda rows: _added(beliefs(seed, cut, rows)), some)
        return cls(*np.concatenate([*found], axis=1))

    def __add__(self, other: Self) -> Self:
        """Add up what two seeds believe."""
        return type(self)(
            self.beliefs + other.beliefs,
            self.probability + other.probability,
            self.true + other.true,
        )


def _added(found: Beliefs) -> np.ndarray:
    """Return what each image adds to each bin, (3, images, BINS)."""
    added: np.ndarray = _binned(found.probability, found.true, found.counted, EDGES)
    return added


@njit(nogil=True, cache=True)
def _binned(
    probability: np.ndarray, true: np.ndarray, counted: np.ndarray, edges: np.ndarray
) -> np.ndarray:
    last = len(edges) - 2
    found = np.zeros((3, len(probability), last + 1))
    for image in range(len(probability)):
        for belief in range(probability.shape[1]):
            if counted[image, belief]:
                value = probability[image, belief]
                place = min(int(value * (last + 1)), last)
                while place and value <= edges[place]:
                    place -= 1
                while value > edges[place + 1]:
                    place += 1
                found[0, image, place] += 1
                found[1, image, place] += value
                found[2, image, place] += true[image, belief]
    return found


@dataclass(frozen=True)
class CalibrationError:
    """ECE in bins of equal width."""

    beliefs: OfSeed

    def __call__(self, weighed: Weighed, cut: Cut) -> np.ndarray:
        """Return it in every resample, (draws,)."""
        binned, sums = Binned.of(self.beliefs, cut, weighed.seed), weighed.resamples.sums
        apart = np.abs(sums(binned.true - binned.probability)).sum(1)
        error: np.ndarray = apart / np.maximum(sums(binned.beliefs.sum(1)), 1)
        return error


def adaptive_error(weighed: Weighed, cut: Cut) -> np.ndarray:
    """Return the ECE of classes in bins of as many images each, in every resample, (draws,).

    Images of one probability are shared out evenly, so that their order does not matter.
    """
    found = of_first(weighed.seed, cut)
    probability, true = found.probability[:, 0], found.true[:, 0]
    order = np.argsort(probability, kind="stable")
    ends = np.flatnonzero(np.diff(probability[order], append=np.inf) != 0)
    apart = (true - probability)[order]
    each = []
    for images, drawn in zip(weighed.images, weighed.resamples.counts.T, strict=True):
        inside, moved = _cumulated(drawn[order], ends), _cumulated(drawn[order] * apart, ends)
        each.append(np.interp(images * EDGES, inside, moved))
    error: np.ndarray = np.abs(np.diff(each, axis=1)).sum(1) / weighed.images
    return error


def _cumulated(values: np.ndarray, ends: np.ndarray) -> np.ndarray:
    return np.concatenate([[0.0], np.cumsum(values, dtype=np.float64)[ends]])


def bins(binned: Binned, resamples: Resamples) -> pl.DataFrame:
    """Return what came true in each bin of equal width.

    ``beliefs`` counts them, ``probability`` is their mean, ``true`` the share that came true,
    with the 95 % interval of resamples of the images; null in a bin without a belief.
    """
    beliefs, probability, true = binned.beliefs, binned.probability, binned.true
    shares = _share(resamples.sums(true), resamples.sums(beliefs))
    ends = [_interval(shares[:, one]) for one in range(BINS)]
    table = {
        "bin": np.arange(BINS, dtype=np.int32),
        "low": EDGES[:-1],
        "high": EDGES[1:],
        "beliefs": beliefs.sum(0).astype(np.int64),
        "probability": _share(probability.sum(0), beliefs.sum(0)),
        "true": shares[0],
        "true_low": [low for low, _ in ends],
        "true_high": [high for _, high in ends],
    }
    return pl.DataFrame(table).with_columns(pl.col(pl.Float64).fill_nan(None))


def _share(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    share: np.ndarray = np.divide(part, whole, out=np.full(part.shape, np.nan), where=whole > 0)
    return share


def _interval(shares: np.ndarray) -> tuple[float, float]:
    """Read it from the resamples in which the bin holds something."""
    if np.isnan(shares[0]):
        return np.nan, np.nan
    found = Estimate.of(shares[~np.isnan(shares)]).within(0, 1)
    return found.low, found.high
