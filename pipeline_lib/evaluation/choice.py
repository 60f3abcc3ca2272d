"""What is chosen on a split of known labels: thresholds of tags, a temperature of classes.

A threshold is the one of largest F1 (Lipton, Elkan, Naryanaswamy, *Optimal thresholding of
classifiers to maximize F1 measure*, ECML 2014); of each tag by itself it is Yang's SCut (*A study
of thresholding strategies for text categorization*, SIGIR 2001). Both warn of tags that few images
carry, whose threshold fits these images; those take the threshold of all tags together.
The temperature is that of the least negative log-likelihood (Guo, Pleiss, Sun, Weinberger, *On
calibration of modern neural networks*, ICML 2017).
"""

import numpy as np
from scipy.optimize import brentq
from scipy.special import logsumexp, softmax

from pipeline_lib.artifacts.thresholds import Choice
from pipeline_lib.evaluation.decisions import exceeding
from pipeline_lib.evaluation.resampled import Truth

LEAST_POSITIVES = 10  # images that carry a tag; docs/log.md, 2026-11-29, has what 1 to 50 do
RANKED_RIGHT = "every image is ranked right, so that no temperature is likeliest: 1 is kept"
NO_BETTER = "no temperature is likelier than all classes alike: 1 is kept"
STEEPEST = 2.0**40  # of the inverse of the temperature, beyond which nothing is looked for


def best_threshold(scores: np.ndarray, carried: np.ndarray) -> tuple[float, float]:
    """Return the score above which to decide for the largest F1, and that F1.

    It lies in the middle between two scores, and where several are as good, it decides for the
    fewest. One that decides for everything lies next below the lowest score.

    Args:
        scores: (pairs,), finite.
        carried: bool (pairs,), at least one.
    """
    order = np.argsort(-scores, kind="stable")
    ranked, hits = scores[order], np.cumsum(carried[order])
    ends = np.flatnonzero(np.diff(ranked, append=np.nan) != 0)  # equal scores are decided alike
    f1 = 2 * hits[ends] / (ends + 1 + hits[-1])
    best = int(f1.argmax())
    upper, below = ranked[ends[best]], ranked[ends[best] + 1 :]
    lower = below[0] if len(below) else np.nextafter(upper, -np.inf)
    middle = lower / 2 + upper / 2
    return float(middle if lower <= middle < upper else lower), float(f1[best])


def choose_thresholds(
    scores: np.ndarray, truth: Truth, judged: np.ndarray, *, least: int = LEAST_POSITIVES
) -> Choice:
    """Choose a threshold for all tags together and one for each that enough images carry.

    Args:
        scores: of one seed, (images, tags).
        truth: of the same images and tags.
        judged: indices of the tags that some images may carry; the others take the common one.
        least: images that carry a tag which has a threshold of its own.
    """
    counted = ~truth.ignored
    some = np.zeros(scores.shape[1], bool)
    some[judged] = True
    pairs = counted & some
    common, f1 = best_threshold(scores[pairs], truth.carried[pairs])
    own = np.full(scores.shape[1], common)
    for tag in np.flatnonzero(some & (truth.carried.sum(0) >= least)):
        rows = counted[:, tag]
        own[tag], _ = best_threshold(scores[rows, tag], truth.carried[rows, tag])
    decided = exceeding(scores, own) & pairs
    hits, total = (decided & truth.carried).sum(), decided.sum() + truth.carried[pairs].sum()
    on_val = {"overall_f1": f1, "overall_f1_by_label": float(2 * hits / total)}
    return Choice(threshold=common, by_label=tuple(own.tolist()), on_val=on_val)


def choose_temperature(logits: np.ndarray, classes: np.ndarray) -> Choice:
    """Choose the temperature of the least negative log-likelihood.

    Its slope in β = 1/T, the mean of Σ_j p_j z_j − z_y, never falls, so it has one root or none.

    Args:
        logits: of one seed, (images, classes).
        classes: the class of each image, (images,).
    """
    z = logits.astype(np.float64) - logits.max(1, keepdims=True)
    right = z[np.arange(len(z)), classes]

    def slope(inverse: float) -> float:
        return float(((softmax(inverse * z, axis=1) * z).sum(1) - right).mean())

    remark, inverse = "", 1.0
    if slope(0.0) >= 0:
        remark = NO_BETTER
    elif not (right < 0).any():
        remark = RANKED_RIGHT
    else:
        steep = 1.0
        while slope(steep) < 0 and steep < STEEPEST:
            steep *= 2
        inverse = float(brentq(slope, 0.0, steep, xtol=1e-15, rtol=1e-12))
    loss = {"nll": _loss(inverse * z, classes), "nll_as_trained": _loss(z, classes)}
    return Choice(temperature=1 / inverse, on_val=loss, remark=remark)


def _loss(logits: np.ndarray, classes: np.ndarray) -> float:
    """Return the negative log-likelihood, nats per image."""
    of_classes = logits[np.arange(len(logits)), classes]
    return float((logsumexp(logits, axis=1) - of_classes).mean())
