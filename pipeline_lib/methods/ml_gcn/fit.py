"""Train ML-GCN and score it."""

from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from pipeline_lib.families.dense_head.fit import HeadNetwork, build_head, fit_head
from pipeline_lib.methods.ml_gcn.head import MlGcnHead
from pipeline_lib.methods.ml_gcn.settings import Settings
from pipeline_lib.training.data import Data
from pipeline_lib.training.fitted import Fitted
from pipeline_lib.training.loop import Run
from pipeline_lib.training.network import Problem, built

if TYPE_CHECKING:
    from collections.abc import Mapping


KNOWLEDGE = ("text", "category graph")


def build(
    problem: Problem[Tensor],
    knowledge: "Mapping[str, Tensor]",
    encoder: nn.Module,
    settings: Settings,
) -> HeadNetwork:
    """Put the head of the labels' graph on the encoder."""
    return build_head(MlGcnHead, problem, knowledge, encoder, settings)


def fit(
    data: Data[Tensor],
    knowledge: "Mapping[str, Tensor]",
    encoder: nn.Module,
    settings: Settings,
    *,
    seed: int,
    run: Run,
) -> Fitted:
    """Train on the labels of the training images; score every evaluation split."""
    torch.manual_seed(seed)
    network = built(build, data, knowledge, encoder, settings)
    return fit_head(network, data, settings, seed=seed, run=run)
