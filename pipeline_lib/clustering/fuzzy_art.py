"""Fuzzy ART (Carpenter, Grossberg and Rosen 1991): clusters whose number follows from the data.

A category is a box; a sample joins the box that fits it best among those it does not stretch too
far, or founds a new one. With I = (x, 1 − x) for x in [0, 1]^m:

    choice     T_j = |I ∧ w_j| / (α + |w_j|)
    match      M_j = |I ∧ w_j| / m ≥ ρ
    learning   w ← β (I ∧ w) + (1 − β) w
"""

from typing import Literal, Self

import numpy as np

from pipeline_lib.clustering import art_kernels
from pipeline_lib.clustering.scaling import Scaler
from pipeline_lib.clustering.validation import check_samples
from pipeline_lib.errors import InputError

ROOM = 256  # categories that fit before the weights are moved to a larger array


class FuzzyART:
    """Fuzzy ART, label for label and weight for weight equal to ``artlib.FuzzyART``.

    The result depends on the order of the samples; ``shuffle`` fixes another order than the given.

    Args:
        rho: vigilance, 0…1: the share of its m dimensions' total width that a box must leave.
        alpha: choice parameter, ≥ 0; small values prefer small boxes.
        beta: learning rate, 0 < β ≤ 1.
        max_iter: passes over the samples.
        scale: "minmax" learns the range of every dimension, "none" takes X as it is in [0, 1].
        ties: which of several equal choices wins; artlib takes the first, the authors' code the
            last.
        shuffle: seed of the order in which samples are presented; None keeps the given order.

    Attributes:
        labels_: category of every training sample in the last pass, int64 (samples,).
        weights_: (clusters, 2m) float64.
        counts_: training samples per category in the last pass, int64 (clusters,).
        n_clusters_: number of categories. Some may have lost all their samples by the last pass.
        scaler_: the learned range, or None.
    """

    labels_: np.ndarray
    weights_: np.ndarray
    counts_: np.ndarray
    scaler_: Scaler | None

    def __init__(
        self,
        rho: float = 0.85,
        alpha: float = 0.01,
        beta: float = 0.6,
        max_iter: int = 1,
        scale: Literal["minmax", "none"] = "minmax",
        ties: Literal["first", "last"] = "first",
        shuffle: int | None = None,
    ) -> None:
        self.rho = rho
        self.alpha = alpha
        self.beta = beta
        self.max_iter = max_iter
        self.scale = scale
        self.ties = ties
        self.shuffle = shuffle

    @property
    def n_clusters_(self) -> int:
        """Number of categories."""
        return len(self.weights_)

    @property
    def boxes_(self) -> np.ndarray:
        """Lower and upper corner of every category, (clusters, 2, m), in scaled units."""
        low, high = np.split(self.weights_, 2, axis=1)
        return np.stack([low, 1 - high], axis=1)

    def fit(self, X: np.ndarray) -> Self:
        """Learn the categories of X (samples, m) from nothing.

        Raises:
            InputError: X or a parameter is out of range.
        """
        self._start(X)
        for _ in range(self.max_iter):
            self._present(X)
        return self

    def partial_fit(self, X: np.ndarray) -> Self:
        """Present X once to what was learned so far; ``labels_`` then are those of this X.

        The range of "minmax" is that of the first call; later samples are clipped to it.
        """
        if hasattr(self, "weights_"):
            self._check_width(X)
        else:
            self._start(X)
        self._present(X)
        return self

    def predict(self, X: np.ndarray, reject: bool = False) -> np.ndarray:
        """Return the category of greatest choice, int64 (samples,).

        With ``reject``, only categories that pass vigilance count, and −1 means none did.
        """
        self._check_width(X)
        rho = self.rho if reject else 0.0
        sizes = _sizes(self.weights_)
        found = [
            art_kernels.choose(x, self.weights_, sizes, len(sizes), rho, self.alpha, self._last)
            for x in self._coded(X)
        ]
        return np.asarray(found, np.int64)

    @property
    def _last(self) -> bool:
        return self.ties == "last"

    def _start(self, X: np.ndarray) -> None:
        """Learn the range of X; there are no categories yet."""
        self._check_parameters()
        check_samples(X)
        self.scaler_ = Scaler.of(X) if self.scale == "minmax" else None
        self.weights_ = np.empty((0, 2 * X.shape[1]))

    def _present(self, X: np.ndarray) -> None:
        """One pass over X in the chosen order."""
        order = self._order(len(X))
        coded = self._coded(X)[order]
        labels = np.empty(len(X), np.int64)
        weights, known, done = self.weights_, len(self.weights_), 0
        sizes = _sizes(weights)
        while done < len(coded):
            if known == len(weights):
                weights, sizes = _grown(weights, sizes)
            step, known = art_kernels.learn(
                coded[done:], weights, sizes, known, self.rho, self.alpha, self.beta, self._last,
                labels[done:],
            )  # fmt: skip
            done += step
        self.weights_ = weights[:known].copy()
        self.labels_ = np.empty_like(labels)
        self.labels_[order] = labels
        self.counts_ = np.bincount(labels, minlength=known)

    def _order(self, samples: int) -> np.ndarray:
        if self.shuffle is None:
            return np.arange(samples)
        return np.random.default_rng(self.shuffle).permutation(samples)

    def _coded(self, X: np.ndarray) -> np.ndarray:
        """Return (x, 1 − x) in float64, contiguous."""
        x = np.asarray(X, np.float64)
        if self.scaler_ is not None:
            x = self.scaler_.apply(X)
        elif x.min() < 0 or x.max() > 1:
            raise InputError(
                f"Fuzzy ART: values from {x.min():.4g} to {x.max():.4g}, expected 0…1; "
                "scale the features, or use scale='minmax'"
            )
        return np.hstack([x, 1 - x])

    def _check_parameters(self) -> None:
        allowed = {
            "rho": (0 <= self.rho <= 1, "0 to 1"),
            "alpha": (0 <= self.alpha < np.inf, "0 or more"),
            "beta": (0 < self.beta <= 1, "more than 0, at most 1"),
            "max_iter": (self.max_iter >= 1, "1 or more"),
            "scale": (self.scale in ("minmax", "none"), "'minmax' or 'none'"),
            "ties": (self.ties in ("first", "last"), "'first' or 'last'"),
        }
        for name, (fits, expected) in allowed.items():
            if not fits:
                raise InputError(
                    f"Fuzzy ART: {name} is {getattr(self, name)}, expected {expected}; change it"
                )

    def _check_width(self, X: np.ndarray) -> None:
        check_samples(X)
        expected = self.weights_.shape[1] // 2
        if X.shape[1] != expected:
            raise InputError(
                f"Fuzzy ART: {X.shape[1]} dimensions, expected {expected} as in fit; take features "
                "of the same backbone"
            )


def _sizes(weights: np.ndarray) -> np.ndarray:
    """Return |w| of every category, with the bits that ``art_kernels.learn`` gives it."""
    return np.array([art_kernels.total(w) for w in weights])


def _grown(weights: np.ndarray, sizes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return copies with room for at least as many categories again."""
    more = max(ROOM, len(weights))
    room = np.empty((more, weights.shape[1]))
    return np.concatenate([weights, room]), np.concatenate([sizes, np.zeros(more)])
