"""Settings of VSCNet, whose Table 3 is its modules, and of the CSNet inside it."""

from dataclasses import dataclass, field
from typing import Annotated, ClassVar, Literal

from pipeline_lib.settings.group import Group
from pipeline_lib.settings.markers import Bound
from pipeline_lib.settings.numbers import BelowOne, Count, Weight
from pipeline_lib.settings.only import Only, only, only_if
from pipeline_lib.settings.recipe import AdamW, ImageRecipe, Recipe, Step
from pipeline_lib.training.settings import TrainedSettings

Scale = Annotated[float, Bound(gt=0, le=1)]


@dataclass(frozen=True, kw_only=True)
class Scales(Group):
    """Between which scales a box is left alone; 1 is the whole image."""

    smallest: Scale = 0.2
    largest: Scale = 0.8

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.smallest > self.largest:
            raise ValueError("expected 'smallest' to be at most 'largest'")


@dataclass(frozen=True, kw_only=True)
class LocatingWeights(Group):
    """Weights of the loss terms beside the cross-entropy of the tags."""

    classes: Weight = 1.0  # of Eq. 3, of the regions together; 0 where the target is tags
    locating: Weight = 0.03  # alpha_l of Eq. 15
    scale: Weight = 10.0
    inside: Weight = 1.0  # of boxes that reach beyond the image


