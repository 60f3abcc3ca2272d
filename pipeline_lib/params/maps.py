"""Section ``maps``: the frozen backbone whose feature maps are cached."""

from typing import Annotated, Literal

from pydantic import Field

from pipeline_lib.params.section import Section
from pipeline_lib.settings.backbone import DenseBackbone


class Maps(Section):
    """Feature maps and pooled features of every image, in half precision."""

    backbone: DenseBackbone
    weights: str  # a local checkpoint, e.g. the trained baseline's, or data/none
    layer: Literal["last"] | Annotated[int, Field(ge=0)]  # or an earlier stage of the backbone
    batch_size: Annotated[int, Field(ge=1)]  # every batch has this shape: it decides the last bits
    precision: Literal["float32", "bfloat16", "float16"]  # of the computation
