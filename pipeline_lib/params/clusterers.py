"""The clusterers, one model each: key ``algorithm`` of the sections that cluster.

A clusterer is one more model here, with the name under which the registry knows it.
"""

from typing import Annotated, Literal

from pydantic import Field

from pipeline_lib.params.section import Section

Count = Annotated[int, Field(ge=1)]
Share = Annotated[float, Field(ge=0, lt=1)]
Distance = Annotated[float, Field(ge=0)]


class Fixed(Section):
    """Every category keeps the vigilance it was founded with: Fuzzy ART itself."""

    name: Literal["fixed"]


class AmArt(Section):
    """AM-ART: the winner's vigilance rises, that of its rivals falls."""

    name: Literal["am"]
    sigma: Share  # by which a vigilance changes


class CmArt(Section):
    """CM-ART: what would have passed as well is raised above its match."""

    name: Literal["cm"]
    delta: Distance  # above the match


class HiArt(Section):
    """HI-ART: both rules."""

    name: Literal["hi"]
    sigma: Share
    delta: Distance


class FuzzyArt(Section):
    """Fuzzy ART: the number of clusters follows from the data."""

    name: Literal["fuzzy_art"]
    rho: Annotated[float, Field(ge=0, le=1)]  # vigilance
    alpha: Distance  # choice parameter
    beta: Annotated[float, Field(gt=0, le=1)]  # learning rate
    epochs: Count  # passes over the samples
    ties: Literal["first", "last"]
    shuffle: int | Literal["none"]  # seed of the order of the samples; none: as they are
    vigilance: Annotated[Fixed | AmArt | CmArt | HiArt, Field(discriminator="name")]


class KMeans(Section):
    """k-means by FAISS: the number of clusters is given."""

    name: Literal["kmeans"]
    n_clusters: Count  # of each tag, where those are clustered
    iterations: Count
    seed: int  # of the first centroids


class Hdbscan(Section):
    """HDBSCAN by scikit-learn: dense clusters of any number; the rest is noise."""

    name: Literal["hdbscan"]
    min_cluster_size: Annotated[int, Field(ge=2)]
    min_samples: Count  # that have to be near for a place to be dense, the sample itself included
    selection: Literal["eom", "leaf"]  # what lasts longest ("excess of mass"), or the finest
    single: bool  # whether all samples together may be the one cluster


Algorithm = Annotated[FuzzyArt | KMeans | Hdbscan, Field(discriminator="name")]
