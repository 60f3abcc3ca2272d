"""Average precision of a category, as observed and in resamples of the images, exactly.

noninterpolated   Σ Precision(n) · (Recall(n) − Recall(n − 1)) over the thresholds n, scikit-learn's
                  (what papers report as mAP on MS-COCO and NUS-WIDE)
voc_11point       mean over the recalls 0, 0.1, …, 1 of the largest precision at that recall or
                  above (VOC 2007)
voc_area          area under that largest precision as a function of recall (VOC 2010 on)

A threshold takes all images of one score at once, so the order of the images never matters: not
where scores were rounded, nor where all are the same. An image that a resample drew k times is k
images of one score, as with scikit-learn's ``sample_weight``. No resample is written out.
"""

from typing import NamedTuple

import numpy as np
from numba import njit

CONVENTIONS = ("noninterpolated", "voc_11point", "voc_area")


class Ranked(NamedTuple):
    """The images of one category, best first, without those that do not count for it.

    A group is all images of one score. Those without a positive have no entry of their own.
    """

    order: np.ndarray  # (images,)
    positives: np.ndarray  # (positives,) images, best first
    last: np.ndarray  # (groups with a positive,) where each ends in ``order``
    last_positive: np.ndarray  # (groups with a positive,) where each ends in ``positives``


def ranked(scores: np.ndarray, truth: np.ndarray, ignored: np.ndarray) -> list[Ranked]:
    """Rank the images for every category.

    Args:
        scores: (images, categories), higher is better.
        truth: bool (images, categories).
        ignored: bool (images, categories); images that do not count for a category.
    """
    orders = np.argsort(-scores, axis=0, kind="stable").T
    kept = [order[~ignored[order, category]] for category, order in enumerate(orders)]
    return [
        _grouped(order, scores[order, category], truth[order, category])
        for category, order in enumerate(kept)
    ]


def _grouped(order: np.ndarray, scores: np.ndarray, positive: np.ndarray) -> Ranked:
    """Find the groups; scores and truth are in the order of the ranking."""
    ends = np.flatnonzero(np.diff(scores, append=np.nan) != 0)
    places = np.flatnonzero(positive)
    held, size = np.unique(np.searchsorted(ends, places), return_counts=True)
    return Ranked(order, order[places], ends[held], np.cumsum(size) - 1)


def average_precisions(categories: list[Ranked], counts: np.ndarray) -> dict[str, np.ndarray]:
    """Return the AP of every category in every resample, (draws, categories), by convention.

    It is NaN where a resample holds no positive of a category.

    Args:
        categories: the ranked images of each.
        counts: how often each resample drew each image, integers (draws, images); all ones for
            the images as they are.
    """
    small = np.uint8 if counts.max() < 256 else np.int32  # its rows are gathered, mostly of 0 … 9
    drawn = np.ascontiguousarray(counts.T.astype(small))  # (images, draws)
    found = np.empty((len(CONVENTIONS), len(counts), len(categories)))
    for column, category in enumerate(categories):
        found[:, :, column] = _averages(drawn, category)
    return dict(zip(CONVENTIONS, found, strict=True))


@njit(nogil=True)
def _cumulated(drawn: np.ndarray, rows: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """Count the drawn images up to the end of each group, (1 + groups, draws), 0 at first."""
    found = np.zeros((len(ends) + 1, drawn.shape[1]), np.int32)
    running, start = found[0].copy(), 0
    for group in range(len(ends)):
        for row in rows[start : ends[group] + 1]:
            for draw in range(len(running)):
                running[draw] += drawn[row, draw]
        found[group + 1] = running
        start = ends[group] + 1
    return found


@njit(nogil=True, cache=True)  # it calls nothing outside this file, whose changes numba sees
def _averages(drawn: np.ndarray, category: Ranked) -> np.ndarray:
    """Return one category's AP, (conventions, draws); ``drawn`` is (images, draws)."""
    seen = _cumulated(drawn, category.order, category.last)
    right = _cumulated(drawn, category.positives, category.last_positive)
    found = np.zeros((3, drawn.shape[1]))
    largest = np.zeros(drawn.shape[1])
    for group in range(len(seen) - 1, 0, -1):
        for draw in range(drawn.shape[1]):
            now, before, total = right[group, draw], right[group - 1, draw], right[-1, draw]
            if now == before:
                continue
            precision = now / seen[group, draw]
            largest[draw] = max(largest[draw], precision)
            # in whole numbers: 0.3 is not three times 0.1
            tenths = 10 * now // total - (10 * before // total if before else -1)
            found[0, draw] += (now - before) * precision
            found[1, draw] += tenths * largest[draw]
            found[2, draw] += (now - before) * largest[draw]
    total = np.where(right[-1] > 0, right[-1], np.nan)
    return np.stack((found[0] / total, (found[1] / 11) * (total / total), found[2] / total))


def mean_over_categories(values: np.ndarray, *, empty: str) -> np.ndarray:
    """Average (draws, categories) over categories, (draws,).

    Categories without a positive are NaN; they count 0 (``empty`` is "zero") or are left out
    ("skip"). Where all are left out the mean is 0.
    """
    known = ~np.isnan(values)
    total = np.where(known, values, 0).sum(1)
    count = known.sum(1) if empty == "skip" else np.full(len(values), values.shape[1])
    mean: np.ndarray = total / np.maximum(count, 1)
    return mean
