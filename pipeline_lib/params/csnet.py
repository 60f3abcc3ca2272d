"""Section ``csnet``: the network that finds regions without boxes (VSCNet, Eqs. 1-4)."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from pipeline_lib.params.method import Trained
from pipeline_lib.params.recipe import Recipe, one_seed
from pipeline_lib.params.section import Section

Weight = Annotated[float, Field(ge=0)]
Scale = Annotated[float, Field(gt=0, le=1)]


class Scales(Section):
    """Between which scales a box is left alone; 1 is the whole image."""

    smallest: Scale
    largest: Scale

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.smallest > self.largest:
            raise ValueError("expected 'smallest' to be at most 'largest'")
        return self


class LocatingWeights(Section):
    """Weights of the loss terms beside the cross-entropy of the tags."""

    classes: Weight  # of Eq. 3, of the regions together; 0 where the target is tags
    locating: Weight  # alpha_l of Eq. 15
    scale: Weight
    inside: Weight  # of boxes that reach beyond the image


class Csnet(Trained):
    """One network for all images."""

    recipe: Annotated[Recipe, AfterValidator(one_seed)]
    steps: Annotated[int, Field(ge=1)]  # J: regions of an image
    cells: Annotated[int, Field(ge=1)]  # a box is sampled at cells × cells points
    look: Literal["mean", "centroids"]  # what places a box: GAP(F), or also where each channel is
    tags_from: Literal["region", "state"]  # what names a region: its own features, or H_j
    assignment: Literal["hungarian", "ordered"]  # of tags to steps
    dropout: Annotated[float, Field(ge=0, lt=1)]
    scale: Scales
    weights: LocatingWeights
    min_grid: Annotated[int, Field(ge=1)]  # cells per side that a map must have


SECTION = Csnet
