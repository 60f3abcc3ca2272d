"""Settings of ConSE."""

from dataclasses import dataclass

from pipeline_lib.families.open_vocabulary.settings import MixtureSettings


@dataclass(frozen=True, kw_only=True)
class Settings(MixtureSettings):
    """Cosines of names and mixtures of class names."""
