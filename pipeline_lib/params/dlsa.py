"""Section ``dlsa``: every row of the paper's Table 2 is a set of switches."""

from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from pipeline_lib.params.method import HeadSection
from pipeline_lib.params.only import Only, only, only_if
from pipeline_lib.params.section import Section

Count = Annotated[int, Field(ge=1)]
Share = Annotated[float, Field(ge=0, le=1)]


class Modules(Section):
    """Which of the three modules are on."""

    prior: bool  # LSPL: label vectors from the category graph
    decoupling: bool  # SD: a vector per label, pooled where the label looks
    reasoning: bool  # SAR: self-attention over those vectors

    @model_validator(mode="after")
    def _needs_vectors(self) -> Self:
        if self.reasoning and not self.decoupling:
            raise ValueError(
                "reasoning is on and decoupling off, expected both: without decoupling all labels "
                "have one vector; set decoupling to true or reasoning to false"
            )
        return self


class Prior(Section):
    """The graph convolution over labels (Sec. 3.2)."""

    hidden: Count  # d1
    slope: Annotated[float, Field(ge=0, lt=1)]  # of the LeakyReLU after the first layer
    reweight: Literal["none", "ml_gcn"]  # of P; "ml_gcn" thresholds it
    tau: Share  # ml_gcn: edges below are dropped
    p: Share  # ml_gcn: what the neighbours of a label weigh together
    exclusion: bool  # a second graph, of labels that exclude each other


class Reasoning(Section):
    """Self-attention over labels (Sec. 3.4)."""

    heads: Count
    hidden: Count  # between the two fully connected layers
    shortcut: bool  # around them; the text has none


class Dlsa(HeadSection):
    """Label semantic prior, semantic decoupling, semantic association reasoning."""

    width: Annotated[int, Field(ge=0)]  # channels after a learned 1×1 projection; 0: no projection
    modules: Modules
    prior: Prior
    normalise: Literal["attention", "none"]  # of Eq. 3; "none" is the printed sum
    reasoning: Reasoning
    head: Literal["per_label", "mean_fc"]  # "mean_fc" is the literal text

    ONLY: ClassVar[tuple[Only, ...]] = (
        *only_if(
            {"width": 0, "prior.hidden": 1024, "prior.slope": 0.2},
            lambda s: s.modules.prior or s.modules.decoupling,
            "modules.prior or modules.decoupling is true",
        ),
        *only({"prior.reweight": "ml_gcn", "prior.exclusion": False}, "modules.prior", True),
        *only_if(
            {"prior.tau": 0.4, "prior.p": 0.2},
            lambda s: s.modules.prior and s.prior.reweight == "ml_gcn",
            "modules.prior is true and prior.reweight ml_gcn",
        ),
        *only({"normalise": "attention", "head": "per_label"}, "modules.decoupling", True),
        *only(
            {"reasoning.heads": 4, "reasoning.hidden": 512, "reasoning.shortcut": True},
            "modules.reasoning",
            True,
        ),
    )


SECTION = Dlsa
