"""What the section of every trained method holds."""

from pipeline_lib.params.backbone import Backbone
from pipeline_lib.params.recipe import Recipe
from pipeline_lib.params.section import Section


class Trained(Section):
    """How a method is trained; each method adds its own keys."""

    recipe: Recipe


class MethodSection(Trained):
    """A method that trains a backbone on images."""

    backbone: Backbone
