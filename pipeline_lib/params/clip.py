"""Section ``clip``: a vision-language model as it is."""

from typing import ClassVar, Self

from pydantic import model_validator

from pipeline_lib.params.only import Only, only_if
from pipeline_lib.params.open_vocabulary import OpenSection

UNTRAINED = {  # what a recipe says of training
    "epochs": 1,
    "optimizer": "adamw",
    "lr": 0.001,
    "weight_decay": 0.0,
    "schedule": "cosine",
    "augment": "none",
    "precision": "no",
    "warmup_epochs": 0,
    "min_lr": 0.0,
}


class Clip(OpenSection):
    """Zero-shot scores of whole images. Of the recipe, only seeds and batch size are read."""

    ONLY: ClassVar[tuple[Only, ...]] = only_if(
        {f"recipe.{key}": rest for key, rest in UNTRAINED.items()},
        lambda _: False,
        "a method trains; clip does not",
    )

    @model_validator(mode="after")
    def _trains_nothing(self) -> Self:
        if self.student.trained_blocks or self.prompts.mode == "tuning":
            raise ValueError(
                f"student.trained_blocks is {self.student.trained_blocks} and prompts.mode "
                f"{self.prompts.mode}, expected 0 and simple or ensemble, since clip trains "
                "nothing; method clip_ft does"
            )
        return self


SECTION = Clip
