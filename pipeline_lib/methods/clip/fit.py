"""Score images by the vision-language model as it is."""

from typing import TYPE_CHECKING

from torch import Tensor

from pipeline_lib.families.open_vocabulary.network import OpenNetwork, build_open
from pipeline_lib.families.open_vocabulary.zero_shot import GlobalHead, zero_shot
from pipeline_lib.methods.clip.settings import Settings
from pipeline_lib.training.data import Data
from pipeline_lib.training.fitted import Fitted
from pipeline_lib.training.loop import Run
from pipeline_lib.training.network import Problem, built

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipeline_lib.encoders.vlp.towers import Towers

KNOWLEDGE = ("text",)


def build(
    problem: Problem[Tensor],
    knowledge: "Mapping[str, Tensor]",
    encoder: "Towers",
    settings: Settings,
) -> OpenNetwork:
    """Put the head on the image tower."""
    head = GlobalHead(float(encoder.scale), settings.scores.normalise)
    return build_open(head, problem, knowledge, encoder, settings)


def fit(
    data: Data[Tensor],
    knowledge: "Mapping[str, Tensor]",
    encoder: "Towers",
    settings: Settings,
    *,
    seed: int,
    run: Run,
) -> Fitted:
    """Score every evaluation split; there is nothing for a seed to decide."""
    network = built(build, data, knowledge, encoder, settings)
    return zero_shot(network, data, encoder, settings, run=run)
