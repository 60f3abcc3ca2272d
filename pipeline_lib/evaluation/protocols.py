"""Which metrics a target is judged by. Each number carries the name of its protocol.

top_k_accuracy   Acc@k, single-label
per_image_pr     precision@k and recall@k per image, averaged over images (0 where an image has
                 no positive); F1 is the harmonic mean of the two averages (VSCNet, CSRMS)
"""

from dataclasses import dataclass

import numpy as np

from pipeline_lib.evaluation import ranking as metrics
from pipeline_lib.evaluation.cutoffs import usable
from pipeline_lib.evaluation.intervals import Estimate, bootstrap


@dataclass(frozen=True)
class PerImage:
    """Metric values of every image, averaged over seeds: what everything else is computed from."""

    values: dict[str, np.ndarray]  # name → (images,)
    seed_means: dict[str, np.ndarray]  # name → (seeds,)


def classes_protocol(scores: np.ndarray, truth: np.ndarray, top_k: list[int]) -> PerImage:
    """Judge class scores.

    Args:
        scores: (seeds, images, classes).
        truth: multi-hot (images, classes).
        top_k: the cut-offs k (evaluation/cutoffs.py says which are usable).

    Raises:
        InputError: the scores do not fit the truth.
    """
    cutoffs = usable(top_k, truth.shape[1])
    by_seed: dict[str, list[np.ndarray]] = {}
    for seed in scores:
        metrics.validate(seed, truth)
        order = metrics.ranking(seed)
        for k in cutoffs:
            for name, metric in (
                ("top_k_accuracy", metrics.top_k_accuracy),
                ("per_image_pr_precision", metrics.per_image_precision),
                ("per_image_pr_recall", metrics.per_image_recall),
            ):
                by_seed.setdefault(f"{name}_{k}", []).append(metric(order, truth, k))
    return PerImage(
        values={name: np.mean(values, axis=0) for name, values in by_seed.items()},
        seed_means={name: np.mean(values, axis=1) for name, values in by_seed.items()},
    )


def summarise(per_image: PerImage, *, draws: int, seed: int) -> dict[str, Estimate]:
    """Return each metric's mean over images and seeds with a 95 % bootstrap interval.

    F1 (``per_image_pr_f1_k``) is formed from the averages, in every draw anew.
    """
    names = list(per_image.values)
    means = bootstrap(np.stack([per_image.values[n] for n in names], 1), draws=draws, seed=seed)
    sampled = dict(zip(names, means.T, strict=True))
    for name in names:
        if name.startswith("per_image_pr_precision_"):
            recall = sampled[name.replace("precision", "recall")]
            f1 = metrics.harmonic_mean(sampled[name], recall)
            sampled[name.replace("precision", "f1")] = f1
    return {name: Estimate.of(column) for name, column in sampled.items()}
