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

from pipeline_lib.evaluation.resamples import Resamples, blocks, in_threads

CONVENTIONS = ("noninterpolated", "voc_11point", "voc_area")
AT_ONCE = 2**22  # positives times draws of one label that are held; a row of draws is read faster


class Ranked(NamedTuple):
    """The images of one label, best first, without those that do not count for it.

    A group is all images of one score. Those without a positive have no entry of their own.
    """

    order: np.ndarray  # (images,)
    positives: np.ndarray  # (positives,) images, best first
    last: np.ndarray  # (groups with a positive,) where each ends in ``order``
    last_positive: np.ndarray  # (groups with a positive,) where each ends in ``positives``


def average_precisions(
    scores: np.ndarray, carried: np.ndarray, ignored: np.ndarray, resamples: Resamples
) -> np.ndarray:
    """Return the AP of every label in every resample, (conventions, draws, labels).

    It is NaN where a resample holds no positive of a label. Labels are ranked one after the other,
    on as many threads as there are workers.

    Args:
        scores: (images, labels), higher is better.
        carried: bool (images, labels).
        ignored: bool (images, labels); images that do not count for a label.
        resamples: of the images.
    """
    labels = scores.shape[1]
    found = np.empty((len(CONVENTIONS), resamples.counts.shape[1], labels))

    def fill(block: slice) -> None:
        columns = (np.ascontiguousarray(x[:, block].T) for x in (scores, carried, ignored))
        for label, *of_label in zip(range(block.start, block.stop), *columns, strict=True):
            ranked = _ranked(*of_label)
            at_once = max(1, AT_ONCE // (1 + len(ranked.last)))
            found[:, :, label] = _averages(resamples.counts, ranked, at_once)

    list(in_threads(fill, blocks(labels)))
    return found


def _ranked(scores: np.ndarray, positive: np.ndarray, ignored: np.ndarray) -> Ranked:
    """Rank the images for one label, of (images,) each."""
    order = np.argsort(-scores, kind="stable")
    if ignored.any():
        order = order[~ignored[order]]
    ends = np.flatnonzero(np.diff(scores[order], append=np.nan) != 0)
    places = np.flatnonzero(positive[order])
    held, size = np.unique(np.searchsorted(ends, places), return_counts=True)
    return Ranked(order, order[places], ends[held], np.cumsum(size) - 1)


@njit(nogil=True)
def _cumulated(
    counts: np.ndarray, rows: np.ndarray, ends: np.ndarray, first: int, last: int
) -> np.ndarray:
    """Count the drawn images up to the end of each group, (1 + groups, draws), 0 at first."""
    found = np.zeros((len(ends) + 1, last - first), np.int32)
    running, start = found[0].copy(), 0
    for group in range(len(ends)):
        for row in rows[start : ends[group] + 1]:
            drawn = counts[row, first:last]
            for draw in range(len(drawn)):
                running[draw] += drawn[draw]
        found[group + 1] = running
        start = ends[group] + 1
    return found


@njit(nogil=True, cache=True)  # it calls nothing outside this file, whose changes numba sees
def _averages(counts: np.ndarray, label: Ranked, at_once: int) -> np.ndarray:
    """Return one label's AP, (conventions, draws); ``counts`` is (images, draws)."""
    found = np.zeros((3, counts.shape[1]))
    for first in range(0, counts.shape[1], at_once):
        last = min(first + at_once, counts.shape[1])
        seen = _cumulated(counts, label.order, label.last, first, last)
        right = _cumulated(counts, label.positives, label.last_positive, first, last)
        largest = np.zeros(last - first)
        for group in range(len(seen) - 1, 0, -1):
            for draw in range(last - first):
                now, before, total = right[group, draw], right[group - 1, draw], right[-1, draw]
                if now == before:
                    continue
                precision = now / seen[group, draw]
                largest[draw] = max(largest[draw], precision)
                # in whole numbers: 0.3 is not three times 0.1
                tenths = 10 * now // total - (10 * before // total if before else -1)
                found[0, first + draw] += (now - before) * precision
                found[1, first + draw] += tenths * largest[draw]
                found[2, first + draw] += (now - before) * largest[draw]
        total = np.where(right[-1] > 0, right[-1], np.nan)
        found[0, first:last] /= total
        found[1, first:last] /= 11 * (total / total)
        found[2, first:last] /= total
    return found


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
