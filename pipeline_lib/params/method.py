"""What the section of every trained method holds."""

from typing import Literal, Self

from pydantic import model_validator

from pipeline_lib.params.backbone import Backbone
from pipeline_lib.params.recipe import Recipe
from pipeline_lib.params.section import Section


class Trained(Section):
    """How a method is trained; each method adds its own keys."""

    recipe: Recipe


class MethodSection(Trained):
    """A method that trains a backbone on images."""

    backbone: Backbone


class HeadSection(MethodSection):
    """A method that reads feature maps.

    ``trunk`` says what of the backbone is trained; the rest stays as it is, batch norms included.
    Maps that were computed before need no backbone, and nothing of it is trained.
    """

    trunk: Literal["frozen", "last_block", "all"]
    standardise: bool  # channels to mean 0 and deviation 1 over the training images

    @model_validator(mode="after")
    def _stands_still(self) -> Self:
        if self.standardise and self.trunk != "frozen":
            raise ValueError(
                f"standardise is on and trunk is {self.trunk}, expected frozen, since the features "
                "move while it is trained; set standardise to false or trunk to frozen"
            )
        return self
