"""Score images by a vision-language model as it is, and the head that does."""

from collections.abc import Iterator, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from pipeline_lib.families.open_vocabulary.fit import loss_of, scored
from pipeline_lib.families.open_vocabulary.network import OpenNetwork
from pipeline_lib.families.open_vocabulary.patch_selection import similarity
from pipeline_lib.families.open_vocabulary.population import PopulationHead
from pipeline_lib.families.open_vocabulary.scaled_cosine import ScaledCosine
from pipeline_lib.families.open_vocabulary.settings import ZeroShot
from pipeline_lib.families.open_vocabulary.vocabulary import Labels
from pipeline_lib.nn.shapes import Float
from pipeline_lib.nn.towers import Seen
from pipeline_lib.training.data import Data
from pipeline_lib.training.fitted import Fitted
from pipeline_lib.training.loop import Run


class GlobalHead(nn.Module):
    """The scaled cosine of the whole image and each label's name."""

    def __init__(self, scale: float) -> None:
        super().__init__()
        self.cosine = ScaledCosine(scale)

    def forward(self, seen: Seen, labels: Labels) -> Float[Tensor, "batch scored"]:
        """Score labels."""
        scores: Tensor = self.cosine(seen.pooled[:, None], labels.scored_texts)
        return scores

    def explain(self, seen: Seen, labels: Labels) -> dict[str, Tensor]:
        """Return "similarity" (images, labels, patches), of which the scores know nothing."""
        return {"similarity": similarity(seen.patches, labels.scored_texts)}


@torch.no_grad()
def zero_shot(
    network: OpenNetwork,
    data: Data[Tensor],
    towers: Any,
    settings: ZeroShot,
    *,
    run: Run,
) -> Fitted:
    """Score every split with an untrained network.

    Nothing but how scores are spread, which some heads learn of the training images.

    The history has one record of rate 0, whose loss is that of the training images: what methods
    that train it start from.
    """
    towers.to(run.device)
    network.to(run.device).eval()
    loss = loss_of(data, network.vocabulary, settings.loss, 1).to(run.device)
    labels = network.vocabulary.training()
    batches = torch.split(torch.arange(len(data.train)), settings.batch_size)
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
    return scored(network, data, towers, history=[record], loss=loss)


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
    yield from (head.scores(some, labels) for some in vectors)
