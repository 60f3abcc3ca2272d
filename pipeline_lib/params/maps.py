"""Section ``maps``: the frozen backbone whose feature maps are cached."""

from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from pipeline_lib.params.section import NOTHING, Section
from pipeline_lib.settings.backbone import DenseBackbone
from pipeline_lib.settings.markers import OrNone
from pipeline_lib.settings.only import Only, only_if


class Maps(Section):
    """Feature maps and pooled features of every image, in half precision."""

    ONLY: ClassVar[tuple[Only, ...]] = only_if(
        {"layer": "last"}, lambda section: section.backbone is not None, "backbone is a model"
    )
    # none: the image tower of the vision-language model in the folder `weights`
    backbone: Annotated[DenseBackbone | None, OrNone()]
    weights: str  # a local checkpoint, e.g. the trained baseline's, or data/none
    layer: Literal["last"] | Annotated[int, Field(ge=0)]  # or an earlier stage of the backbone
    batch_size: Annotated[int, Field(ge=1)]  # every batch has this shape: it decides the last bits
    precision: Literal["float32", "bfloat16", "float16"]  # of the computation

    @model_validator(mode="after")
    def _there_is_a_network(self) -> Self:
        if self.backbone is None and self.weights == NOTHING:
            raise ValueError(
                f"backbone is none and weights is {NOTHING}, expected the folder of a "
                "vision-language model, e.g. data/artifacts/vlp/towers, or a model"
            )
        return self
