"""How well clusters agree with the classes: reported beside every clustering."""

import numpy as np
from sklearn.metrics import normalized_mutual_info_score

from pipeline_lib.clustering.histogram import histogram
from pipeline_lib.clustering.result import Clustering


def quality(found: Clustering, classes: np.ndarray) -> dict[str, float]:
    """Describe a clustering of labelled samples.

    Args:
        found: at least one sample is in a cluster.
        classes: multi-hot (samples, classes).

    Returns:
        ``clusters``, ``singletons`` (clusters of one sample), ``empty``, ``largest_share`` (of all
        samples) and, where there is any, ``noise`` (samples outside every cluster). Of the samples
        in clusters: ``purity`` (which carry their cluster's commonest class, 0…1) and, for
        single-label data, ``nmi`` (normalised mutual information with the classes, 0…1).
    """
    sizes, held = found.sizes, ~found.noise
    commonest = histogram(found.labels, classes, found.count).max(1)
    described = {
        "clusters": float(found.count),
        "singletons": float((sizes == 1).sum()),
        "empty": float((sizes == 0).sum()),
        "largest_share": float(sizes.max() / len(held)),
        "purity": float(commonest.sum() / held.sum()),
    }
    if not held.all():
        described["noise"] = float((~held).sum())
    if (classes.sum(1) == 1).all():
        true = classes[held].argmax(1)
        described["nmi"] = float(normalized_mutual_info_score(true, found.labels[held]))
    return described
