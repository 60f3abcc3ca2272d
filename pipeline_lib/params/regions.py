"""Section ``regions``: what is kept of each region, and what its place is compared with."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from pipeline_lib.params.section import Section
from pipeline_lib.settings.only import Only, only_if
from pipeline_lib.settings.recipe import Recipe


class FromMaps(Section):
    """A region is cut out of the image's feature map, each cell of which has seen the image."""

    name: Literal["maps"]


class FromPixels(Section):
    """A region is cut out of the image, and encoded by the network that made the maps (Eq. 2)."""

    name: Literal["pixels"]
    image_size: Annotated[int, Field(ge=8, le=1024)]  # pixels per side that a cut-out is resized to
    recipe: Recipe  # of the linear head that names a cut-out's tag


class Regions(Section):
    """The regions of all images."""

    source: Annotated[FromMaps | FromPixels, Field(discriminator="name")]
    descriptor: Literal["state", "pooled"]  # H_j, or the features inside the box
    lattice: bool  # whether a fixed lattice of boxes is looked at too
    random_draws: Annotated[int, Field(ge=1)]  # sets of random regions per image
    seed: int  # of those, and of the head of `pixels`

    ONLY: ClassVar[tuple[Only, ...]] = only_if(
        {"descriptor": "pooled"}, lambda section: section.source.name == "maps", "source is maps"
    )
