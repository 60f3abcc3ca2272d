"""Settings that methods share which put a head over the labels on a feature map."""

from dataclasses import dataclass
from typing import Literal

from pipeline_lib.settings.group import Group
from pipeline_lib.settings.numbers import Share
from pipeline_lib.training.settings import ImageSettings


@dataclass(frozen=True, kw_only=True)
class Reweighting(Group):
    """A label graph is thinned and its rows are weighed anew (ML-GCN, Eqs. 7 and 8)."""

    tau: Share = 0.4  # edges below are dropped (ML-GCN Sec. 4.1)
    p: Share = 0.2  # what the neighbours of a label weigh together


@dataclass(frozen=True, kw_only=True)
class HeadSettings(ImageSettings):
    """A method that reads feature maps.

    ``trunk`` says what of the backbone is trained; the rest stays as it is, batch norms included.
    Maps that were computed before need no backbone, and nothing of it is trained.
    """

    trunk: Literal["frozen", "last_block", "all"] = "all"
    standardise: bool = False  # channels to mean 0 and deviation 1 over the training images

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.standardise and self.trunk != "frozen":
            raise ValueError(
                f"standardise is on and trunk is {self.trunk}, expected frozen, since the features "
                "move while it is trained; set standardise to false or trunk to frozen"
            )
