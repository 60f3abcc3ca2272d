"""Parameters of a vision backbone, shared by every section that builds one."""

from typing import Annotated, Literal

from pydantic import Field

from pipeline_lib.params.section import Section


class Backbone(Section):
    """Any timm model by name. A local checkpoint is named beside it, where DVC can see it."""

    model: str  # a name that `timm.list_models()` or encoders/lenet.py knows
    pretrained: bool  # download the weights that timm publishes under that name
    image_size: Annotated[int, Field(ge=0)]  # pixels; 0: the model's own size


class DenseBackbone(Backbone):
    """A backbone whose feature map may be kept finer than the model's own."""

    output_stride: Literal[0, 8, 16, 32]  # pixels per cell of the last map; 0: the model's own.
    # Later strides become dilations (timm's `output_stride`), so the weights stay the same
