"""Section ``vlp``: the vision-language model that open-vocabulary methods start from."""

from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from pipeline_lib.params.section import NOTHING, Section
from pipeline_lib.settings.only import Only, only
from pipeline_lib.settings.recipe import ImageRecipe, Recipe

Count = Annotated[int, Field(ge=1)]


class Named(Section):
    """Published weights, by open_clip's names of model and weights."""

    name: Literal["named"]
    model: str
    pretrained: str  # e.g. openai


class Checkpoint(Section):
    """A local model: the file or folder that `vlp.checkpoint` names."""

    name: Literal["checkpoint"]
    model: str  # of a file of weights: a name that open_clip knows; a folder says it itself


class Tiny(Section):
    """Two small towers, trained here on the captions of the training images."""

    name: Literal["captions"]
    image_size: Annotated[int, Field(ge=32, le=512)]  # pixels
    dims: Count  # of the space that images and texts share
    text_width: Count
    text_heads: Count
    text_layers: Count
    context: Annotated[int, Field(ge=8, le=77)]  # tokens of a text
    words: Annotated[int, Field(ge=0)]  # least length of the random run of words that stands for a
    # caption in a step; 0: always the whole caption
    scale: Annotated[float, Field(gt=0)]  # first factor of the cosines; it is learned
    seed: int
    recipe: ImageRecipe

    @model_validator(mode="after")
    def _heads_share_the_width(self) -> Self:
        if self.text_width % self.text_heads:
            raise ValueError(
                f"text_width is {self.text_width}, expected a multiple of the {self.text_heads} "
                "text_heads, which share it; change one of them"
            )
        return self


class Lit(Section):
    """Projections of a frozen image trunk and a frozen sentence encoder into one space.

    Zhai et al., LiT, CVPR 2022: both towers are locked here, so that what they give is encoded once
    and training takes seconds. The text tower's projection is square: the sentence encoder's space
    is the space of both.
    """

    name: Literal["lit"]
    ridge: Annotated[float, Field(ge=0)]  # penalty of the regression from the rows of the trunk's
    # classifier to the names of its classes that the image projection starts from; 0: a random one
    anchors: Annotated[float, Field(ge=0)]  # weight of these rows and names as further pairs
    scale: Annotated[float, Field(gt=0)]  # first factor of the cosines; it is learned
    seed: int
    recipe: Recipe  # the epoch that finds most captions of val is kept


class Vlp(Section):
    """One source, and what it reads."""

    source: Annotated[Tiny | Named | Checkpoint | Lit, Field(discriminator="name")]
    checkpoint: str  # of `checkpoint`: a file of weights or a folder as open_clip saves it; of
    # `lit`: weights of the trunk that made `vectors`, data/none: those that timm publishes
    sentences: str  # of `lit`: a local folder of Sentence-Transformers, or data/none
    vectors: str  # of `lit`: what features or maps wrote, a folder, or data/none

    ONLY: ClassVar[tuple[Only, ...]] = (
        *only({"checkpoint": NOTHING}, "source.name", "checkpoint", "lit"),
        *only({"sentences": NOTHING, "vectors": NOTHING}, "source.name", "lit"),
    )

    @model_validator(mode="after")
    def _lit_is_told_what_it_joins(self) -> Self:
        wanted = {
            "sentences": "a folder of Sentence-Transformers",
            "vectors": "the folder of features or maps",
        }
        for key, what in wanted.items():
            if isinstance(self.source, Lit) and getattr(self, key) == NOTHING:
                raise ValueError(
                    f"{key} is {NOTHING}, expected {what}, which source lit reads; name it, or "
                    "choose another source"
                )
        return self
