"""Section ``evaluation``: cut-offs, intervals and the picture of the feature space."""

from typing import Annotated, Literal

from pydantic import Field

from pipeline_lib.params.section import Section


class Evaluation(Section):
    """How scores are judged."""

    top_k: Annotated[list[Annotated[int, Field(ge=1)]], Field(min_length=1)]
    draws: Annotated[int, Field(ge=100)]  # of the bootstrap over test images
    seed: int  # of the bootstrap and of t-SNE
    embedding: Literal["tsne", "pca"]
    embedding_images: Annotated[int, Field(ge=10)]  # test images shown in the plane
