"""Settings of MKT."""

from dataclasses import dataclass, field

from pipeline_lib.families.open_vocabulary.settings import OpenSettings, Scores
from pipeline_lib.settings.numbers import Count


@dataclass(frozen=True, kw_only=True)
class Settings(OpenSettings):
    """Multi-modal knowledge transfer, stage 1; prompts that are tuned add stage 2."""

    scores: Scores = field(default_factory=lambda: Scores(normalise="call"))  # the authors' code
    top_k: Count = 16  # patches whose mean a label is scored with (SigRL Eq. 13)
