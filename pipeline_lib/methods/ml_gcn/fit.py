"""Train ML-GCN and score it."""

from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from pipeline_lib.families.dense_head.fit import HeadNetwork, build_head, fit_head
from pipeline_lib.families.dense_head.liveness import labels_apart
from pipeline_lib.methods.ml_gcn.head import MlGcnHead
from pipeline_lib.methods.ml_gcn.settings import Settings
from pipeline_lib.training.data import Data
from pipeline_lib.training.fitted import Fitted
from pipeline_lib.training.liveness import Reading
from pipeline_lib.training.loop import Run
from pipeline_lib.training.network import Problem, built

if TYPE_CHECKING:
    from collections.abc import Mapping


KNOWLEDGE = ("text", "category graph")


class MlGcnNetwork(HeadNetwork):
    """The trunk and the head."""

    head: MlGcnHead

    def readings(self, data: Data[Tensor]) -> list[Reading]:
        """Return what the graph does to the classifiers, in which no image has a part."""
        return labels_apart("correlation", self.head.classifiers)


def build(
    problem: Problem[Tensor],
    knowledge: "Mapping[str, Tensor]",
    encoder: nn.Module,
    settings: Settings,
) -> MlGcnNetwork:
    """Put the head of the labels' graph on the encoder."""
    return build_head(MlGcnNetwork, MlGcnHead, problem, knowledge, encoder, settings)


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
