"""Score images by the model and by the classes of its trunk."""

from typing import TYPE_CHECKING

from torch import Tensor

from pipeline_lib.families.open_vocabulary.class_mixture import classifier_of
from pipeline_lib.families.open_vocabulary.network import OpenNetwork, build_open
from pipeline_lib.families.open_vocabulary.zero_shot import zero_shot
from pipeline_lib.methods.conse_clip.head import SumHead
from pipeline_lib.methods.conse_clip.settings import Settings
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
    """Put the head on the image tower.

    Raises:
        InputError: the tower has no classifier.
    """
    head = SumHead(classifier_of(encoder, "conse_clip"), settings)
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
    """Settle on the training images and score every evaluation split; no seed decides anything."""
    network = built(build, data, knowledge, encoder, settings)
    return zero_shot(network, data, encoder, settings, run=run)
