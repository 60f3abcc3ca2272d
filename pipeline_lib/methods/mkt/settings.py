"""Settings of MKT."""

from dataclasses import dataclass

from pipeline_lib.families.open_vocabulary.settings import OpenSettings
from pipeline_lib.settings.numbers import Count


@dataclass(frozen=True, kw_only=True)
class Settings(OpenSettings):
    """Multi-modal knowledge transfer, stage 1; prompts that are tuned add stage 2."""

    top_k: Count = 16  # patches whose mean a label is scored with (SigRL Eq. 13)
