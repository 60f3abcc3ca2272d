"""Settings of CSRMS's online part: every row of the paper's Tables 3-5 is one of them."""

from dataclasses import dataclass, field
from typing import Annotated, ClassVar, Literal

from pipeline_lib.settings.group import Group
from pipeline_lib.settings.markers import Bound, ByName, OrNone
from pipeline_lib.settings.numbers import Count, Positive, Share, Weight
from pipeline_lib.settings.only import Only, only, only_if
from pipeline_lib.settings.recipe import ImageRecipe, Sgd
from pipeline_lib.training.settings import ImageSettings


@dataclass(frozen=True, kw_only=True)
class Knn(Group):
    """Each node of an anchor's graph hears its nearest ones."""

    name: Literal["knn"] = "knn"
    k: Count = 3


@dataclass(frozen=True, kw_only=True)
class Star(Group):
    """Each neighbour hears the anchor alone, the anchor all of them."""

    name: Literal["star"] = "star"


@dataclass(frozen=True, kw_only=True)
class Mixing(Group):
    """Features are mixed with those of neighbours."""

    placebo: Literal["none", "lot"] = "none"  # "lot": with another image's in each one's place


@dataclass(frozen=True, kw_only=True)
class Gcn(Mixing):
    """An anchor's feature and its neighbours' pass a graph convolution (Eqs. 9-10)."""

    name: Literal["gcn"] = "gcn"
    topology: Annotated[Knn | Star, ByName()] = field(default_factory=Knn)
    hidden: Count = 84  # width H of the hidden layer


@dataclass(frozen=True, kw_only=True)
class Gnn(Mixing):
    """The mean of the neighbours is mixed in."""

    name: Literal["gnn"] = "gnn"


@dataclass(frozen=True, kw_only=True)
class TailGnn(Mixing):
    """What a feature misses of its neighbours is predicted and mixed in."""

    name: Literal["tail_gnn"] = "tail_gnn"


@dataclass(frozen=True, kw_only=True)
class JsLoss(Group):
    """A loss draws an anchor's prediction to those of its positives; no feature is mixed."""

    name: Literal["js_loss"] = "js_loss"
    weight: Positive = 0.3333  # of that loss


@dataclass(frozen=True, kw_only=True)
class NoSmoothing(Group):
    """Features are classified as they are."""

    name: Literal["none"] = "none"


Smoothing = Gcn | Gnn | TailGnn | JsLoss | NoSmoothing
MIXING = (Gcn, Gnn, TailGnn)  # what mixes a feature with its neighbours'


@dataclass(frozen=True, kw_only=True)
class Alignment(Group):
    """How cluster and class prototypes are mixed in (Eqs. 11-12)."""

    prototype: Literal["predicted", "label"] = "predicted"  # "label" is the literal text, and leaks
    alpha_u: Share = 0.6667
    beta_u: Share = 0.3333  # of the cluster prototype
    alpha_a: Share = 0.6667
    beta_a: Share = 0.3333  # of the class prototype
    placebo: Literal["none", "mean"] = "none"  # "mean": that of all classes in each one's place


@dataclass(frozen=True, kw_only=True)
class Positives(Group):
    """What label-chosen positives teach."""

    head: Literal["own", "shared"] = "own"  # which smoothing and classifier their cross-entropy
    # trains; "shared" is that of the label-free path, and leaks
    placebo: Literal["none", "lot"] = "none"  # "lot": others of the class, drawn once


@dataclass(frozen=True, kw_only=True)
class Negatives(Group):
    """What images of other classes teach."""

    placebo: Literal["none", "lot"] = "none"  # "lot": any of other classes, drawn once


@dataclass(frozen=True, kw_only=True)
class Distance(Group):
    """What the distances of Eqs. 14 and 16 are measured with."""

    normalise: bool = False  # unit features; the text has them as the encoder gives them
    theta: Positive = 1.0  # θ, "a fixed parameter"


@dataclass(frozen=True, kw_only=True)
class LossWeights(Group):
    """Weights of the loss terms beside the cross-entropy of the final feature."""

    backbone: Weight = 1.0  # cross-entropy of the plain features
    positives: Weight = 0.3333  # of the feature smoothed with label-chosen positives
    nega: Weight = 0.3333  # Eq. 14
    inter: Weight = 0.3333  # Eq. 16


@dataclass(frozen=True, kw_only=True)
class Even(Group):
    """All images weigh the same."""

    name: Literal["none"] = "none"


@dataclass(frozen=True, kw_only=True)
class Paced(Group):
    """Easy images weigh more at first (Eqs. 7-8)."""

    alpha_i: Share = 0.99  # start
    alpha_f: Share = 0.99  # start
    placebo: Literal["none", "lot"] = "none"  # "lot": with another image's difficulty


