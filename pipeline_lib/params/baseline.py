"""Section ``baseline``: the backbones that other stages encode images with."""

from pipeline_lib.params.section import Section
from pipeline_lib.settings.backbone import DenseBackbone
from pipeline_lib.settings.recipe import ImageRecipe


class Plain(Section):
    """The baseline of one target."""

    backbone: DenseBackbone
    seed: int
    recipe: ImageRecipe


class Baseline(Section):
    """One for each target."""

    weights: str  # where they start: a local checkpoint, or data/none
    classes: Plain
    tags: Plain
