"""What a linear classifier says of each image that it has not seen, nor a copy of it."""

import warnings
from dataclasses import dataclass

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.neural_network import MLPClassifier

from pipeline_lib.params.quality import OutOfFold
from pipeline_lib.progress import Track

ITERATIONS = 200  # at most; 50 do with features of photographs


@dataclass(frozen=True)
class Judged:
    """The images that could be judged, and the probabilities of the labels that could be."""

    rows: np.ndarray  # (judged,) ascending
    labels: np.ndarray  # (columns,) indices of categories, ascending
    probability: np.ndarray  # (judged, columns); NaN where training held no such label
    rare: np.ndarray  # indices of categories with fewer groups of copies than folds


def out_of_fold(
    vectors: np.ndarray,
    carried: np.ndarray,
    groups: np.ndarray,
    params: OutOfFold,
    *,
    exclusive: bool,
    track: Track,
) -> Judged:
    """Score every image by a classifier that was trained on the other folds.

    A label is left out where it has fewer groups of copies than there are folds, and with it, of
    classes, the images that carry it.

    Args:
        vectors: (images, dimensions).
        carried: multi-hot bool (images, categories).
        groups: (images,) the number of the copies that each image is one of; they share a fold.
        params: folds, penalty, seed.
        exclusive: an image carries one label: softmax; else a sigmoid each.
        track: counts the folds.
    """
    spread = np.array([len(np.unique(groups[column])) for column in carried.T], np.int64)
    kept, rare = spread >= params.folds, np.flatnonzero(spread < params.folds)
    labels = np.flatnonzero(kept)
    rows = np.flatnonzero(carried[:, kept].sum(1) == 1) if exclusive else np.arange(len(carried))
    if len(labels) < 1 + exclusive:
        return Judged(rows[:0], labels[:0], np.zeros((0, 0)), rare)
    X, Y = vectors[rows], carried[np.ix_(rows, labels)]
    probability = np.full(Y.shape, np.nan)
    folds = list(_folds(Y, groups[rows], params))
    for train, test in track(folds, label="quality: folds", total=len(folds)):
        probability[test] = _fitted(X, Y, train, test, params, exclusive=exclusive)
    return Judged(rows, labels, probability, rare)


def _folds(
    carried: np.ndarray, groups: np.ndarray, params: OutOfFold
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return training and test rows of each fold; the rarest label of each image is spread."""
    rarity = np.where(carried, carried.sum(0), len(carried) + 1)
    rarest = np.where(carried.any(1), rarity.argmin(1), carried.shape[1])
    split = StratifiedGroupKFold(params.folds, shuffle=True, random_state=params.seed)
    with warnings.catch_warnings():  # of images that are few with such a rarest label
        warnings.filterwarnings("ignore", "The least populated class", UserWarning)
        return list(split.split(rarest, rarest, groups))


def _fitted(
    X: np.ndarray,
    Y: np.ndarray,
    train: np.ndarray,
    test: np.ndarray,
    params: OutOfFold,
    *,
    exclusive: bool,
) -> np.ndarray:
    """Train on some rows and return the probabilities of others.

    A perceptron without a hidden layer is a logistic regression; it fits all tags in one product
    of matrices, where scikit-learn's own fits them one by one.
    """
    mean, deviation = X[train].mean(0), X[train].std(0)
    deviation[deviation == 0] = 1
    shown = Y[train].any(0) & (exclusive | ~Y[train].all(0))
    found = np.full((len(test), Y.shape[1]), np.nan)
    if shown.sum() < 1 + exclusive:
        return found
    wanted = shown.nonzero()[0]
    known = Y[train][:, wanted]
    target = known.argmax(1) if exclusive else known
    model = MLPClassifier(
        hidden_layer_sizes=(),
        solver="lbfgs",
        alpha=1 / params.c,  # both penalties are |w|²/2, here of the mean loss times images
        max_iter=ITERATIONS,
        random_state=0,  # of the first weights: what it converges to is one
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # the ranking has settled long before
        model.fit(
            (X[train] - mean) / deviation, target.squeeze() if target.shape[1:] == (1,) else target
        )
    told = model.predict_proba((X[test] - mean) / deviation)
    found[:, wanted] = told[:, -1:] if len(wanted) == 1 else told
    return found
