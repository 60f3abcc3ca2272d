"""Train ML-GCN and score it."""

from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from pipeline_lib.families.dense_head.fit import fit_head
from pipeline_lib.families.dense_head.label_graph import LabelGraph
from pipeline_lib.methods.ml_gcn.head import MlGcnHead
from pipeline_lib.training.data import Data
from pipeline_lib.training.fitted import Fitted
from pipeline_lib.training.loop import Run
from pipeline_lib.training.trunk import Trunk

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipeline_lib.params.ml_gcn import MlGcn


def fit(
    data: Data[Tensor],
    knowledge: "Mapping[str, Tensor]",
    encoder: nn.Module,
    settings: "MlGcn",
    *,
    seed: int,
    run: Run,
) -> Fitted:
    """Train on the labels of the training images; score every evaluation split."""
    torch.manual_seed(seed)
    trunk = Trunk(encoder, data.train, trained=settings.trunk, standardise=settings.standardise)
    head = MlGcnHead(trunk.dims, LabelGraph.of(knowledge, data.classes), settings)
    return fit_head(trunk, head, data, settings.recipe, seed=seed, run=run)
