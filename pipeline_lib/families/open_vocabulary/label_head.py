"""From what speaks for labels to their scores: one normalisation, offered to all methods alike.

SigRL's and MKT's code give scores unit length over the labels of a call before they are averaged;
others compare cosines as they are. That choice alone moves an untrained model by several points of
mAP, so that it must not differ where methods are compared.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from pipeline_lib.families.open_vocabulary.settings import Normalise
from pipeline_lib.families.open_vocabulary.vocabulary import Labels
from pipeline_lib.nn.shapes import Float
from pipeline_lib.nn.towers import Seen

Streams = Sequence[Float[Tensor, "batch labels"]]
DIFFERENT = 0.01  # share of squared length: what labels get differs by a tenth of its length
LEAST = 1e-12  # variance of scores over the labels of an image


class LabelHead(nn.Module, ABC):
    """A head whose score is the mean of its streams, each normalised per image.

    none         as they are
    call         unit length over the labels of the call, which are fewer in ZSL than in GZSL
    vocabulary   unit length over all labels that are known: whoever else is asked for, a label's
                 score is the same
    image        mean 0 and deviation 1 over all labels that are known
    """

    def __init__(self, normalise: Normalise) -> None:
        super().__init__()
        self.normalise = normalise

    @property
    def together(self) -> bool:
        """Whether the score of a label depends on which others are asked for."""
        return self.normalise != "none"

    @abstractmethod
    def streams(self, seen: Seen, labels: Labels) -> Streams:
        """Return what speaks for ``labels.scored``: of the whole image, say, and of its patches."""

    def readings(self, seen: Seen, labels: Labels) -> Iterator[dict[str, Any]]:
        """Yield the fields of readings of these images, the split apart (training/liveness.py)."""
        yield from ()

    def forward(self, seen: Seen, labels: Labels) -> Float[Tensor, "batch scored"]:
        """Score labels."""
        return self.averaged(labels, lambda asked: self.streams(seen, asked))

    def averaged(
        self, labels: Labels, streams: Callable[[Labels], Streams]
    ) -> Float[Tensor, "batch scored"]:
        """Return the mean of normalised streams, which ``streams`` gives of the labels it gets."""
        of_call = self.normalise in ("none", "call")
        said = streams(labels if of_call else every(labels))
        found = [_normalised(one, self.normalise) for one in said]
        scores = found[0] if len(found) == 1 else torch.stack(found).mean(0)
        return scores if of_call else scores[:, labels.scored]


def every(labels: Labels) -> Labels:
    """Return the same labels, all of them scored."""
    known = torch.arange(len(labels.texts), device=labels.texts.device)
    return Labels(labels.texts, labels.neighbours, known, labels.compounds)


def _normalised(scores: Tensor, normalise: Normalise) -> Tensor:
    if normalise == "none":
        return scores
    if normalise == "image":
        apart = scores - scores.mean(1, keepdim=True)
        return apart / apart.square().mean(1, keepdim=True).clamp(min=LEAST).sqrt()
    return F.normalize(scores, dim=1)
