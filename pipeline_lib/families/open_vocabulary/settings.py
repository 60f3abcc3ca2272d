"""Settings that methods share which start from a vision-language model.

Defaults are C2SRT's (Sec. 4.1) where no other paper is named.
"""

from dataclasses import dataclass, field
from typing import Annotated, ClassVar, Literal

from pipeline_lib.settings.group import Group
from pipeline_lib.settings.markers import Bound, ByName
from pipeline_lib.settings.numbers import Count, Positive, Share, Weight
from pipeline_lib.settings.only import Only, only_if
from pipeline_lib.settings.recipe import AdamW, ImageRecipe
from pipeline_lib.training.settings import RunSettings, TrainedSettings

PLACE = "{}"  # of a name in a sentence


@dataclass(frozen=True, kw_only=True)
class Student(Group):
    """The image tower that is trained, beside the frozen one that it starts as."""

    trained_blocks: Annotated[int, Bound(ge=0)] = 2  # the last ones, and what follows; 0: frozen;
    # of a run on maps 1 or 0: what follows the maps, the projection above all, or nothing
    layer_decay: Annotated[float, Bound(gt=0, le=1)] = 0.65  # of the learning rate, from what
    # follows the last block to that block, and from block to block (SigRL)
    checkpointing: bool = False  # recompute activations in the backward pass, not keep them

    ONLY: ClassVar[tuple[Only, ...]] = (
        *only_if(
            {"checkpointing": False}, lambda s: s.trained_blocks > 0, "trained_blocks is above 0"
        ),
        *only_if(
            {"layer_decay": 0.65}, lambda s: s.trained_blocks > 0, "trained_blocks is above 0"
        ),
    )


Normalise = Literal["none", "image", "call", "vocabulary"]


@dataclass(frozen=True, kw_only=True)
class Scores(Group):
    """What becomes of scores before they are averaged and ranked (label_head.py)."""

    normalise: Normalise = "none"  # per image, over the labels of the call, or over all known ones


@dataclass(frozen=True, kw_only=True)
class Simple(Group):
    """A label is told by the first prompt of section `text` (C2SRT Table 5)."""

    name: Literal["simple"] = "simple"


@dataclass(frozen=True, kw_only=True)
class Ensemble(Group):
    """A label is told by the mean of all prompts of section `text`."""

    name: Literal["ensemble"] = "ensemble"


@dataclass(frozen=True, kw_only=True)
class Tuning(Group):
    """The words of the first prompt are trained alone, in a second stage."""

    name: Literal["tuning"] = "tuning"
    epochs: Count = 2
    lr: Positive = 0.001


Prompts = Annotated[Simple | Ensemble | Tuning, ByName()]
Untuned = Annotated[Simple | Ensemble, ByName()]


@dataclass(frozen=True, kw_only=True)
class Fixed(Group):
    """The sigmoid takes scores as they are."""

    name: Literal["fixed"] = "fixed"


@dataclass(frozen=True, kw_only=True)
class Learned(Group):
    """The sigmoid takes scores on a learned scale (SigLIP)."""

    name: Literal["learned"] = "learned"
    start: Positive = 10.0
    shift: float = -3.0  # what is added at the start; most labels are absent; SigLIP: -10
    lr_factor: Positive = 10.0  # on the learning rate


@dataclass(frozen=True, kw_only=True)
class Scaled(Group):
    """A loss for single positive labels, which takes the sigmoid of scores."""

    scale: Annotated[Fixed | Learned, ByName()] = field(default_factory=Learned)


@dataclass(frozen=True, kw_only=True)
class Ranking(Group):
    """Known positives above all other labels by a margin."""

    name: Literal["ranking"] = "ranking"
    margin: Weight = 1.0  # Eq. 11; SigRL Eq. 15
    pairs: Literal["all", "violated"] = "all"  # of which the mean is; violated: the authors' code


@dataclass(frozen=True, kw_only=True)
class An(Scaled):
    """Assume negative (Cole et al., CVPR 2021, as all down to `iun`)."""

    name: Literal["an"] = "an"


@dataclass(frozen=True, kw_only=True)
class Wan(Scaled):
    """Weak assume negative."""

    name: Literal["wan"] = "wan"


@dataclass(frozen=True, kw_only=True)
class AnLs(Scaled):
    """Assume negative with label smoothing."""

    name: Literal["an_ls"] = "an_ls"
    smoothing: Share = 0.1  # the authors' code


@dataclass(frozen=True, kw_only=True)
class Epr(Scaled):
    """Expected positive regularisation."""

    name: Literal["epr"] = "epr"
    positives: Positive  # of an image, expected; the authors' code: VOC 1.5, COCO 2.9, NUS-WIDE 1.9


