"""Section ``vscnet``: the causal graph network. Every row of the paper's Table 3 is a setting."""

from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from pipeline_lib.params.method import Trained
from pipeline_lib.params.only import Only, only, only_if
from pipeline_lib.params.section import Section

Weight = Annotated[float, Field(ge=0)]
Count = Annotated[int, Field(ge=1)]


class Modules(Section):
    """Which parts are there; all off is the row Base, a linear classifier of F_v."""

    locate: bool  # +L: regions and the tags predicted from them
    knowledge: bool  # +K: exemplars refine the tags and are nodes of their own
    graph: bool  # +G: edges
    causal: bool  # +C: masks and intervention
    fusion: bool  # +F: with F_v and with the classes of the exemplars

    @model_validator(mode="after")
    def _build_on_each_other(self) -> Self:
        bases = {"knowledge": "locate", "graph": "locate", "causal": "graph", "fusion": "locate"}
        for part, base in bases.items():
            if getattr(self, part) and not getattr(self, base):
                raise ValueError(f"expected '{base}: true' where '{part}' is true")
        return self


class GraphWeights(Section):
    """Weights of the loss terms beside that of the fused prediction (Eqs. 13 and 16)."""

    uniform: Weight  # of the non-causal half
    causal: Weight
    intervened: Weight
    graph: Weight  # alpha_gf: of all three together, where there is fusion


class Fusion(Section):
    """How the two views are summed (Eq. 14)."""

    enhanced: Weight  # w_e, of P_e
    knowledge: Weight  # w_k, of P_k


class Vscnet(Trained):
    """Visual-semantic causal association modelling."""

    modules: Modules
    width: Count  # of a node
    tag_nodes: Count  # T: tags of an image that are nodes
    tags_per_region: Count  # M: VSCNet 3, 4 or 5
    dropout: Annotated[float, Field(ge=0, lt=1)]  # of what is classified
    loss: Literal["ce", "l2"]  # "l2", squared error on probabilities, is the literal text
    weights: GraphWeights
    fusion: Fusion

    ONLY: ClassVar[tuple[Only, ...]] = (
        *only({"width": 128, "tag_nodes": 8}, "modules.locate", True),
        *only({"tags_per_region": 3}, "modules.graph", True),
        *only(
            {"weights.uniform": 0.5, "weights.causal": 1.0, "weights.intervened": 0.5},
            "modules.causal",
            True,
        ),
        *only_if(
            {"weights.graph": 1.0},
            lambda s: s.modules.causal and s.modules.fusion,
            "modules.causal and modules.fusion are true",
        ),
        *only_if(
            {"fusion.enhanced": 1.0, "fusion.knowledge": 0.5},
            lambda s: s.modules.knowledge and s.modules.fusion,
            "modules.knowledge and modules.fusion are true",
        ),
        *only_if(
            {"recipe.augment": "none"},
            lambda _: False,
            "a method reads images or maps; vscnet reads regions",
        ),
    )


SECTION = Vscnet