@dataclass(frozen=True, kw_only=True)
class CsnetSettings(Group):
    """CSNet finds regions without boxes (Eqs. 1-4): one network for all images."""

    steps: Count = 5  # J: regions of an image; 5, 10 or 15
    cells: Count = 4  # a box is sampled at cells × cells points
    look: Literal["mean", "centroids"] = "mean"  # what places a box: GAP(F), or also where each
    # channel is
    tags_from: Literal["region", "state"] = "state"  # what names a region: its features, or H_j
    assignment: Literal["hungarian", "ordered"] = "hungarian"  # of tags to steps
    dropout: BelowOne = 0.0
    scale: Scales = field(default_factory=Scales)
    weights: LocatingWeights = field(default_factory=LocatingWeights)
    min_grid: Count = 12  # cells per side that a map must have
    folds: Annotated[int, Bound(ge=0)] = 0  # of the training images: as many further networks,
    # each trained without one fold, find the regions of that one; 0: the network of all does
    seed: int = 0
    recipe: ImageRecipe = field(
        default_factory=lambda: ImageRecipe(
            epochs=20, batch_size=64, optimizer=AdamW(lr=0.001), schedule=Step(factor=0.3, every=4)
        )
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.folds == 1:
            raise ValueError("folds is 1, expected 0, or 2 at least: of one fold no other is left")


@dataclass(frozen=True, kw_only=True)
class Modules(Group):
    """Which parts are there; all off is the row Base, a linear classifier of F_v."""

    locate: bool = True  # +L: regions and the tags predicted from them
    knowledge: bool = True  # +K: exemplars refine the tags and are nodes of their own
    graph: bool = True  # +G: edges
    causal: bool = True  # +C: masks and intervention
    fusion: bool = True  # +F: with F_v and with the classes of the exemplars

    def __post_init__(self) -> None:
        super().__post_init__()
        bases = {"knowledge": "locate", "graph": "locate", "causal": "graph", "fusion": "locate"}
        for part, base in bases.items():
            if getattr(self, part) and not getattr(self, base):
                raise ValueError(f"expected '{base}: true' where '{part}' is true")


@dataclass(frozen=True, kw_only=True)
class RegionSettings(Group):
    """Which boxes an image is read through, and what of them the graph holds."""

    boxes: Literal["csnet", "lattice", "mean"] = "csnet"  # or as many of equal size that never
    # move; or the mean of an image's regions for each
    nodes: Literal["all", "tags"] = "all"  # or tags alone, "solely the predicted tags" of +L


@dataclass(frozen=True, kw_only=True)
class MaskSettings(Group):
    """What a mask does to a node, and how classes are told from the halves (Eqs. 10-12)."""

    removal: Literal["paper", "replace", "behind"] = "paper"  # nodes × masks; or what is removed is
    # replaced; or nodes × masks, normalised only behind, as in the code of CAL
    strata: Annotated[int, Bound(ge=0)] = 0  # training images whose non-causal halves f_m averages
    # over in Eq. 12; 0: f_c tells the classes


@dataclass(frozen=True, kw_only=True)
class Placebos(Group):
    """What stands in the place of what a module knows, for a control at equal cost."""

    knowledge: Literal["none", "another"] = "none"  # another image's exemplars; tags stay raw
    graph: Literal["none", "lot"] = "none"  # as many edges, drawn by lot
    causal: Literal["none", "mean"] = "none"  # the mean of the masks, over nodes and over edges
    fusion: Literal["none", "another"] = "none"  # another image's P_k


@dataclass(frozen=True, kw_only=True)
class GraphWeights(Group):
    """Weights of the loss terms beside that of the fused prediction (Eqs. 13 and 16)."""

    uniform: Weight = 0.5  # of the non-causal half
    causal: Weight = 1.0
    intervened: Weight = 0.5
    graph: Weight = 1.0  # alpha_gf: of all three together, where there is fusion


@dataclass(frozen=True, kw_only=True)
class Fusion(Group):
    """How the two views are summed (Eq. 14)."""

    enhanced: Weight = 1.0  # w_e, of P_e
    knowledge: Weight = 0.5  # w_k, of P_k


@dataclass(frozen=True, kw_only=True)
class Settings(TrainedSettings):
    """Visual-semantic causal association modelling."""

    modules: Modules = field(default_factory=Modules)
    width: Count = 128  # of a node
    tag_nodes: Count = 8  # T: tags of an image that are nodes
    tags_per_region: Count = 3  # M: 3, 4 or 5
    dropout: BelowOne = 0.0  # of what is classified
    loss: Literal["ce", "l2"] = "l2"  # squared error on probabilities is the literal text
    regions: RegionSettings = field(default_factory=RegionSettings)
    masks: MaskSettings = field(default_factory=MaskSettings)
    weights: GraphWeights = field(default_factory=GraphWeights)
    fusion: Fusion = field(default_factory=Fusion)
    placebo: Placebos = field(default_factory=Placebos)
    recipe: Recipe = field(
        default_factory=lambda: Recipe(
            epochs=12, batch_size=64, optimizer=AdamW(lr=0.001), schedule=Step(factor=0.3, every=4)
        )
    )

    ONLY: ClassVar[tuple[Only, ...]] = (
        *only({"width": 128, "tag_nodes": 8}, "modules.locate", True),
        *only_if(
            {"regions.boxes": "csnet"},
            lambda s: s.modules.locate and not s.modules.knowledge,
            "modules.locate is true and modules.knowledge is false",
        ),
        *only_if(
            {"regions.nodes": "all"},
            lambda s: s.modules.locate and not (s.modules.knowledge or s.modules.graph),
            "modules.locate is true and modules.knowledge and modules.graph are false",
        ),
        *only({"tags_per_region": 3}, "modules.graph", True),
        *only(
            {"weights.uniform": 0.5, "weights.causal": 1.0, "weights.intervened": 0.5},
            "modules.causal",
            True,
        ),
        *only_if(
            {"masks.removal": "replace"},
            lambda s: s.modules.causal or s.masks.removal == "paper",  # what a notebook starts from
            "modules.causal is true",
        ),
        *only_if(
            {"masks.strata": 0},
            lambda s: s.modules.causal and not s.modules.fusion,
            "modules.causal is true and modules.fusion is false",
        ),
        *(
            rule
            for part in ("knowledge", "graph", "causal")
            for rule in only({f"placebo.{part}": "none"}, f"modules.{part}", True)
        ),
        *only_if(
            {"weights.graph": 1.0},
            lambda s: s.modules.causal and s.modules.fusion,
            "modules.causal and modules.fusion are true",
        ),
        *only_if(
            {"fusion.enhanced": 1.0, "fusion.knowledge": 0.5, "placebo.fusion": "none"},
            lambda s: s.modules.knowledge and s.modules.fusion,
            "modules.knowledge and modules.fusion are true",
        ),
    )
