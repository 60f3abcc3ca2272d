"""Settings of the sum of ConSE's and CLIP's scores."""

from dataclasses import dataclass

from pipeline_lib.families.open_vocabulary.settings import MixtureSettings


@dataclass(frozen=True, kw_only=True)
class Settings(MixtureSettings):
    """Both cosines, standardised over images and added."""
