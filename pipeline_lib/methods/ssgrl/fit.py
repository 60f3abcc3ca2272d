"""Train SSGRL and score it."""

from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from pipeline_lib.families.dense_head.fit import HeadNetwork, build_head, fit_head
from pipeline_lib.methods.ssgrl.head import SsgrlHead
from pipeline_lib.methods.ssgrl.liveness import readings
from pipeline_lib.methods.ssgrl.settings import Settings
from pipeline_lib.training.data import Data
from pipeline_lib.training.fitted import Fitted
from pipeline_lib.training.liveness import Reading
from pipeline_lib.training.loop import Run
from pipeline_lib.training.network import Problem, built

if TYPE_CHECKING:
    from collections.abc import Mapping


KNOWLEDGE = ("text", "category graph")


class SsgrlNetwork(HeadNetwork):
    """The trunk and the head."""

    head: SsgrlHead

    def readings(self, data: Data[Tensor]) -> list[Reading]:
        """Return what the mechanism of each module comes to."""
        self.eval()
        return readings(self.head, self.trunk, data)


def build(
    problem: Problem[Tensor],
    knowledge: "Mapping[str, Tensor]",
    encoder: nn.Module,
    settings: Settings,
) -> SsgrlNetwork:
    """Put the head of the labels' graph on the encoder."""
    return build_head(SsgrlNetwork, SsgrlHead, problem, knowledge, encoder, settings)


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
