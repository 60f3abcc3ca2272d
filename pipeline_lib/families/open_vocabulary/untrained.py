"""What there is to say of a network that nothing trains: how it stands on the training images."""

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor

from pipeline_lib.families.open_vocabulary.losses import LabelLoss
from pipeline_lib.families.open_vocabulary.network import OpenNetwork
from pipeline_lib.families.open_vocabulary.population import PopulationHead
from pipeline_lib.families.open_vocabulary.vocabulary import Labels
from pipeline_lib.training.data import Data


@torch.no_grad()
def untrained(
    network: OpenNetwork, data: Data[Tensor], loss: LabelLoss, *, batch_size: int
) -> list[dict[str, float]]:
    """Return a history of one record of rate 0, whose loss is that of the training images.

    It is what training would start from. Each image is encoded once.
    """
    network.eval()
    labels = network.vocabulary.training()
    batches = torch.split(torch.arange(len(data.train)), batch_size)
    scores = _of_batches(network, data, labels, batches)
    total = sum(
        float(loss(found, positions)) * len(positions)
        for found, positions in zip(scores, batches, strict=True)
    )
    record = {
        "epoch": 0.0,
        "lr": 0.0,
        "images_encoded": float(len(data.train)),
        "loss": total / len(data.train),
    }
    return [record]


def _of_batches(
    network: OpenNetwork, data: Data[Tensor], labels: Labels, batches: Sequence[Tensor]
) -> Iterator[Tensor]:
    """Yield the scores of the training images, each of which is encoded once.

    A head that has to know how they are spread sees all of them before.
    """
    seen = (network.student(data.train.batch(positions)) for positions in batches)
    head = network.head
    if not isinstance(head, PopulationHead):
        yield from (head(one, labels) for one in seen)
        return
    vectors = [head.vectors(one) for one in seen]
    head.settle(torch.cat(vectors), labels)
    yield from (head.of_vectors(some, labels) for some in vectors)
