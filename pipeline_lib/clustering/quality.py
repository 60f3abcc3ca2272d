"""How well clusters agree with the classes: reported beside every clustering."""

import numpy as np
from sklearn.metrics import normalized_mutual_info_score

from pipeline_lib.clustering.histogram import histogram


def quality(labels: np.ndarray, classes: np.ndarray, clusters: int) -> dict[str, float]:
    """Describe a clustering of labelled samples.

    Returns:
        ``clusters``, ``singletons`` (clusters of one sample), ``empty``, ``largest_share`` (of all
        samples), ``purity`` (samples that carry their cluster's commonest class, 0…1) and, for
        single-label data, ``nmi`` (normalised mutual information with the classes, 0…1).
    """
    sizes = np.bincount(labels, minlength=clusters)
    commonest = histogram(labels, classes, clusters).max(1)
    described = {
        "clusters": float(clusters),
        "singletons": float((sizes == 1).sum()),
        "empty": float((sizes == 0).sum()),
        "largest_share": float(sizes.max() / len(labels)),
        "purity": float(commonest.sum() / len(labels)),
    }
    if (classes.sum(1) == 1).all():
        described["nmi"] = float(normalized_mutual_info_score(classes.argmax(1), labels))
    return described
