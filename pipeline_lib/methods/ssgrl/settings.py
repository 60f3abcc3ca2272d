"""Settings of SSGRL: low-rank bilinear decoupling and a gated graph network."""

from dataclasses import dataclass, field
from typing import Annotated

from pipeline_lib.families.dense_head.settings import HeadSettings
from pipeline_lib.settings.markers import Bound
from pipeline_lib.settings.numbers import Count
from pipeline_lib.settings.recipe import AdamW, ImageRecipe


@dataclass(frozen=True, kw_only=True)
class Settings(HeadSettings):
    """Semantic-specific graph representation learning."""

    recipe: ImageRecipe = field(
        default_factory=lambda: ImageRecipe(epochs=20, batch_size=4, optimizer=AdamW(lr=1e-5))
    )
    width: Annotated[int, Bound(ge=0)] = 0  # channels after a learned projection; 0: no projection
    hidden: Count = 1024  # d1 of the bilinear attention (Sec. 4.1)
    steps: Annotated[int, Bound(ge=0)] = 3  # T of the graph network (Sec. 4.1)
    outputs: Count = 2048  # width of o_c (Sec. 4.1)
    chunk: Count = 16  # labels attended to at a time; changes no result but the last bits