@dataclass(frozen=True, kw_only=True)
class Role(Scaled):
    """Regularised online label estimation."""

    name: Literal["role"] = "role"
    positives: Positive  # of an image, expected
    spread: Annotated[float, Bound(ge=0, lt=0.5)] = 0.1  # estimates start within 0.5 ± spread …
    known: Annotated[float, Bound(gt=0.5, lt=1)] = 0.995  # … but those of observed positives here
    lr_factor: Positive = 10.0  # on the rate of the estimates; all three: the authors' code


@dataclass(frozen=True, kw_only=True)
class Iun(Scaled):
    """Ignore unobserved, with all true negatives: an oracle."""

    name: Literal["iun"] = "iun"


@dataclass(frozen=True, kw_only=True)
class Em(Scaled):
    """Entropy maximisation (Zhou et al., ECCV 2022)."""

    name: Literal["em"] = "em"
    alpha: Weight = 0.1  # of the entropy of what is not observed; their code: COCO, NUS-WIDE


@dataclass(frozen=True, kw_only=True)
class EmApl(Scaled):
    """Entropy maximisation with asymmetric pseudo-labels (Zhou et al.)."""

    name: Literal["em_apl"] = "em_apl"
    alpha: Weight = 0.1  # of the entropy of what is not observed
    beta: Weight = 0.2  # of the pseudo-labels; their code, NUS-WIDE
    share: Share = 0.9  # of what is not observed, labelled negative by the last epoch; their code
    warmup_epochs: Count = 4  # before there are pseudo-labels; their code, NUS-WIDE, of 10


Loss = Annotated[Ranking | An | Wan | AnLs | Epr | Role | Iun | Em | EmApl, ByName()]
PlainLoss = Annotated[Ranking | An | Wan | AnLs | Epr | Role | Iun | Em, ByName()]


@dataclass(frozen=True, kw_only=True)
class OpenSettings(TrainedSettings):
    """A method that starts from a vision-language model and names no label in its weights."""

    recipe: ImageRecipe = field(
        default_factory=lambda: ImageRecipe(
            epochs=20, batch_size=64, optimizer=AdamW(lr=0.001, weight_decay=0.005)
        )
    )
    student: Student = field(default_factory=Student)
    prompts: Prompts = field(default_factory=Ensemble)
    scores: Scores = field(default_factory=Scores)
    loss: Loss = field(default_factory=Ranking)
    distillation: Weight = 1.0  # λ: of the mean difference of student and teacher
    select: Literal["last", "best"] = "last"  # the epoch that is kept: best by mAP of the seen
    # labels on val

    ONLY: ClassVar[tuple[Only, ...]] = only_if(
        {"distillation": 0.0},
        lambda s: s.student.trained_blocks > 0,
        "student.trained_blocks is above 0",
    )

    def __post_init__(self) -> None:
        """Let every stage of training have its pseudo-labels: its loss warms up anew."""
        super().__post_init__()
        epochs = self.recipe.epochs
        if isinstance(self.prompts, Tuning) and self.select == "best":
            raise ValueError(
                "select is best and prompts are tuned, expected last: the words are trained in a "
                "second stage, and an epoch of either says nothing of the other; set select to last"
            )
        if isinstance(self.prompts, Tuning):
            epochs = min(epochs, self.prompts.epochs)
        if isinstance(self.loss, EmApl) and self.loss.warmup_epochs >= epochs:
            raise ValueError(
                f"loss is em_apl and loss.warmup_epochs {self.loss.warmup_epochs}, expected fewer "
                f"than the {epochs} epochs of a stage, or nothing becomes a pseudo-label; lower "
                "it, raise the epochs, or set loss.name to em"
            )


@dataclass(frozen=True, kw_only=True)
class ZeroShot(RunSettings):
    """A model that is taken as it is."""

    batch_size: Count = 64
    prompts: Untuned = field(default_factory=Ensemble)  # Radford et al., Sec. 3.1.4
    scores: Scores = field(default_factory=Scores)
    loss: PlainLoss = field(default_factory=Ranking)  # of training images, which others start from


Weighting = Literal["probability", "root"]


@dataclass(frozen=True, kw_only=True)
class MixtureSettings(ZeroShot):
    """Images are told by the classes that their trunk was trained with."""

    classes: Count = 10  # T, the likeliest ones (ConSE Sec. 4)
    weighting: Weighting = "probability"  # or root, of the probability: other classes than the
    # first count more
