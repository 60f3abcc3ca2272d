"""Section ``csrms``: the online part of CSRMS. Every row of the paper's Tables 3-5 is a setting."""

from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from pipeline_lib.params.method import MethodSection
from pipeline_lib.params.only import Only, only, only_if
from pipeline_lib.params.section import Section

Weight = Annotated[float, Field(ge=0)]
Mixing = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=1)]
SMOOTHING = ("gcn", "gnn", "tail_gnn")  # the kinds that mix a feature with its neighbours'


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

    ONLY: ClassVar[tuple[Only, ...]] = (
        *only({"classify": "symmetric", "weights.positives": 0.0}, "smoothing.kind", *SMOOTHING),
        *only({"neighbours": "retrieve", "n_neighbours": 5}, "smoothing.kind", *SMOOTHING),
        *only({"weights.positives": 0.0}, "classify", "symmetric"),
        *only({"weights.js": 0.0}, "smoothing.kind", "js_loss"),
        *only({"smoothing.topology": "knn", "smoothing.hidden": 84}, "smoothing.kind", "gcn"),
        *only_if(
            {"smoothing.k": 3},
            lambda s: s.smoothing.kind == "gcn" and s.smoothing.topology == "knn",
            "smoothing.kind is gcn and smoothing.topology knn",
        ),
        *only(
            {f"alignment.{name}_{of}": 0.6667 if name == "alpha" else 0.3333
             for of in "ua" for name in ("alpha", "beta")},
            "alignment.prototype", "predicted", "label",
        ),
        *only_if(
            {"sign": "corrected"},
            lambda s: s.weights.nega > 0 or s.weights.inter > 0,
            "weights.nega or weights.inter is above 0",
        ),
        *only(
            {"curriculum.alpha_i": 0.99, "curriculum.alpha_f": 0.99},
            "curriculum.pace", "linear", "converged",
        ),
        *only({"curriculum.until": 0.5}, "curriculum.pace", "linear"),
        *only(
            {"curriculum.step": 0.01, "curriculum.tolerance": 1e-4}, "curriculum.pace", "converged"
        ),
        *only_if(
            {"refresh_epochs": 1},
            lambda s: s.smoothing.kind in SMOOTHING or s.alignment.prototype != "none",
            "neighbours are smoothed with or prototypes mixed in",
        ),
    )  # fmt: skip

    @model_validator(mode="after")
    def _every_part_is_trained(self) -> Self:
        if self.smoothing.kind == "js_loss" and self.weights.js == 0:
            raise ValueError(
                "smoothing.kind is js_loss and weights.js 0, which trains as kind none does; set "
                "weights.js above 0, or smoothing.kind to none"
            )
        if self.alignment.prototype == "predicted" and self.weights.backbone == 0:
            raise ValueError(
                "alignment.prototype is predicted and weights.backbone 0, so that nothing trains "
                "the classifier whose posterior weighs the prototypes; set weights.backbone above "
                "0, or alignment.prototype to none"
            )
        if self.classify == "paper" and self.supervise == "final":
            raise ValueError(
                "classify is paper and supervise final, but only anchors have the positives that "
                "`paper` mixes in; set supervise to all or anchors, or classify to symmetric"
            )
        return self


SECTION = Csrms