@dataclass(frozen=True, kw_only=True)
class Linear(Paced):
    """… until equal weights are reached."""

    name: Literal["linear"] = "linear"
    until: Annotated[float, Bound(gt=0, le=1)] = 0.5  # share of the epochs


@dataclass(frozen=True, kw_only=True)
class Converged(Paced):
    """… and less after each converged epoch: the literal text."""

    name: Literal["converged"] = "converged"
    step: Share = 0.01  # by which one of the two is lowered
    tolerance: Weight = 1e-4  # a converged epoch's mean loss changed by less, twice running …
    below: Positive = 0.01  # … and is itself less, which few trainings reach; 1e9: any loss


Curriculum = Even | Linear | Converged


@dataclass(frozen=True, kw_only=True)
class Settings(ImageSettings):
    """Class-level structural relation modelling and smoothing."""

    recipe: ImageRecipe = field(
        default_factory=lambda: ImageRecipe(  # Sec. 5.1.3
            epochs=100, batch_size=32, optimizer=Sgd(lr=0.01)
        )
    )
    classify: Literal["symmetric", "paper"] = "symmetric"  # "paper" classifies label-chosen
    # neighbours: it leaks
    lists: Literal["encode", "bank"] = "encode"  # where features of positives and negatives come
    # from: encoded beside their anchors, as in the text, or rows of the bank, which every encoded
    # batch refreshes in place
    supervise: Literal["final", "all", "anchors"] = "anchors"  # which encoded images carry a
    # cross-entropy: all of the final feature too; all of the plain one; the anchors, as in the text
    positives: Positives = field(default_factory=Positives)
    negatives: Negatives = field(default_factory=Negatives)
    smoothing: Annotated[Smoothing, ByName()] = field(default_factory=Gcn)  # Table 5
    alignment: Annotated[Alignment | None, OrNone()] = field(default_factory=Alignment)
    weights: LossWeights = field(default_factory=LossWeights)
    sign: Literal["corrected", "paper"] = "corrected"  # of Eqs. 14 and 16
    distance: Distance = field(default_factory=Distance)
    curriculum: Annotated[Curriculum, ByName()] = field(default_factory=Converged)
    neighbours: Literal["retrieve", "self"] = "retrieve"  # at test
    n_neighbours: Count = 5  # retrieved for one image, in training and at test
    refresh_epochs: Annotated[int, Bound(ge=0)] = 1  # between new banks and prototypes; 0: only one

    ONLY: ClassVar[tuple[Only, ...]] = (
        *only_if(
            {
                "classify": "symmetric",
                "weights.positives": 0.0,
                "neighbours": "retrieve",
                "n_neighbours": 5,
            },
            lambda s: isinstance(s.smoothing, MIXING),
            "smoothing.name is gcn, gnn or tail_gnn",
        ),
        *only_if(
            {"weights.positives": 0.0},
            lambda s: s.classify == "symmetric",
            "classify is symmetric",
        ),
        *only_if(
            {"positives.head": "own"},
            lambda s: s.weights.positives > 0,
            "weights.positives is above 0",
        ),
        *only_if(
            {"positives.placebo": "none"},
            lambda s: (
                s.weights.positives > 0
                or isinstance(s.smoothing, JsLoss)
                or (s.classify == "paper" and isinstance(s.smoothing, MIXING))
            ),
            "positives teach or are classified",
        ),
        *only_if(
            {"negatives.placebo": "none"},
            lambda s: s.weights.nega > 0,
            "weights.nega is above 0",
        ),
        *only_if(
            {"sign": "corrected", "distance.normalise": True, "distance.theta": 0.5},
            lambda s: s.weights.nega > 0 or s.weights.inter > 0,
            "weights.nega or weights.inter is above 0",
        ),
        *only_if(
            {"refresh_epochs": 1},
            lambda s: (
                s.lists == "encode" and (isinstance(s.smoothing, MIXING) or s.alignment is not None)
            ),
            "lists is encode, and neighbours are smoothed with or prototypes mixed in",
        ),
        *only({"supervise": "all"}, "lists", "encode"),
    )

    @property
    def positives_apart(self) -> bool:
        """Whether label-chosen positives train a smoothing and a classifier of their own."""
        return self.weights.positives > 0 and self.positives.head == "own"

    def __post_init__(self) -> None:
        super().__post_init__()
        predicted = self.alignment is not None and self.alignment.prototype == "predicted"
        if predicted and self.weights.backbone == 0:
            raise ValueError(
                "alignment.prototype is predicted and weights.backbone 0, so that nothing trains "
                "the classifier whose posterior weighs the prototypes; set weights.backbone above "
                "0, or alignment to none"
            )
        if self.classify == "paper" and self.supervise == "final":
            raise ValueError(
                "classify is paper and supervise final, but only anchors have the positives that "
                "`paper` mixes in; set supervise to all or anchors, or classify to symmetric"
            )
