"""Section ``relations``: what the clusters say about pairs of training images (CSRMS, Sec. 4)."""

from typing import Annotated, Literal

from pydantic import Field

from pipeline_lib.params.section import Section

Share = Annotated[float, Field(gt=0, lt=1)]


class Relations(Section):
    """Thresholds and sampling strategies of CSRMS; the strategies are the rows of its Table 4."""

    distance: Literal["euclidean", "cosine"]
    rho_1: Share  # a sample is easy or hard if one class holds more than this of its cluster
    rho_2: Share  # a class dominates a cluster if it holds more than this of it
    positives: Literal["dominant", "other_cluster", "random"]
    n: Annotated[int, Field(ge=1, le=100)]  # positives per sample
    negatives: Literal["nearest_dominated", "similar_cluster", "other_cluster", "random"]
    m: Annotated[int, Field(ge=1, le=100)]  # negatives per sample
    seed: int  # of the random strategies and fall-backs
