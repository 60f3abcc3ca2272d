"""Score images by a vision-language model as it is, and the head that does."""

from typing import Any

import torch
from torch import Tensor

from pipeline_lib.families.open_vocabulary.fit import loss_of, scored
from pipeline_lib.families.open_vocabulary.label_head import LabelHead, Streams
from pipeline_lib.families.open_vocabulary.network import OpenNetwork
from pipeline_lib.families.open_vocabulary.patch_selection import similarity
from pipeline_lib.families.open_vocabulary.scaled_cosine import cosine_of
from pipeline_lib.families.open_vocabulary.settings import Normalise, ZeroShot
from pipeline_lib.families.open_vocabulary.untrained import untrained
from pipeline_lib.families.open_vocabulary.vocabulary import Labels
from pipeline_lib.nn.towers import Seen
from pipeline_lib.training.data import Data
from pipeline_lib.training.fitted import Fitted
from pipeline_lib.training.loop import Run


class GlobalHead(LabelHead):
    """The cosine of the whole image and each label's name."""

    def __init__(self, scale: float, normalise: Normalise) -> None:
        super().__init__(normalise)
        self.cosine = cosine_of(normalise, scale)

    def streams(self, seen: Seen, labels: Labels) -> Streams:
        """Return the cosines of labels."""
        return (self.cosine(seen.pooled[:, None], labels.scored_texts),)

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
    """
    towers.to(run.device)
    network.to(run.device)
    loss = loss_of(data, network.vocabulary, settings.loss, 1).to(run.device)
    history = untrained(network, data, loss, batch_size=settings.batch_size)
    return scored(network, data, towers, history=history, loss=loss)
