"""How a network is trained; part of the settings of everything that trains one."""

from dataclasses import dataclass, field, replace
from typing import Annotated, Literal, Self

from pipeline_lib.settings.group import Group
from pipeline_lib.settings.markers import Bound, ByName
from pipeline_lib.settings.numbers import BelowOne, Count, Positive


@dataclass(frozen=True, kw_only=True)
class Sgd(Group):
    """Stochastic gradient descent with momentum."""

    name: Literal["sgd"] = "sgd"
    lr: Positive
    momentum: BelowOne = 0.9
    weight_decay: Annotated[float, Bound(ge=0)] = 0.0


@dataclass(frozen=True, kw_only=True)
class AdamW(Group):
    """Adam with decoupled weight decay; without decay it is Adam."""

    name: Literal["adamw"] = "adamw"
    lr: Positive
    weight_decay: Annotated[float, Bound(ge=0)] = 0.0


@dataclass(frozen=True, kw_only=True)
class Step(Group):
    """The learning rate is multiplied by ``factor`` after every so many epochs."""

    name: Literal["step"] = "step"
    factor: Annotated[float, Bound(gt=0, le=1)] = 0.1
    every: Count = 20  # epochs


@dataclass(frozen=True, kw_only=True)
class Cosine(Group):
    """The learning rate rises over the warm-up, and falls by half a cosine afterwards."""

    name: Literal["cosine"] = "cosine"
    warmup_epochs: Annotated[int, Bound(ge=0)] = 0
    min_lr: Annotated[float, Bound(ge=0)] = 0.0  # what it falls to


@dataclass(frozen=True, kw_only=True)
class OneCycle(Group):
    """The learning rate rises and falls by half cosines, anew in each step (Smith & Topin 2019)."""

    name: Literal["one_cycle"] = "one_cycle"
    rise: Annotated[float, Bound(gt=0, lt=1)] = 0.3  # share of the steps before the highest rate


@dataclass(frozen=True, kw_only=True)
class Recipe(Group):
    """One stochastic optimisation, which a run repeats for each of its seeds."""

    epochs: Count
    batch_size: Count
    optimizer: Annotated[Sgd | AdamW, ByName()]
    schedule: Annotated[Step | Cosine | OneCycle, ByName()] = field(default_factory=Cosine)
    precision: Literal["no", "bf16", "fp16"] = "no"  # mixed precision, in accelerate's words

    def __post_init__(self) -> None:
        super().__post_init__()
        if isinstance(self.schedule, Cosine):
            _fits(self.schedule, self.epochs)

    def shortened(self, *, epochs: int, lr: float) -> Self:
        """Return the recipe of a second training: as long and at such a rate, without warm-up."""
        schedule = Cosine() if isinstance(self.schedule, Cosine) else self.schedule
        optimizer = replace(self.optimizer, lr=lr)
        return replace(self, epochs=epochs, optimizer=optimizer, schedule=schedule)


@dataclass(frozen=True, kw_only=True)
class ImageRecipe(Recipe):
    """A recipe for what reads images, or maps of them."""

    augment: Literal["none", "flip", "crop_flip"] = "none"


def _fits(schedule: Cosine, epochs: int) -> None:
    if schedule.warmup_epochs >= epochs:
        raise ValueError(
            f"schedule.warmup_epochs is {schedule.warmup_epochs}, expected fewer than the "
            f"{epochs} epochs; lower it"
        )
    if schedule.min_lr and epochs == schedule.warmup_epochs + 1:
        raise ValueError(
            f"schedule.min_lr is {schedule.min_lr}, expected 0.0: it is read only where two epochs "
            "or more follow warmup_epochs; set it to 0.0, or raise epochs"
        )
