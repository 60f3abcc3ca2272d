"""Score images by a model as it is, asked for labels alone and beside others."""

from typing import TYPE_CHECKING

from torch import Tensor

from pipeline_lib.errors import InputError
from pipeline_lib.families.open_vocabulary.compounds import Compounds
from pipeline_lib.families.open_vocabulary.network import OpenNetwork, build_open
from pipeline_lib.families.open_vocabulary.zero_shot import zero_shot
from pipeline_lib.methods.sparc.head import SparcHead
from pipeline_lib.methods.sparc.settings import Settings
from pipeline_lib.nn.knowledge import refuse_without
from pipeline_lib.training.data import Data
from pipeline_lib.training.fitted import Fitted
from pipeline_lib.training.loop import Run
from pipeline_lib.training.network import Problem, built

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipeline_lib.encoders.vlp.towers import Towers

KNOWLEDGE = ("text", "neighbours")


def build(
    problem: Problem[Tensor],
    knowledge: "Mapping[str, Tensor]",
    encoder: "Towers",
    settings: Settings,
) -> OpenNetwork:
    """Put the head on the image tower, and compound prompts beside the labels.

    Raises:
        InputError: there are to be more compounds of a label than neighbours were mined.
    """
    refuse_without(knowledge, "neighbours", stage="category_graph")
    mined = knowledge["neighbours"].shape[1]
    if settings.neighbours > mined:
        raise InputError(
            f"training: sparc's `neighbours` is {settings.neighbours}, and the category graph "
            f"lists {mined} of each label; set `category_graph.neighbours` to at least "
            f"{settings.neighbours}, or `neighbours` to at most {mined}"
        )
    return build_open(
        SparcHead(encoder.dims, settings),
        problem,
        knowledge,
        encoder,
        settings,
        relation=settings.relation,
        compounds=Compounds(encoder.text, settings.sentence, settings.neighbours),
    )


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
    encoder.to(run.device)
    network = built(build, data, knowledge, encoder, settings)
    return zero_shot(network, data, encoder, settings, run=run)
