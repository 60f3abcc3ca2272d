"""Settings of C2SRT: the rows of its Table 3 switch `isr` and `ist`, its sweeps are numbers.

With both off the student learns beside its teacher alone (row 2); row 1 is method clip.
"""

from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar, Literal

from pipeline_lib.families.open_vocabulary.settings import OpenSettings
from pipeline_lib.settings.group import Group
from pipeline_lib.settings.markers import Bound, OrNone
from pipeline_lib.settings.numbers import BelowOne, Count, Positive
from pipeline_lib.settings.only import Only, only_if

Relation = Literal[
    "merged", "cooccurrence", "similarity", "llm", "wordnet", "random", "file"
]  # who informs whom


@dataclass(frozen=True, kw_only=True)
class Isr(Group):
    """Intra-category semantic refinement: a feature per label, from the patches that fit it.

    Sec. 3.3, Algorithm 1.
    """

    alpha: Annotated[float, Bound(gt=0, le=1)] = 0.5  # Sec. 4.1; Fig. 5, whose α = 0 is no ISR
    most: Count = 32  # patches per label, N (Sec. 4.1, of 196)
    temperature: Positive = 1.0  # of the softmax over patches; there is none
    pool: Literal["mean", "score_weighted"] = "mean"
    placebo: Literal["none", "lot"] = "none"  # lot: a label gets the patches that fit another

    @property
    def choice(self) -> dict[str, Any]:
        """What ``local_features`` is told of how patches are chosen."""
        return {name: value for name, value in vars(self).items() if name != "placebo"}


@dataclass(frozen=True, kw_only=True)
class Ist(Group):
    """Inter-category semantic transfer: labels hear of each other over the category graph.

    Sec. 3.4, Supplement B.1.
    """

    relation: Relation = "llm"  # Table 4: a source of category_graph.beside, or the merged graph
    neighbours: Annotated[int, Bound(ge=0)] = 16  # Fig. 4: the first ones of the graph's list
    layers: Count = 2  # Sec. 4.1
    heads: Count = 4  # of all layers but the last, which has one
    hidden: Count = 128  # per head
    slope: BelowOne = 0.2  # of the LeakyReLU in the attention
    dropout: BelowOne = 0.0  # of attention weights
    output: Literal["shortcut", "paper"] = "shortcut"  # what the graph says is added, or is all
    nodes: Literal["agreement", "paper"] = "paper"  # of image and text, or also of their cosine
    residual: bool = False  # each layer adds what it reads
    placebo: Literal["none", "mean", "lot"] = "none"  # what is heard instead: the mean of what all
    # labels hear, or what another hears
    chunk: Annotated[int, Bound(ge=0)] = 0  # labels attended to at a time; 0: as many as fit

    ONLY: ClassVar[tuple[Only, ...]] = only_if(
        {"heads": 4}, lambda s: s.layers > 1, "layers is above 1"
    )


@dataclass(frozen=True, kw_only=True)
class Settings(OpenSettings):
    """Category-adaptive refinement and transfer."""

    isr: Annotated[Isr | None, OrNone()] = field(default_factory=Isr)
    ist: Annotated[Ist | None, OrNone()] = field(default_factory=Ist)
