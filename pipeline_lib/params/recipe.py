"""How a network is trained; part of every section that trains one."""

from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from pipeline_lib.params.only import Only, only, only_if
from pipeline_lib.params.section import Section


class Recipe(Section):
    """One stochastic optimisation, repeated for each seed."""

    seeds: Annotated[list[int], Field(min_length=1)]
    epochs: Annotated[int, Field(ge=1)]
    batch_size: Annotated[int, Field(ge=1)]
    optimizer: Literal["sgd", "adamw"]
    lr: Annotated[float, Field(gt=0)]
    momentum: Annotated[float, Field(ge=0, lt=1)]  # of SGD
    weight_decay: Annotated[float, Field(ge=0)]
    schedule: Literal["step", "cosine"]
    decay: Annotated[float, Field(gt=0, le=1)]  # step: the factor applied …
    decay_every: Annotated[int, Field(ge=1)]  # … after so many epochs
    augment: Literal["none", "flip", "crop_flip"]
    precision: Literal["no", "bf16", "fp16"]  # mixed precision, in accelerate's words

    ONLY: ClassVar[tuple[Only, ...]] = (
        *only({"momentum": 0.9}, "optimizer", "sgd"),
        *only({"decay": 0.1, "decay_every": 20}, "schedule", "step"),
    )


def one_seed(recipe: Recipe) -> Recipe:
    """Refuse more than one seed, for a stage that trains one network."""
    if len(recipe.seeds) > 1:
        raise ValueError(
            f"seeds is {recipe.seeds}, expected one: this network is trained once; name one seed"
        )
    return recipe


class WarmRecipe(Recipe):
    """A recipe for networks that were trained before: the learning rate begins and ends small."""

    warmup_epochs: Annotated[int, Field(ge=0)]  # over which it rises to `lr`
    min_lr: Annotated[float, Field(ge=0)]  # cosine: what it falls to

    ONLY: ClassVar[tuple[Only, ...]] = only_if(
        {"min_lr": 0.0},
        lambda recipe: recipe.schedule == "cosine" and recipe.epochs > recipe.warmup_epochs + 1,
        "schedule is cosine and two epochs or more follow warmup_epochs",
    )

    @model_validator(mode="after")
    def _leaves_epochs(self) -> Self:
        if self.warmup_epochs >= self.epochs:
            raise ValueError(
                f"warmup_epochs is {self.warmup_epochs}, expected fewer than the {self.epochs} "
                "epochs; lower it"
            )
        return self
