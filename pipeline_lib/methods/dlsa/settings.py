"""Settings of DLSA: every row of its Table 2 switches some of the three modules."""

from dataclasses import dataclass, field
from typing import Annotated, Literal

from pipeline_lib.families.dense_head.settings import HeadSettings, Reweighting
from pipeline_lib.settings.group import Group
from pipeline_lib.settings.markers import Bound, OrNone
from pipeline_lib.settings.numbers import BelowOne, Count
from pipeline_lib.settings.recipe import AdamW, ImageRecipe


@dataclass(frozen=True, kw_only=True)
class Labels(Group):
    """The labels' own vectors: two layers over the vectors of their names (Sec. 3.2)."""

    width: Annotated[int, Bound(ge=0)] = 0  # of them, and of the maps after a learned projection;
    # 0: that of the maps
    hidden: Count = 1024  # d1 (Sec. 4.1)
    slope: BelowOne = 0.2  # of the LeakyReLU after the first layer
    output: Literal["linear", "paper"] = "paper"  # of the second; "paper": Eq. 2's σ there too


@dataclass(frozen=True, kw_only=True)
class Prior(Group):
    """LSPL: the two layers are graph convolutions over the category graph (Sec. 3.2)."""

    reweight: Annotated[Reweighting | None, OrNone()] = None  # of P; none: as printed
    exclusion: bool = False  # a second graph, of labels that exclude each other
    placebo: Literal["none", "lot"] = "none"  # "lot": of other labels, drawn once


@dataclass(frozen=True, kw_only=True)
class Decoupling(Group):
    """SD: a vector per label, pooled where the label looks (Sec. 3.3)."""

    normalise: Literal["attention", "none"] = "none"  # of Eq. 3; "none" is the printed sum
    head: Literal["per_label", "mean_fc"] = "per_label"  # "mean_fc" is the literal text
    placebo: Literal["none", "mean"] = "none"  # "mean": all labels look where they do on average


@dataclass(frozen=True, kw_only=True)
class Reasoning(Group):
    """SAR: self-attention over the labels' vectors (Sec. 3.4)."""

    heads: Count = 4  # Sec. 4.1
    hidden: Count = 512  # between the two fully connected layers
    shortcut: bool = False  # around them; the text has none
    scale: Literal["root", "paper"] = "paper"  # of the products; "paper": Eq. 4's, as they are
    placebo: Literal["none", "mean", "layers"] = "none"  # "mean": all labels hear what they do on
    # average; "layers": two connected layers in place of attention, which see one label


@dataclass(frozen=True, kw_only=True)
class Settings(HeadSettings):
    """Label semantic prior, semantic decoupling, semantic association reasoning."""

    recipe: ImageRecipe = field(
        default_factory=lambda: ImageRecipe(  # Sec. 4.1
            epochs=20, batch_size=20, optimizer=AdamW(lr=1e-5)
        )
    )
    labels: Annotated[Labels | None, OrNone()] = field(default_factory=Labels)
    prior: Annotated[Prior | None, OrNone()] = field(default_factory=Prior)
    decoupling: Annotated[Decoupling | None, OrNone()] = field(default_factory=Decoupling)
    reasoning: Annotated[Reasoning | None, OrNone()] = field(default_factory=Reasoning)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.reasoning is not None and self.decoupling is None:
            raise ValueError(
                "reasoning is on and decoupling none, expected both: without decoupling all labels "
                "have one vector; switch decoupling on, or set reasoning to none"
            )
        if (self.labels is None) != (self.prior is None and self.decoupling is None):
            there = "none" if self.labels is None else "on"
            raise ValueError(
                f"labels is {there}, expected it on where prior or decoupling is, which need "
                "vectors of the labels, and none where neither is; change one of them"
            )
