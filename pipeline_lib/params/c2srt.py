"""Section ``c2srt``: the rows of the paper's Table 3 are sets of switches, its sweeps numbers."""

from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from pipeline_lib.params.only import Only, only, only_if
from pipeline_lib.params.open_vocabulary import OpenSection
from pipeline_lib.params.section import Section

Count = Annotated[int, Field(ge=1)]
Chunk = Annotated[int, Field(ge=0)]
Relation = Literal[
    "merged", "cooccurrence", "similarity", "llm", "wordnet", "random", "file"
]  # who informs whom


class Modules(Section):
    """What is on (Table 3). With nothing on, nothing is trained: the model itself is row 1."""

    distillation: bool  # the student learns, held near the teacher by `distillation`, λ
    isr: bool  # a feature per label, from the patches that fit it
    ist: bool  # labels hear of each other over the category graph

    @model_validator(mode="after")
    def _learns_beside_a_teacher(self) -> Self:
        if not self.distillation and (self.isr or self.ist):
            raise ValueError(
                "distillation is off and isr or ist on, which Table 3 has no row for; set "
                "modules.distillation to true; the student is trained without a teacher where "
                "the key distillation, λ, is 0.0"
            )
        return self


class Isr(Section):
    """Intra-category semantic refinement (Sec. 3.3, Algorithm 1)."""

    alpha: Annotated[float, Field(gt=0, le=1)]  # Fig. 5; its α = 0 is modules.isr: false
    most: Count  # patches per label, N
    temperature: Annotated[float, Field(gt=0)]  # of the softmax over patches
    pool: Literal["mean", "score_weighted"]


class Ist(Section):
    """Inter-category semantic transfer (Sec. 3.4, Supplement B.1)."""

    relation: Relation  # Table 4: the merged graph, or a source of category_graph.beside
    neighbours: Annotated[int, Field(ge=0)]  # Fig. 4: the first ones of the category graph's list
    layers: Count
    heads: Count  # of all layers but the last, which has one
    hidden: Count  # per head
    slope: Annotated[float, Field(ge=0, lt=1)]  # of the LeakyReLU in the attention
    dropout: Annotated[float, Field(ge=0, lt=1)]  # of attention weights
    output: Literal["shortcut", "paper"]  # what the graph says is added to the image, or is all
    chunk: Chunk  # labels attended to at a time; 0: as many as fit. Memory only


class C2srt(OpenSection):
    """Category-adaptive refinement and transfer."""

    modules: Modules
    isr: Isr
    ist: Ist

    ONLY: ClassVar[tuple[Only, ...]] = (
        *only(
            {"isr.alpha": 0.5, "isr.most": 32, "isr.temperature": 0.05, "isr.pool": "mean"},
            "modules.isr",
            True,
        ),
        *only(
            {
                "ist.relation": "similarity",
                "ist.neighbours": 16,
                "ist.layers": 2,
                "ist.hidden": 32,
                "ist.slope": 0.2,
                "ist.dropout": 0.0,
                "ist.output": "shortcut",
                "ist.chunk": 0,
            },
            "modules.ist",
            True,
        ),
        *only_if(
            {"ist.heads": 4},
            lambda s: s.modules.ist and s.ist.layers > 1,
            "modules.ist is true and ist.layers above 1",
        ),
    )

    @model_validator(mode="after")
    def _row_1_trains_nothing(self) -> Self:
        if not self.modules.distillation and self.prompts.mode == "tuning":
            raise ValueError(
                "prompts.mode is tuning and modules.distillation off, expected simple or "
                "ensemble, since nothing is trained; change one of them"
            )
        return self


SECTION = C2srt
