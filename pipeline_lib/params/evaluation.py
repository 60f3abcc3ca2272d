"""Section ``evaluation``: cut-offs, intervals and the picture of the feature space."""

from typing import Annotated, Literal

from pydantic import Field

from pipeline_lib.params.section import Section

Cutoffs = Annotated[list[Annotated[int, Field(ge=1)]], Field(min_length=1)]


class Tags(Section):
    """Conventions of multi-label protocols, for runs that predict tags."""

    judged: Literal["seen", "all"]  # "seen" leaves out tags that no train or val image is labelled
    # with, which only a method that reads their names could recognise
    top_k: Cutoffs  # those beyond the number of labels are left out; 1 where all are
    threshold: Annotated[float, Field(gt=0, lt=1)]  # of the probability above which a tag is found
    empty: Literal["zero", "skip"]  # AP and recall of a tag that no image of the split carries
    difficult: Literal["ignore", "negative", "positive"]  # tags present as difficult objects only
    gzsl_order: Literal["seen_first", "unseen_first"]  # equal scores rank by class position


class Evaluation(Section):
    """How scores are judged."""

    top_k: Cutoffs  # of classes; the first that is usable sums a run up
    tags: Tags
    draws: Annotated[int, Field(ge=100)]  # of the bootstrap over test images
    seed: int  # of the bootstrap and of t-SNE
    embedding: Literal["tsne", "pca"]
    embedding_images: Annotated[int, Field(ge=10)]  # test images shown in the plane
