"""Which epoch of a training is kept: the last one, or that of the best score on val.

Losses for single positive labels learn by heart what is unknown as absent, and their literature
takes the best epoch on val (Cole et al., CVPR 2021). The choice is part of training, so that it
survives a kill; test images have no say in it.
"""

from functools import partial
from typing import Any

import torch
from torch import Tensor

from pipeline_lib.errors import InputError
from pipeline_lib.nn.shapes import Float
from pipeline_lib.training.data import Data
from pipeline_lib.training.loop import Validate
from pipeline_lib.training.network import Network

VAL = "val"


def validation(network: Network, data: Data[Any]) -> Validate:
    """Return what scores the val images by the labels that training saw.

    Raises:
        InputError: there are none.
    """
    if data.val_targets is None or not len(data.val_targets):
        raise InputError(
            "training: `select` is best, and the data set has no val images to choose an epoch on; "
            "set `dataset.val_share` above 0, or `select` to last"
        )
    return partial(_on_val, network, data, data.val_targets)


def _on_val(network: Network, data: Data[Any], targets: Tensor) -> float:
    scores = network.score(data.evaluation[VAL]).logits
    if data.single_label:
        return float((scores.argmax(1) == targets.argmax(1)).double().mean())
    seen = data.targets.any(0).cpu()
    return mean_average_precision(scores[:, seen], targets[:, seen])


def mean_average_precision(
    scores: Float[Tensor, "images labels"], targets: Float[Tensor, "images labels"]
) -> float:
    """Return the mean over labels of AP, not interpolated; labels without a positive do not count.

    Of equal scores the first image ranks first.
    """
    order = scores.argsort(dim=0, descending=True, stable=True)
    hits = targets.gather(0, order).double()
    ranks = torch.arange(1, len(scores) + 1, dtype=torch.float64)[:, None]
    precisions = (hits.cumsum(0) / ranks * hits).sum(0)
    there = targets.sum(0) > 0
    return float((precisions[there] / targets.sum(0)[there].double()).mean())
