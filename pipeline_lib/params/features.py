"""Section ``features``: which backbone turns images into vectors."""

from typing import Annotated, Literal

from pydantic import Field

from pipeline_lib.params.section import Section
from pipeline_lib.settings.backbone import Backbone


class Features(Section):
    """Global features of every image, before the classifier."""

    backbone: Backbone
    weights: str  # a local checkpoint, e.g. the trained baseline's, or data/none
    batch_size: Annotated[int, Field(ge=1)]  # every batch has this shape: it decides the last bits
    precision: Literal["float32", "bfloat16", "float16"]
