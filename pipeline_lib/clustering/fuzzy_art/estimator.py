"""Fuzzy ART (Carpenter, Grossberg and Rosen 1991): clusters whose number follows from the data.

A category is a box; a sample joins the box that fits it best among those it does not stretch too
far, or founds a new one. With I = (x, 1 − x) for x in [0, 1]^m:

    choice     T_j = |I ∧ w_j| / (α + |w_j|)
    match      M_j = |I ∧ w_j| / m ≥ ρ_j
    learning   w ← β (I ∧ w) + (1 − β) w

How it is computed, exactly and fast: docs/clustering.md.
"""

from typing import Any, Literal, Self

import numpy as np
from sklearn.base import BaseEstimator, ClusterMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from pipeline_lib.clustering.fuzzy_art.adaptive import AM, CM, FIXED, HI
from pipeline_lib.clustering.fuzzy_art.box_distance import supported
from pipeline_lib.clustering.fuzzy_art.exact import tie
from pipeline_lib.clustering.fuzzy_art.groups import Learned, Step, present_groups
from pipeline_lib.clustering.fuzzy_art.parameters import check
from pipeline_lib.clustering.fuzzy_art.present import present
from pipeline_lib.clustering.fuzzy_art.run import Rule, threads_of
from pipeline_lib.clustering.scaling import Scaler, ranges
from pipeline_lib.clustering.validation import check_samples
from pipeline_lib.errors import InputError

VIGILANCE = {"fixed": FIXED, "am": AM, "cm": CM, "hi": HI}
TILE = 64  # samples scanned against one state of the categories
FROZEN_TILE = 256  # the same where nothing is learned
KINDS = (np.float64, np.float32)  # of numbers; the first stands for all others


