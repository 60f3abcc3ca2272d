"""What the section of every trained method holds."""

from pipeline_lib.params.backbone import Backbone
from pipeline_lib.params.recipe import Recipe
from pipeline_lib.params.section import Section


class MethodSection(Section):
    """A backbone and how it is trained; each method adds its own keys."""

    backbone: Backbone
    recipe: Recipe
