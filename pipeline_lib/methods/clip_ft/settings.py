"""Settings of CLIP-FT: nothing beside what all open-vocabulary methods are told."""

from dataclasses import dataclass

from pipeline_lib.families.open_vocabulary.settings import OpenSettings
from pipeline_lib.settings.numbers import Weight


@dataclass(frozen=True, kw_only=True)
class Settings(OpenSettings):
    """The image tower fine-tuned with the scores of whole images."""

    distillation: Weight = 0.0  # λ; 1.0: C2SRT Table 3, row 2
