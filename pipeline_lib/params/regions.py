"""Section ``regions``: what is kept of each region, and what its place is compared with."""

from typing import Annotated, Literal

from pydantic import Field

from pipeline_lib.params.section import Section


class Regions(Section):
    """The regions of all images."""

    descriptor: Literal["state", "pooled"]  # H_j, or the features inside the box
    lattice: bool  # whether a fixed lattice of boxes is looked at too
    random_draws: Annotated[int, Field(ge=1)]  # sets of random regions per image
    seed: int  # of those
