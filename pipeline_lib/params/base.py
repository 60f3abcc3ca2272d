"""Sections of the method ``base`` and of the stage ``baseline``: a plain backbone."""

from pipeline_lib.params.backbone import DenseBackbone
from pipeline_lib.params.method import MethodSection
from pipeline_lib.params.section import Section


class Base(MethodSection):
    """A backbone and a linear classifier."""


class Plain(MethodSection):
    """The baseline of one target; only the first seed is trained."""

    backbone: DenseBackbone


class Baseline(Section):
    """The backbones that other stages encode images with, one for each target."""

    weights: str  # where they start: a local checkpoint, or data/none
    classes: Plain
    tags: Plain


SECTION = Base
