"""Section ``csrms``: the online part of CSRMS. Every row of the paper's Tables 3-5 is a setting."""

from typing import Annotated, Literal

from pydantic import Field

from pipeline_lib.params.method import MethodSection
from pipeline_lib.params.section import Section

Weight = Annotated[float, Field(ge=0)]
Mixing = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=1)]


class Smoothing(Section):
    """How an anchor's feature is mixed with its neighbours' (Eqs. 9-10, Table 5)."""

    kind: Literal["gcn", "gnn", "tail_gnn", "js_loss", "none"]
    topology: Literal["knn", "star"]
    k: Count  # neighbours of a node under "knn"
    hidden: Count  # width H of the hidden layer


class Alignment(Section):
    """How cluster and class prototypes are mixed in (Eqs. 11-12)."""

    prototype: Literal["predicted", "label", "none"]  # "label" is the literal text, and leaks
    alpha_u: Mixing
    beta_u: Mixing  # of the cluster prototype
    alpha_a: Mixing
    beta_a: Mixing  # of the class prototype


class LossWeights(Section):
    """Weights of the loss terms beside the cross-entropy of the final feature."""

    backbone: Weight  # cross-entropy of the plain features
    positives: Weight  # cross-entropy of the feature smoothed with label-chosen positives
    nega: Weight  # Eq. 14
    inter: Weight  # Eq. 16
    js: Weight  # of smoothing.kind: js_loss


class Curriculum(Section):
    """Weights of easy, medium and hard images (Eqs. 7-8)."""

    pace: Literal["none", "linear", "converged"]  # "converged" is the literal text
    alpha_i: Mixing  # start
    alpha_f: Mixing  # start
    until: Annotated[float, Field(gt=0, le=1)]  # linear: share of the epochs until equal weights
    step: Mixing  # converged: by which one of them is lowered after a converged epoch
    tolerance: Weight  # … which is one whose mean loss changed by less, twice running


class Csrms(MethodSection):
    """Class-level structural relation modelling and smoothing."""

    classify: Literal["symmetric", "paper"]  # "paper" classifies label-chosen neighbours: it leaks
    supervise: Literal["final", "all", "anchors"]  # which encoded images carry a cross-entropy:
    # all of the final feature too; all of the plain one; the anchors alone, as in the text
    smoothing: Smoothing
    alignment: Alignment
    weights: LossWeights
    sign: Literal["corrected", "paper"]  # of Eqs. 14 and 16
    curriculum: Curriculum
    neighbours: Literal["retrieve", "self"]  # at test
    n_neighbours: Count  # retrieved for one image, in training and at test
    refresh_epochs: Annotated[int, Field(ge=0)]  # between new banks and prototypes; 0: only one


SECTION = Csrms
