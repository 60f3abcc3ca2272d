"""Section ``vlp``: the vision-language model that open-vocabulary methods start from."""

from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from pipeline_lib.params.section import NOTHING, Section
from pipeline_lib.settings.only import Only, only
from pipeline_lib.settings.recipe import ImageRecipe

Count = Annotated[int, Field(ge=1)]


class Tiny(Section):
    """Two small towers, trained here on the captions of the training images."""

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


class Vlp(Section):
    """One source; the settings of the others are kept for when they are chosen."""

    source: Literal["named", "checkpoint", "captions"]
    model: str  # named, or a checkpoint that is a file: a name that open_clip knows
    pretrained: str  # named: open_clip's name of published weights, e.g. openai
    checkpoint: str  # a local file of weights or a folder as open_clip saves it, or data/none
    captions: Tiny

    ONLY: ClassVar[tuple[Only, ...]] = (
        *only({"model": "ViT-B-16"}, "source", "named", "checkpoint"),
        *only({"pretrained": "openai"}, "source", "named"),
        *only({"checkpoint": NOTHING}, "source", "checkpoint"),
    )
