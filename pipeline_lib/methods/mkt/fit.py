"""Train MKT's first stage and score it."""

from typing import TYPE_CHECKING

import torch
from torch import Tensor

from pipeline_lib.families.open_vocabulary.fit import fit_open
from pipeline_lib.families.open_vocabulary.network import OpenNetwork, build_open
from pipeline_lib.methods.mkt.head import MktHead
from pipeline_lib.methods.mkt.settings import Settings
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
    head = MktHead(encoder.scale, settings)
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
    """Train on the seen labels of the training images; score every evaluation split."""
    torch.manual_seed(seed)
    network = built(build, data, knowledge, encoder, settings)
    return fit_open(network, data, encoder, settings, seed=seed, run=run)
