"""Settings of Base."""

from dataclasses import dataclass
from typing import Annotated

from pipeline_lib.settings.markers import Bound
from pipeline_lib.training.settings import ImageSettings


@dataclass(frozen=True, kw_only=True)
class Settings(ImageSettings):
    """A backbone and a linear classifier."""

    # weight of the loss of a second linear head, which names the tags of the training images beside
    # their classes and scores nothing; 0: there is none
    auxiliary_tags: Annotated[float, Bound(ge=0)] = 0.0
