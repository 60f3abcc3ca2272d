"""Section ``sigrl``: every row of the paper's Table IV is a set of switches."""

from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from pipeline_lib.params.only import Only, only, only_if
from pipeline_lib.params.open_vocabulary import OpenSection
from pipeline_lib.params.section import Section

Count = Annotated[int, Field(ge=1)]
Chunk = Annotated[int, Field(ge=0)]


class Modules(Section):
    """Which of the three modules are on."""

    correlation: bool  # GMC: labels hear of each other
    decoupling: bool  # SDA: a feature of the image per label
    reconstruction: bool  # VFR: patches rewritten by what the labels see

    @model_validator(mode="after")
    def _needs_features(self) -> Self:
        if self.reconstruction and not self.decoupling:
            raise ValueError(
                "reconstruction is on and decoupling off, expected both: patches are rewritten by "
                "decoupled features; set decoupling to true or reconstruction to false"
            )
        return self


class Correlation(Section):
    """The two graph attention layers over labels (Eqs. 2-4)."""

    heads: Count  # of the first layer; the second has one
    hidden: Count  # per head
    slope: Annotated[float, Field(ge=0, lt=1)]  # of the LeakyReLU in the attention
    dropout: Annotated[float, Field(ge=0, lt=1)]
    chunk: Chunk  # labels worked on at a time; 0: as many as fit. Memory only


class Sigrl(OpenSection):
    """Label correlation, semantic decoupling, visual feature reconstruction."""

    modules: Modules
    correlation: Correlation
    map: Literal["channels", "paper"]  # Q of Eq. 8: "paper" is between labels, as printed
    top_k: Count  # patches whose mean a label is scored with; all where there are fewer
    chunk: Chunk  # labels whose attention exists at a time; 0: as many as fit. Memory only
    kernel: Literal["auto", "torch", "triton"]  # of that attention; "auto": Triton's on a GPU

    ONLY: ClassVar[tuple[Only, ...]] = (
        *only(
            {
                "correlation.heads": 4,
                "correlation.hidden": 128,
                "correlation.slope": 0.2,
                "correlation.dropout": 0.3,
                "correlation.chunk": 0,
            },
            "modules.correlation",
            True,
        ),
        *only({"map": "channels"}, "modules.reconstruction", True),
        *only({"chunk": 0, "kernel": "auto"}, "modules.decoupling", True),
        *only_if(
            {"top_k": 16},
            lambda s: s.modules.reconstruction or not s.modules.decoupling,
            "patches are scored: modules.reconstruction is true or modules.decoupling false",
        ),
    )


SECTION = Sigrl
