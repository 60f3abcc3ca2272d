"""Section ``ml_gcn``: classifiers from a graph convolution over word vectors."""

from typing import Annotated, Literal

from pydantic import Field

from pipeline_lib.params.method import HeadSection

Share = Annotated[float, Field(ge=0, le=1)]


class MlGcn(HeadSection):
    """Recognition with graph convolutional networks."""

    pool: Literal["max", "mean"]  # of the map, over positions
    hidden: Annotated[int, Field(ge=1)]
    slope: Annotated[float, Field(ge=0, lt=1)]  # of the LeakyReLU after the first layer
    tau: Share  # edges below are dropped
    p: Share  # what the neighbours of a label weigh together


SECTION = MlGcn
