"""Settings of CLIP, which is taken as it is."""

from dataclasses import dataclass

from pipeline_lib.families.open_vocabulary.settings import ZeroShot


@dataclass(frozen=True, kw_only=True)
class Settings(ZeroShot):
    """Zero-shot scores of whole images."""
