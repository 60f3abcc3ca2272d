"""Group the features of the training images into visual patterns (CSRMS, Eq. 4)."""

from dataclasses import dataclass

import numpy as np

from pipeline_lib.clustering.place import Place
from pipeline_lib.clustering.prototypes import prototypes
from pipeline_lib.clustering.quality import quality
from pipeline_lib.clustering.registry import cluster
from pipeline_lib.clustering.result import Clustering
from pipeline_lib.errors import InputError
from pipeline_lib.params.clusters import Clusters


@dataclass(frozen=True)
class VisualPatterns:
    """The clusters of the training images."""

    clustering: Clustering
    prototypes: dict[str, np.ndarray]  # artifacts/clusters.py PROTOTYPES
    quality: dict[str, float]


def find_patterns(
    features: np.ndarray, classes: np.ndarray, params: Clusters, *, device: str | None = None
) -> VisualPatterns:
    """Cluster the training images, and say how well the clusters agree with the classes.

    Args:
        features: (train, dimensions), float32 or float64.
        classes: multi-hot (train, classes).
        params: the clusterer, and how features are prepared for it.
        device: "cuda", or None for this processor.

    Raises:
        InputError: features or parameters do not suit the clusterer, or every image is noise.
    """
    found = cluster(prepared(features, params.normalise), params.algorithm, Place(device=device))
    if found.noise.all():
        raise InputError(
            f"clusters: {params.algorithm.name} finds no cluster among {len(features)} training "
            "images, all is noise; expected one at least; ask for smaller or looser clusters in "
            "`clusters.algorithm`"
        )
    return VisualPatterns(found, prototypes(features, found), quality(found, classes))


def prepared(features: np.ndarray, normalise: str) -> np.ndarray:
    """Return the features as they are clustered: of unit length ("l2"), or as they are ("none")."""
    if normalise == "none":
        return features
    lengths = np.linalg.norm(features, axis=1, keepdims=True)
    unit: np.ndarray = features / np.maximum(lengths, np.finfo(features.dtype).tiny)
    return unit
