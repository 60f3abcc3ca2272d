"""Sections of the method ``base`` and of the stage ``baseline``: a plain backbone."""

from typing import Annotated

from pydantic import AfterValidator

from pipeline_lib.params.backbone import DenseBackbone
from pipeline_lib.params.method import MethodSection
from pipeline_lib.params.recipe import Recipe, one_seed
from pipeline_lib.params.section import Section


class Base(MethodSection):
    """A backbone and a linear classifier."""


class Plain(MethodSection):
    """The baseline of one target."""

    backbone: DenseBackbone
    recipe: Annotated[Recipe, AfterValidator(one_seed)]


class Baseline(Section):
    """The backbones that other stages encode images with, one for each target."""

    weights: str  # where they start: a local checkpoint, or data/none
    classes: Plain
    tags: Plain


SECTION = Base
