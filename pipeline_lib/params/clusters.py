"""Section ``clusters``: how training features are grouped into visual patterns."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from pipeline_lib.params.only import Only, only
from pipeline_lib.params.section import Section

ART = {"rho": 0.85, "alpha": 0.01, "beta": 0.5, "epochs": 1, "ties": "first", "vigilance": "fixed"}


class Clusters(Section):
    """Fuzzy ART (rho … delta) or FAISS k-means (n_clusters, iterations)."""

    algorithm: Literal["fuzzy_art", "kmeans"]
    normalise: Literal["none", "l2"]  # of every feature vector, before clustering
    rho: Annotated[float, Field(ge=0, le=1)]  # vigilance
    alpha: Annotated[float, Field(ge=0)]  # choice parameter
    beta: Annotated[float, Field(gt=0, le=1)]  # learning rate
    epochs: Annotated[int, Field(ge=1)]  # passes of Fuzzy ART
    ties: Literal["first", "last"]
    vigilance: Literal["fixed", "am", "cm", "hi"]  # what adapts it per cluster
    sigma: Annotated[float, Field(ge=0, lt=1)]  # am, hi: share by which a vigilance changes
    delta: Annotated[float, Field(ge=0)]  # cm, hi: what a vigilance is raised above the match
    n_clusters: Annotated[int, Field(ge=1)]
    iterations: Annotated[int, Field(ge=1)]  # of k-means
    seed: int  # Fuzzy ART: order of the samples; k-means: first centroids

    ONLY: ClassVar[tuple[Only, ...]] = (
        *only(ART, "algorithm", "fuzzy_art"),
        *only({"n_clusters": 100, "iterations": 20}, "algorithm", "kmeans"),
        *only({"sigma": 5e-6}, "vigilance", "am", "hi"),
        *only({"delta": 0.001}, "vigilance", "cm", "hi"),
    )
