"""Section ``ssgrl``: low-rank bilinear decoupling and a gated graph network."""

from typing import Annotated

from pydantic import Field

from pipeline_lib.params.method import HeadSection

Count = Annotated[int, Field(ge=1)]


class Ssgrl(HeadSection):
    """Semantic-specific graph representation learning."""

    width: Annotated[int, Field(ge=0)]  # channels after a learned 1×1 projection; 0: no projection
    hidden: Count  # d1 of the bilinear attention
    steps: Annotated[int, Field(ge=0)]  # T of the graph network
    outputs: Count  # width of o_c
    chunk: Count  # labels attended to at a time; bounds memory, changes no result but the last bits


SECTION = Ssgrl
