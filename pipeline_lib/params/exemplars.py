"""Section ``exemplars``: the hierarchy of visual-semantic exemplars (VSCNet, Eqs. 5-7)."""

from typing import Annotated, Literal

from pydantic import Field

from pipeline_lib.params.clusterers import Algorithm, Count
from pipeline_lib.params.section import Section

Unit = Annotated[float, Field(ge=0, le=1)]
Positive = Annotated[float, Field(gt=0)]


class Keep(Section):
    """Which clusters become exemplars (Fig. 6)."""

    size: Count  # members at least
    share: Unit  # of the commonest class among them, at least


class Exemplars(Section):
    """Clusters of the regions of each tag, and how regions are matched with them."""

    condition: Literal["tag", "tag_and_class"]  # what members of a cluster share
    algorithm: Algorithm
    keep: Keep
    similarity: Literal["jaccard", "cosine"]
    top_tags: Count  # M: tags of a region whose exemplars are searched
    filtering: Unit  # alpha_f of Eq. 7
    temperature: Positive | Literal["none"]  # of t_r over tags; none: t_r is the matched tag
