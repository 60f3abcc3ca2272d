"""Random clusterings of labelled samples."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from pipeline_lib.clustering.result import NOISE
from pipeline_lib.knowledge.relations.patterns import Patterns
from pipeline_lib.params.relations import Relations

SAMPLES, CLUSTERS, CLASSES = 70, 9, 4
VALUES: dict[str, Any] = {
    "distance": "euclidean",
    "rho_1": 0.85,
    "rho_2": 0.5,
    "positives": "dominant",
    "n": 5,
    "negatives": "nearest_dominated",
    "m": 5,
    "seed": 0,
}


@pytest.fixture
def relations() -> Callable[..., Relations]:
    """Build the section ``relations``, with some values changed."""

    def build(**changes: Any) -> Relations:
        return Relations.model_validate(VALUES | changes)

    return build


@pytest.fixture(params=["single", "multi", "noise"])
def labelled(request: pytest.FixtureRequest) -> tuple[np.ndarray, Patterns]:
    """Features and patterns of samples that carry one class each, or one to three.

    Clusters 0…5 lean to a class, 6 and 7 are mixed, 8 is empty; the last class has one sample.
    With "noise" every sixth sample, that one among them, is outside every cluster.
    """
    rng = np.random.default_rng(0)
    labels = rng.integers(0, CLUSTERS - 1, SAMPLES)
    leaning = (labels < 6) & (rng.random(SAMPLES) < 0.7)
    main = np.where(leaning, labels % (CLASSES - 1), rng.integers(0, CLASSES - 1, SAMPLES))
    main[13] = CLASSES - 1
    classes = np.eye(CLASSES, dtype=bool)[main]
    if request.param == "multi":
        classes[:, : CLASSES - 1] |= rng.random((SAMPLES, CLASSES - 1)) < 0.1
        classes[13] = np.eye(CLASSES, dtype=bool)[-1]
        classes[classes.sum(1) == CLASSES - 1, 0] = False  # every sample has a foreign one
    centres = rng.normal(size=(CLUSTERS, 6))
    features = centres[labels] + rng.normal(size=(SAMPLES, 6))
    if request.param == "noise":
        labels[1::6] = NOISE
    return features.astype(np.float32), Patterns.of(labels, classes, CLUSTERS, rho_2=0.5)
