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

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import polars as pl
from scipy.special import expit

from pipeline_lib.evaluation.beliefs import softmax
from pipeline_lib.evaluation.intervals import Estimate, drawn_counts
from pipeline_lib.evaluation.resampled import TEMPERED, Cut, Seed, Weighed

BINS = 15
EDGES = np.linspace(0, 1, BINS + 1)


@dataclass(frozen=True)
class Beliefs:
    """Probabilities of one seed, and what came true, (images, beliefs) each."""

    probability: np.ndarray
    true: np.ndarray  # bool
    counted: np.ndarray  # bool; a difficult tag is neither true nor false


def of_first(seed: Seed, cut: Cut) -> Beliefs:
    """Return the belief in the class ranked first, as trained or with the chosen temperature."""
    temperature = seed.chosen.temperature if cut == TEMPERED else 1.0
    first = seed.order[:, :1]
    probability = softmax(seed.scores.astype(np.float64) / temperature)
    true = np.take_along_axis(seed.truth.carried, first, axis=1)
    return Beliefs(np.take_along_axis(probability, first, axis=1), true, np.ones_like(true))


def of_pairs(seed: Seed, cut: Cut) -> Beliefs:
    """Return the belief in every tag of every image."""
    probability = expit(seed.scores.astype(np.float64))
    return Beliefs(probability, seed.truth.carried, ~seed.truth.ignored)


@dataclass(frozen=True)
class Binned:
    """What each image adds to each bin, (images, BINS)."""

    beliefs: np.ndarray  # how many
    probability: np.ndarray  # their sum
    true: np.ndarray  # how many came true

    @classmethod
    def of(cls, found: Beliefs) -> Self:
        """Put beliefs in bins of equal width; one on an edge belongs to the lower bin."""
        place = np.searchsorted(EDGES[1:-1], found.probability).astype(np.int8)
        place[~found.counted] = -1
        inside = [place == number for number in range(BINS)]
        return cls(
            np.stack([one.sum(1, dtype=np.float64) for one in inside], 1),
            np.stack([np.einsum("ij,ij->i", found.probability, one) for one in inside], 1),
            np.stack([(one & found.true).sum(1, dtype=np.float64) for one in inside], 1),
        )


@dataclass(frozen=True)
class CalibrationError:
    """ECE in bins of equal width."""

    beliefs: Callable[[Seed, Cut], Beliefs]

    def __call__(self, weighed: Weighed, cut: Cut) -> np.ndarray:
        """Return it in every resample, (draws,)."""
        seed = weighed.seed
        binned = seed.once((self, cut), lambda: Binned.of(self.beliefs(seed, cut)))
        apart = np.abs(weighed.sums(binned.true - binned.probability)).sum(1)
        error: np.ndarray = apart / np.maximum(weighed.sums(binned.beliefs).sum(1), 1)
        return error


def adaptive_error(weighed: Weighed, cut: Cut) -> np.ndarray:
    """Return the ECE of classes in bins of as many images each, in every resample, (draws,).

    Images of one probability are shared out evenly, so that their order does not matter.
    """
    found = weighed.seed.once((adaptive_error, cut), lambda: of_first(weighed.seed, cut))
    probability, true = found.probability[:, 0], found.true[:, 0]
    order = np.argsort(probability, kind="stable")
    ends = np.flatnonzero(np.diff(probability[order], append=np.inf) != 0)
    counts = weighed.counts[:, order]
    images, apart = (
        np.pad(np.cumsum(counts * values, axis=1)[:, ends], ((0, 0), (1, 0)))
        for values in (1.0, (true - probability)[order])
    )
    meet = weighed.images[:, None] * EDGES
    each = [np.interp(*of_draw) for of_draw in zip(meet, images, apart, strict=True)]
    error: np.ndarray = np.abs(np.diff(each, axis=1)).sum(1) / weighed.images
    return error


def bins(seeds: Sequence[Beliefs], *, draws: int, seed: int) -> pl.DataFrame:
    """Return what came true in each bin of equal width, all seeds together.

    ``beliefs`` counts them, ``probability`` is their mean, ``true`` the share that came true,
    with the 95 % interval of resamples of the images; null in a bin without a belief.
    """
    each = [Binned.of(found) for found in seeds]
    beliefs, probability, true = (
        np.sum([getattr(binned, name) for binned in each], axis=0)
        for name in ("beliefs", "probability", "true")
    )
    counts = [np.ones((1, len(beliefs))), *drawn_counts(len(beliefs), draws=draws, seed=seed)]
    shares = np.concatenate([_share(c @ true, c @ beliefs) for c in counts])
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
