"""What the mechanisms of a head, and the terms of its loss, come to after training."""

from typing import Any

import torch
from torch import Tensor

from pipeline_lib.families.open_vocabulary.label_head import LabelHead
from pipeline_lib.families.open_vocabulary.network import OpenNetwork
from pipeline_lib.families.open_vocabulary.student import BATCH
from pipeline_lib.families.open_vocabulary.task import OpenTask
from pipeline_lib.nn.towers import Seen
from pipeline_lib.training.data import Data
from pipeline_lib.training.liveness import TRAIN, Reading, gradient_norms, some

TEST = "test"


@torch.no_grad()
def head_readings(network: OpenNetwork, data: Data[Tensor]) -> list[Reading]:
    """Return what the head reads of itself: of training images and seen labels, of test and all."""
    head: Any = network.head
    if not isinstance(head, LabelHead):
        return []
    network.eval()
    vocabulary, found = network.vocabulary, list[Reading]()
    for split, pictures, labels in (
        (TRAIN, data.train, vocabulary.training()),
        (TEST, data.evaluation[TEST], vocabulary.gzsl()),
    ):
        seen: Seen = network.student(pictures.batch(some(pictures, BATCH)))
        found += [Reading(split=split, **own) for own in head.readings(seen, labels)]
    return found


def loss_readings(task: OpenTask, data: Data[Tensor]) -> list[Reading]:
    """Return what distillation pulls at the image tower, by what the labels pull."""
    watched = [p for p in task.student.parameters() if p.requires_grad]
    if not watched:
        return []
    task.eval()
    norms = gradient_norms(task(some(data.train, BATCH)), watched, beside="labels")
    return [
        Reading(
            "loss",
            name,
            f"Length of the gradient of {name} at the trained weights of the image tower, by that "
            "of the labels.",
            TRAIN,
            value,
        )
        for name, value in norms.items()
    ]
