"""What the sections of open-vocabulary methods share."""

from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, model_validator

from pipeline_lib.params.method import Trained
from pipeline_lib.params.only import Only, only, only_if
from pipeline_lib.params.recipe import WarmRecipe
from pipeline_lib.params.section import Section

Loss = Literal[
    "ranking", "an", "wan", "an_ls", "epr", "role", "iun", "em", "em_apl"
]  # all but the first: for single positive labels
Weight = Annotated[float, Field(ge=0)]
Share = Annotated[float, Field(ge=0, le=1)]
Positive = Annotated[float, Field(gt=0)]


class Student(Section):
    """The image tower that is trained, beside the frozen one that it starts as."""

    trained_blocks: Annotated[int, Field(ge=0)]  # the last ones, and what follows; 0: frozen
    layer_decay: Annotated[float, Field(gt=0, le=1)]  # of the learning rate, from block to block
    checkpointing: bool  # recompute activations in the backward pass instead of keeping them


class Prompts(Section):
    """What of the prompts of section `text` stands for a label (C2SRT Table 5)."""

    mode: Literal["simple", "ensemble", "tuning"]  # the first one, all, or learned words instead
    epochs: Annotated[int, Field(ge=1)]  # tuning: a second stage that trains the words alone …
    lr: Annotated[float, Field(gt=0)]  # … at this rate


class SinglePositive(Section):
    """Settings of the losses for single positive labels, each of which reads its own."""

    scale: Literal["fixed", "learned"]  # of the scores before the sigmoid; fixed: 1
    start: Positive  # of a learned scale
    shift: float  # what is added to scaled scores at the start; most labels are absent
    lr_factor: Positive  # on the rate of what the loss learns itself: scale, role's estimates
    smoothing: Share  # an_ls
    positives: Positive  # epr, role: expected positives of an image
    spread: Annotated[float, Field(ge=0, lt=0.5)]  # role: estimates start within 0.5 ± spread …
    known: Annotated[float, Field(gt=0.5, lt=1)]  # … but those of observed positives here
    alpha: Weight  # em, em_apl: of the entropy of what is not observed
    beta: Weight  # em_apl: of the pseudo-labels
    share: Share  # em_apl: of what is not observed, labelled negative by the last epoch
    warmup_epochs: Annotated[int, Field(ge=1)]  # em_apl: before there are pseudo-labels


def _scaled(section: Any) -> bool:
    """Say whether the loss takes the sigmoid of scores."""
    return bool(section.loss != "ranking")


class OpenSection(Trained):
    """A method that starts from a vision-language model and names no label in its weights."""

    recipe: WarmRecipe
    student: Student
    prompts: Prompts
    loss: Loss
    margin: Weight  # of the ranking loss
    distillation: Weight  # λ: of the mean difference of student and teacher
    single_positive: SinglePositive

    ONLY: ClassVar[tuple[Only, ...]] = (
        *only_if(
            {"student.checkpointing": False, "distillation": 0.0},
            lambda s: s.student.trained_blocks > 0,
            "student.trained_blocks is above 0",
        ),
        *only_if(
            {"student.layer_decay": 0.65},
            lambda s: s.student.trained_blocks > 1,
            "student.trained_blocks is above 1",
        ),
        *only({"prompts.epochs": 2, "prompts.lr": 0.001}, "prompts.mode", "tuning"),
        *only({"margin": 1.0}, "loss", "ranking"),
        *only_if({"single_positive.scale": "learned"}, _scaled, "loss is another than ranking"),
        *only_if(
            {"single_positive.start": 10.0, "single_positive.shift": -3.0},
            lambda s: _scaled(s) and s.single_positive.scale == "learned",
            "loss is another than ranking and single_positive.scale learned",
        ),
        *only_if(
            {"single_positive.lr_factor": 10.0},
            lambda s: s.loss == "role" or (_scaled(s) and s.single_positive.scale == "learned"),
            "loss is role, or another than ranking with a learned single_positive.scale",
        ),
        *only({"single_positive.smoothing": 0.1}, "loss", "an_ls"),
        *only({"single_positive.positives": 3.2}, "loss", "epr", "role"),
        *only({"single_positive.spread": 0.1, "single_positive.known": 0.995}, "loss", "role"),
        *only({"single_positive.alpha": 0.1}, "loss", "em", "em_apl"),
        *only(
            {
                "single_positive.beta": 0.2,
                "single_positive.share": 0.9,
                "single_positive.warmup_epochs": 1,
            },
            "loss",
            "em_apl",
        ),
    )

    @model_validator(mode="after")
    def _labels_in_time(self) -> Self:
        """Every stage of training has a loss of its own, which warms up."""
        stages = [self.recipe.epochs]
        stages += [self.prompts.epochs] if self.prompts.mode == "tuning" else []
        warmup = self.single_positive.warmup_epochs
        if self.loss == "em_apl" and warmup >= min(stages):
            raise ValueError(
                f"loss is em_apl and single_positive.warmup_epochs is {warmup}, expected fewer "
                f"than the {min(stages)} epochs of a stage, or nothing becomes a pseudo-label; "
                "lower it, raise the epochs, or set loss to em"
            )
        return self
