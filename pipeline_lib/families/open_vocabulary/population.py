"""Heads that know how scores are spread over images: over those of training, without their labels.

Whoever standardises a score over images needs many; a single picture has to be predicted too. So
means and covariances of the training images' vectors are kept, from which the mean and deviation of
the score of any name follow, also of one that nobody has asked for yet.
"""

from abc import abstractmethod

import torch
from torch import Tensor, nn

from pipeline_lib.families.open_vocabulary.label_head import LabelHead, Streams
from pipeline_lib.families.open_vocabulary.vocabulary import Labels
from pipeline_lib.nn.shapes import Float
from pipeline_lib.nn.towers import Seen

LEAST = 1e-12  # variance of a score that does not vary


class Moments(nn.Module):
    """Mean and covariance of vectors, as buffers."""

    mean: Tensor
    covariance: Tensor

    def __init__(self, dims: int) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(dims))
        self.register_buffer("covariance", torch.eye(dims))

    def settle(self, vectors: Float[Tensor, "vectors dims"]) -> None:
        """Take those of ``vectors``, two at least."""
        wide = vectors.double()
        self.mean.copy_(wide.mean(0))
        self.covariance.copy_(wide.T.cov())

    def of(self, texts: Float[Tensor, "*texts dims"]) -> tuple[Tensor, Tensor]:
        """Return the mean and the deviation of v · t over the vectors, each (*texts)."""
        variance = ((texts @ self.covariance) * texts).sum(-1)
        return texts @ self.mean, variance.clamp(min=LEAST).sqrt()

    def standardised(
        self, vectors: Float[Tensor, "batch dims"], texts: Float[Tensor, "texts dims"]
    ) -> Float[Tensor, "batch texts"]:
        """Return (v · t − mean) / deviation."""
        mean, deviation = self.of(texts)
        return (vectors @ texts.T - mean) / deviation


class PopulationHead(LabelHead):
    """A head that is settled once on the training images, and untrained otherwise."""

    @abstractmethod
    def vectors(self, seen: Seen) -> Float[Tensor, "batch ..."]:
        """Return all that scores of an image are made of, whatever is asked."""

    @abstractmethod
    def settle(self, vectors: Float[Tensor, "train ..."], labels: Labels) -> None:
        """Learn how the scores of training images are spread; ``labels`` are the seen ones."""

    @abstractmethod
    def scores(
        self, vectors: Float[Tensor, "batch ..."], labels: Labels
    ) -> Float[Tensor, "batch scored"]:
        """Score labels."""

    def streams(self, seen: Seen, labels: Labels) -> Streams:
        """Return the scores of labels alone."""
        return (self.scores(self.vectors(seen), labels),)

    def of_vectors(
        self, vectors: Float[Tensor, "batch ..."], labels: Labels
    ) -> Float[Tensor, "batch scored"]:
        """Score labels for images that were encoded before."""
        return self.averaged(labels, lambda asked: (self.scores(vectors, asked),))