class FuzzyART(ClusterMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """Fuzzy ART, label for label and weight for weight equal to ``artlib.FuzzyART``.

    The result depends on the order of the samples; a seed fixes another order than the given. It
    does not depend on the number of threads, the processor or the device.

    Args:
        rho: vigilance, 0…1: the share of its m dimensions' total width that a box must leave.
        alpha: choice parameter, ≥ 0; small values prefer small boxes.
        beta: learning rate, 0 < β ≤ 1.
        max_iter: passes over the samples.
        scale: "minmax" learns the range of every dimension, "none" takes X as it is in [0, 1],
            (low, high) is the range of every dimension, such as (-1, 1).
        ties: which of several equal choices wins; artlib takes the first, the authors' code the
            last.
        random_state: seed of the order in which samples are presented; None keeps the given order.
        vigilance: "fixed", or what adapts it per category: "am", "cm" or "hi" for AM-ART, CM-ART
            and HI-ART (``adaptive``).
        sigma: AM-ART and HI-ART: by which share a vigilance changes, 0 ≤ σ < 1.
        delta: CM-ART and HI-ART: by how much a vigilance is raised above the match, ≥ 0.
        n_jobs: threads; None takes ``NUMBA_NUM_THREADS``, else the cores of this process.
        device: None computes on this processor; a torch device, such as "cuda", scans there.

    Attributes:
        labels_: category of every training sample in the last pass, int64 (samples,).
        weights_: (clusters, 2m) float64.
        counts_: training samples per category in the last pass, int64 (clusters,).
        rhos_: vigilance of every category, float64 (clusters,).
        groups_: group of every category, int64 (clusters,); 0 without groups.
        order_: rows of the training samples in the order of their presentation.
        n_iter_: passes made.
        n_clusters_: number of categories. Some may have lost all their samples by the last pass.
        scaler_: the range that is scaled to 0…1, or None.
        n_features_in_: m.

    References:
        G. A. Carpenter, S. Grossberg and D. B. Rosen: Fuzzy ART: Fast stable learning and
        categorization of analog patterns by an adaptive resonance system. Neural Networks 4 (1991).

        L. Meng, A.-H. Tan and D. Xu: Semi-supervised heterogeneous fusion for multimedia data
        co-clustering. TKDE 26 (2014); L. Meng, A.-H. Tan and D. C. Wunsch: Vigilance adaptation in
        adaptive resonance theory. IJCNN (2013), Adaptive scaling of cluster boundaries for
        large-scale social media data clustering. TNNLS 27 (2016).

    Example:
        >>> import numpy as np
        >>> from pipeline_lib.clustering.fuzzy_art.estimator import FuzzyART
        >>> X = np.array([[0.1, 0.1], [0.9, 0.8], [0.15, 0.1], [0.9, 0.9]])
        >>> model = FuzzyART(rho=0.8).fit(X)
        >>> model.labels_
        array([0, 1, 0, 1])
        >>> model.predict(np.array([[0.8, 0.9], [0.5, 0.5]]), reject=True)
        array([ 1, -1])
        >>> FuzzyART(rho=0.8, vigilance="hi").fit_predict(X)
        array([0, 1, 0, 1])
    """

    labels_: np.ndarray
    weights_: np.ndarray
    counts_: np.ndarray
    rhos_: np.ndarray
    groups_: np.ndarray
    order_: np.ndarray
    n_iter_: int
    scaler_: Scaler | None

    def __init__(
        self,
        rho: float = 0.85,
        alpha: float = 0.01,
        beta: float = 0.6,
        max_iter: int = 1,
        scale: Literal["minmax", "none"] | tuple[float, float] = "minmax",
        ties: Literal["first", "last"] = "first",
        random_state: int | None = None,
        *,
        vigilance: Literal["fixed", "am", "cm", "hi"] = "fixed",
        sigma: float = 5e-6,
        delta: float = 1e-3,
        n_jobs: int | None = None,
        device: str | None = None,
    ) -> None:
        self.rho = rho
        self.alpha = alpha
        self.beta = beta
        self.max_iter = max_iter
        self.scale = scale
        self.ties = ties
        self.random_state = random_state
        self.vigilance = vigilance
        self.sigma = sigma
        self.delta = delta
        self.n_jobs = n_jobs
        self.device = device

    @property
    def n_clusters_(self) -> int:
        """Number of categories."""
        return len(self.weights_)

    @property
    def boxes_(self) -> np.ndarray:
        """Lower and upper corner of every category, (clusters, 2, m), in scaled units."""
        low, high = np.split(self.weights_, 2, axis=1)
        return np.stack([low, 1 - high], axis=1)

    def fit(self, X: np.ndarray, y: None = None, *, groups: np.ndarray | None = None) -> Self:
        """Learn the categories of X from nothing.

        Args:
            X: features (samples, m).
            y: read by nothing.
            groups: the group of every sample, integers (samples,): a sample competes for
                categories of its own group only. None: one group.

        Raises:
            InputError: X, a parameter or the groups are out of range.
        """
        X = self._start(X)
        for _ in range(self.max_iter):
            self._present(X, groups)
        return self

    def partial_fit(
        self, X: np.ndarray, y: None = None, *, groups: np.ndarray | None = None
    ) -> Self:
        """Present X once to what was learned so far; ``labels_`` then are those of this X.

        Arguments and errors are those of ``fit``. The range of "minmax" is that of the first call;
        later samples are clipped to it.
        """
        X = self._checked(X) if hasattr(self, "weights_") else self._start(X)
        self._present(X, groups)
        return self

    def predict(
        self, X: np.ndarray, *, reject: bool = False, groups: np.ndarray | None = None
    ) -> np.ndarray:
        """Return the category of greatest choice, int64 (samples,).

        With ``reject``, only categories that pass vigilance count, and -1 means none did. With
        ``groups`` (samples,), only those of the sample's group; -1 means there are none.
        """
        check_is_fitted(self)
        X = self._checked(X)
        rhos = self._rhos() if reject else np.zeros(self.n_clusters_)
        rule = self._rule(X.shape[1])._replace(learns=False, vigilance=FIXED, tile=FROZEN_TILE)
        learned = Learned(self.weights_, rhos, self.groups_)
        return present_groups(self._step(X, rule), np.arange(len(X)), groups, learned)[0]

    def _start(self, X: np.ndarray) -> np.ndarray:
        """Learn the range of X; there are no categories yet."""
        check(self)
        low, high, X = self._measured(X, reset=True)
        self.scaler_ = None
        if self.scale == "minmax":
            self.scaler_ = Scaler(low, high)
        elif self.scale != "none":
            width = np.ones(X.shape[1])
            self.scaler_ = Scaler(self.scale[0] * width, self.scale[1] * width)
        self._check_range(low, high)
        nothing = np.empty((0, 2 * X.shape[1])), np.empty(0), np.empty(0, np.int64)
        self.weights_, self.rhos_, self.groups_ = Learned(*nothing)
        self.n_iter_ = 0
        return X

    def _present(self, X: np.ndarray, groups: np.ndarray | None) -> None:
        """One pass over X in the chosen order."""
        self.order_ = self._order(len(X))
        step = self._step(X, self._rule(X.shape[1]))
        learned = Learned(self.weights_, self._rhos(), self.groups_)
        labels, learned = present_groups(step, self.order_, groups, learned)
        self.weights_, self.rhos_, self.groups_ = learned
        self.labels_ = np.empty_like(labels)
        self.labels_[self.order_] = labels
        self.counts_ = np.bincount(labels, minlength=len(self.weights_))
        self.n_iter_ += 1

    def _step(self, X: np.ndarray, rule: Rule) -> Step:
        """Return what presents rows of X to some categories."""
        dimensions = X.shape[1]
        low, span = np.zeros(dimensions), np.ones(dimensions)
        if self.scaler_ is not None:
            low = np.array(self.scaler_.low)  # a plain array: compiled code knows no memory map
            span = np.array(self.scaler_.high) - low
        if self.device is None:
            threads = threads_of(self.n_jobs)
            return lambda order, memory: present(X, order, low, span, memory, rule, threads)
        from pipeline_lib.clustering.fuzzy_art.scan_torch import (
            present_on,  # torch is slow to import
        )

        device = self.device
        return lambda order, memory: present_on(device, X, order, low, span, memory, rule)

    def _rule(self, dimensions: int) -> Rule:
        return Rule(
            rho=float(self.rho),
            alpha=float(self.alpha),
            beta=float(self.beta),
            sigma=float(self.sigma),
            delta=float(self.delta),
            vigilance=VIGILANCE[self.vigilance],
            last_wins=self.ties == "last",
            near=tie(dimensions),
            learns=True,
            tile=TILE,
            width=supported()[0],
        )

    def _rhos(self) -> np.ndarray:
        """Return the vigilance of every category; where it does not adapt, ``rho`` of now."""
        return np.full(self.n_clusters_, self.rho) if self.vigilance == "fixed" else self.rhos_

    def _order(self, samples: int) -> np.ndarray:
        if self.random_state is None:
            return np.arange(samples)
        return np.random.default_rng(self.random_state).permutation(samples)

    def _checked(self, X: np.ndarray) -> np.ndarray:
        """Return later samples as compiled code takes them."""
        low, high, X = self._measured(X, reset=False)
        self._check_range(low, high)
        return X

    def _check_range(self, low: np.ndarray, high: np.ndarray) -> None:
        """Refuse samples outside a range that was given; a learned range clips them."""
        if self.scale == "minmax":
            return
        least, most = (0.0, 1.0) if self.scale == "none" else self.scale
        if low.min() < least or high.max() > most:
            raise InputError(
                f"Fuzzy ART: values from {low.min():.4g} to {high.max():.4g}, expected "
                f"{least:.4g}…{most:.4g}; scale the features, or use scale='minmax'"
            )

    def _measured(self, X: Any, *, reset: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return the least and largest value of every column, and X as compiled code takes it."""
        X = validate_data(
            self, X, reset=reset, dtype=KINDS, order="C", ensure_all_finite=False, copy=False
        )
        if not X.flags.writeable:
            X = X.copy()  # compiled code takes no other, or would be compiled once more
        low, high, finite = ranges(X)
        if not finite:
            check_samples(X)
        return low, high, X
