"""Group the features of the training images into visual patterns (CSRMS, Eq. 4).

Deviation: the paper clusters features. With ``space: posteriors`` the probabilities are clustered
that the backbone's own classifier gives the classes. It was trained on these images and labels, so
that the clusters are as pure as it is sure of what it has seen; of other images they say less.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pipeline_lib.clustering.place import Place
from pipeline_lib.clustering.prototypes import prototypes
from pipeline_lib.clustering.quality import quality
from pipeline_lib.clustering.registry import cluster
from pipeline_lib.clustering.result import Clustering
from pipeline_lib.encoders.classifier import classifier_of, posteriors
from pipeline_lib.errors import InputError
from pipeline_lib.params.clusters import Clusters


@dataclass(frozen=True)
class VisualPatterns:
    """The clusters of the training images."""

    clustering: Clustering
    prototypes: dict[str, np.ndarray]  # artifacts/clusters.py PROTOTYPES
    quality: dict[str, float]


def space_of(
    params: Clusters, features: np.ndarray, weights: Path, classes: list[str]
) -> np.ndarray:
    """Return what is clustered: the features (train, dimensions), or posteriors (train, classes).

    Args:
        params: which of both.
        features: of the training images.
        weights: of the network that made them.
        classes: names of the data set's classes.

    Raises:
        InputError: the weights hold no classifier of these classes.
    """
    if params.space == "features":
        return features
    return posteriors(features, classifier_of(weights, classes))


def find_patterns(
    features: np.ndarray,
    classes: np.ndarray,
    params: Clusters,
    *,
    space: np.ndarray | None = None,
    device: str | None = None,
) -> VisualPatterns:
    """Cluster the training images, and say how well the clusters agree with the classes.

    Args:
        features: (train, dimensions), float32 or float64; prototypes are means of these.
        classes: multi-hot (train, classes).
        params: the clusterer, and how vectors are prepared for it.
        space: (train, any), what is clustered in their place.
        device: "cuda", or None for this processor.

    Raises:
        InputError: features or parameters do not suit the clusterer, or every image is noise.
    """
    vectors = prepared(features if space is None else space, params.normalise)
    found = cluster(vectors, params.algorithm, Place(device=device))
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
