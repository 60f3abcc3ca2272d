"""Section ``quality``: what is looked for among the images and their labels, and by what."""

from typing import Annotated

from pydantic import Field

from pipeline_lib.params.section import NOTHING, Section
from pipeline_lib.settings.only import only_if


class OutOfFold(Section):
    """A logistic regression that scores each image without having seen it or a copy of it."""

    folds: Annotated[int, Field(ge=2, le=20)]
    c: Annotated[float, Field(gt=0)]  # inverse strength of the penalty, as scikit-learn's C
    seed: int  # of the folds


class Quality(Section):
    """Suspected labels, near-duplicates, outliers, and tags that exclude each other."""

    ONLY = only_if(
        {"exclusion": 0.9},
        lambda s: s.graph != NOTHING,
        "graph names a category graph",
    )

    vectors: str  # what features or maps wrote, a folder; data/none switches the stage off
    graph: str  # edges.parquet of a category graph with exclusions, or data/none
    neighbours: Annotated[int, Field(ge=1, le=100)]  # looked at of each image
    scores: OutOfFold
    similarity: Annotated[float, Field(gt=0, le=1)]  # from which on two pictures are one
    exclusion: Annotated[float, Field(gt=0, le=1)]  # strength from which on an edge is believed
    listed: Annotated[int, Field(ge=1)]  # rows of each kind of suspect, and of outliers
