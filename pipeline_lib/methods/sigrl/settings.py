"""Settings of SigRL: every row of its Table IV switches some of the three modules."""

from dataclasses import dataclass, field
from typing import Annotated, ClassVar, Literal

from pipeline_lib.families.open_vocabulary.settings import OpenSettings, Prompts, Scores, Simple
from pipeline_lib.settings.group import Group
from pipeline_lib.settings.markers import Bound, OrNone
from pipeline_lib.settings.numbers import BelowOne, Count
from pipeline_lib.settings.only import Only, only_if
from pipeline_lib.settings.recipe import AdamW, Cosine, ImageRecipe

Chunk = Annotated[int, Bound(ge=0)]
Scale = Literal["scaled", "paper"]  # of what attention compares: entries of about 1, or as they are


@dataclass(frozen=True, kw_only=True)
class Correlation(Group):
    """GMC: labels hear of each other, by two graph attention layers (Eqs. 2-4).

    The numbers are the authors' code's.
    """

    heads: Count = 4  # of the first layer; the second has one
    hidden: Count = 128  # per head
    slope: BelowOne = 0.2  # of the LeakyReLU in the attention
    dropout: BelowOne = 0.3
    form: Literal["residual", "paper"] = "paper"  # of Ĥ: what labels hear is added to them, or all
    neighbours: Annotated[int, Bound(ge=0)] = 0  # nearest labels that each hears; 0: all of them
    placebo: Literal["none", "mean", "lot"] = "none"  # what is heard instead: the mean of all, or
    # what another label hears
    chunk: Chunk = 0  # labels worked on at a time; 0: as many as fit. Memory only


@dataclass(frozen=True, kw_only=True)
class Decoupling(Group):
    """SDA: a feature of the image per label (Eqs. 5-7)."""

    attention: Scale = "paper"
    placebo: Literal["none", "mean", "lot"] = "none"  # what a label sees instead: the mean of what
    # all see, or what another label sees
    chunk: Chunk = 0  # labels whose attention exists at a time; 0: as many as fit. Memory only
    kernel: Literal["auto", "torch", "triton"] = "auto"  # of it; "auto": Triton's on a GPU


@dataclass(frozen=True, kw_only=True)
class Reconstruction(Group):
    """VFR: patches rewritten by what the labels see (Eqs. 8-12)."""

    map: Literal["channels", "paper"] = "channels"  # Q of Eq. 8; "paper" is between labels, as
    # printed
    attention: Scale = "paper"
    placebo: Literal["none", "mean", "another"] = "none"  # what patches are rewritten by instead:
    # equal shares, or those of another image


@dataclass(frozen=True, kw_only=True)
class Settings(OpenSettings):
    """Label correlation, semantic decoupling, visual feature reconstruction."""

    recipe: ImageRecipe = field(
        default_factory=lambda: ImageRecipe(  # Sec. III-A
            epochs=20,
            batch_size=32,
            optimizer=AdamW(lr=1e-4, weight_decay=0.05),
            schedule=Cosine(warmup_epochs=2, min_lr=1e-7),
        )
    )
    prompts: Prompts = field(default_factory=Simple)  # Sec. III-A: one prompt
    scores: Scores = field(default_factory=lambda: Scores(normalise="call"))  # the authors' code
    correlation: Annotated[Correlation | None, OrNone()] = field(default_factory=Correlation)
    decoupling: Annotated[Decoupling | None, OrNone()] = field(default_factory=Decoupling)
    reconstruction: Annotated[Reconstruction | None, OrNone()] = field(
        default_factory=Reconstruction
    )
    top_k: Count = (
        16  # patches whose mean a label is scored with (Eq. 13); all where there are fewer
    )

    ONLY: ClassVar[tuple[Only, ...]] = only_if(
        {"top_k": 16},
        lambda s: s.reconstruction is not None or s.decoupling is None,
        "patches are scored: with reconstruction, or without decoupling",
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.reconstruction is not None and self.decoupling is None:
            raise ValueError(
                "reconstruction is on and decoupling none, expected both: patches are rewritten by "
                "decoupled features; switch decoupling on, or set reconstruction to none"
            )
