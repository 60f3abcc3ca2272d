"""Precision, recall and F1 of the first k labels of each image, averaged in two ways.

per_image   of each image, then averaged (recall 0 where an image has no positive)
micro       hits of all images / (k · images), and / all positives; images without one count too
"""

import numpy as np

from pipeline_lib.evaluation.ranking import harmonic_mean, hits_at


def usable(top_k: list[int], labels: int) -> list[int]:
    """Return the cut-offs that do not exceed the number of labels, once each.

    Where all of them do, it is 1: the first k of k labels are right for whatever method.
    """
    return [k for k in dict.fromkeys(top_k) if k <= labels] or [1]


def at_cutoff(
    order: np.ndarray, truth: np.ndarray, counts: np.ndarray, k: int
) -> dict[str, np.ndarray]:
    """Return both protocols in every resample, (draws,) each, by protocol and name.

    Args:
        order: labels of each image, best first (images, labels).
        truth: bool (images, labels).
        counts: how often each resample drew each image (draws, images).
        k: the cut-off.
    """
    weights = counts.astype(np.float64)
    images = weights.sum(1)
    hits, positives = hits_at(order, truth, k).astype(np.float64), truth.sum(1)
    found, carried = weights @ hits, weights @ positives
    recall = weights @ (hits / np.maximum(positives, 1)) / images
    overall = np.divide(found, carried, out=np.zeros(len(images)), where=carried > 0)
    precision = found / (k * images)  # the same on average and overall
    return {
        "per_image_pr_precision": precision,
        "per_image_pr_recall": recall,
        "per_image_pr_f1": harmonic_mean(precision, recall),
        "micro_pr_precision": precision,
        "micro_pr_recall": overall,
        "micro_pr_f1": harmonic_mean(precision, overall),
    }
