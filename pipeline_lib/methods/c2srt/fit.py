"""Train C2SRT and score it."""

from typing import TYPE_CHECKING

import torch
from torch import Tensor

from pipeline_lib.errors import InputError
from pipeline_lib.families.open_vocabulary.fit import fit_open
from pipeline_lib.families.open_vocabulary.network import OpenNetwork, build_open
from pipeline_lib.methods.c2srt.head import C2srtHead
from pipeline_lib.methods.c2srt.settings import Settings
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
    """Put the head on the image tower.

    Raises:
        InputError: IST is to ask more neighbours than were mined.
    """
    _enough_neighbours(knowledge, settings)
    head = C2srtHead(encoder.dims, encoder.scale, settings)
    relation = None if settings.ist is None else settings.ist.relation
    return build_open(head, problem, knowledge, encoder, settings, relation=relation)


def fit(
    data: Data[Tensor],
    knowledge: "Mapping[str, Tensor]",
    encoder: "Towers",
    settings: Settings,
    *,
    seed: int,
    run: Run,
) -> Fitted:
    """Train on the seen labels of the training images (Eq. 12); score every evaluation split.

    The first row of Table 3, nothing on, is the model as it is.
    """
    torch.manual_seed(seed)
    network = built(build, data, knowledge, encoder, settings)
    return fit_open(network, data, encoder, settings, seed=seed, run=run)


def _enough_neighbours(knowledge: "Mapping[str, Tensor]", settings: Settings) -> None:
    """Refuse a number of neighbours that the lists cannot hold; short lists are the graph's own."""
    refuse_without(knowledge, "neighbours", stage="category_graph")
    mined = knowledge["neighbours"].shape[1]
    wanted = 0 if settings.ist is None else settings.ist.neighbours
    if wanted > mined:
        raise InputError(
            f"training: c2srt's `ist.neighbours` is {wanted}, and the category graph lists {mined} "
            f"of each label; set `category_graph.neighbours` to at least {wanted}, or "
            f"`ist.neighbours` to at most {mined}"
        )
