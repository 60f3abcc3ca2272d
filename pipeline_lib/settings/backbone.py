"""Which vision backbone is built: part of every section that builds one."""

from dataclasses import dataclass
from typing import Annotated, Literal

from pipeline_lib.settings.group import Group
from pipeline_lib.settings.markers import Bound


@dataclass(frozen=True, kw_only=True)
class Backbone(Group):
    """Any timm model by name. A local checkpoint is named beside it, where DVC can see it."""

    model: str  # a name that `timm.list_models()` or encoders/lenet.py knows
    pretrained: bool = False  # download the weights that timm publishes under that name
    image_size: Annotated[int, Bound(ge=0)] = 0  # pixels; 0: the model's own size


@dataclass(frozen=True, kw_only=True)
class DenseBackbone(Backbone):
    """A backbone whose feature map may be kept finer than the model's own."""

    output_stride: Literal[0, 8, 16, 32] = 0  # pixels per cell of the last map; 0: the model's own.
    # Later strides become dilations (timm's `output_stride`), so the weights stay the same
