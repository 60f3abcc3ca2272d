"""What the settings of every method begin with."""

from dataclasses import dataclass, field
from typing import Annotated

from pipeline_lib.settings.backbone import Backbone
from pipeline_lib.settings.group import Group
from pipeline_lib.settings.markers import NotEmpty, OrNone
from pipeline_lib.settings.recipe import ImageRecipe, Recipe


@dataclass(frozen=True, kw_only=True)
class RunSettings(Group):
    """A run of a method is repeated for each seed."""

    seeds: Annotated[list[int], NotEmpty()] = field(default_factory=lambda: [0])


@dataclass(frozen=True, kw_only=True)
class TrainedSettings(RunSettings):
    """A method that is trained."""

    recipe: Recipe


@dataclass(frozen=True, kw_only=True)
class ImageSettings(TrainedSettings):
    """A method that reads images, or what a frozen backbone made of them."""

    backbone: Annotated[Backbone | None, OrNone()] = None  # of images; maps were made by another
    recipe: ImageRecipe
