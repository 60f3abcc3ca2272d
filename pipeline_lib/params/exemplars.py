"""Section ``exemplars``: the hierarchy of visual-semantic exemplars (VSCNet, Eqs. 5-7)."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from pipeline_lib.params.only import Only, only
from pipeline_lib.params.section import Section

Unit = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=1)]


class Keep(Section):
    """Which clusters become exemplars (Fig. 6)."""

    size: Count  # members at least
    share: Unit  # of the commonest class among them, at least


class Exemplars(Section):
    """Clusters of the regions of each tag, and how regions are matched with them."""

    condition: Literal["tag", "tag_and_class"]  # what members of a cluster share
    algorithm: Literal["fuzzy_art", "kmeans"]
    rho: Unit  # vigilance
    alpha: Annotated[float, Field(ge=0)]
    beta: Annotated[float, Field(gt=0, le=1)]
    epochs: Count
    n_clusters: Count  # kmeans only: of each tag
    iterations: Count  # kmeans only
    seed: int  # kmeans only
    keep: Keep
    similarity: Literal["jaccard", "cosine"]
    top_tags: Count  # M: tags of a region whose exemplars are searched
    filtering: Unit  # alpha_f of Eq. 7

    ONLY: ClassVar[tuple[Only, ...]] = (
        *only({"rho": 0.85, "alpha": 0.01, "beta": 0.5, "epochs": 2}, "algorithm", "fuzzy_art"),
        *only({"n_clusters": 10, "iterations": 20, "seed": 0}, "algorithm", "kmeans"),
    )


SECTION = Exemplars
