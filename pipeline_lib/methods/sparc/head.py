"""SPARC from the scores of prompts to those of labels."""

import torch
import torch.nn.functional as F
from torch import Tensor

from pipeline_lib.families.open_vocabulary.population import Moments, PopulationHead
from pipeline_lib.families.open_vocabulary.vocabulary import Labels
from pipeline_lib.methods.sparc.settings import Settings
from pipeline_lib.nn.shapes import Float
from pipeline_lib.nn.towers import Seen

CHUNK = 64  # images whose compound scores exist at a time


class SparcHead(PopulationHead):
    """(z of the label alone + fused z of its compounds) / 2.

    A score standardised per image is (x · t − a) / b, with a and b the mean and deviation of the
    image's scores over the seen labels: the product of [x / b, −a / b] and [t, 1]. So its mean and
    deviation over images follow from the moments of the former, for any prompt.
    """

    direction: Tensor

    def __init__(self, dims: int, settings: Settings) -> None:
        super().__init__(settings.scores.normalise)
        self._fusion = settings.fusion
        self.over_labels, self.over_images = Moments(dims), Moments(dims + 1)
        count = settings.neighbours + 1
        self.register_buffer("direction", torch.full((count,), 1 / count))

    def vectors(self, seen: Seen) -> Float[Tensor, "batch dims"]:
        """Return images as vectors of unit length."""
        return F.normalize(seen.pooled.float(), dim=1)

    def settle(self, vectors: Float[Tensor, "train dims"], labels: Labels) -> None:
        """Take the moments of the seen names and of the training images, and the component."""
        self.over_labels.settle(labels.scored_texts)
        self.over_images.settle(self._per_image(vectors))
        self.direction.copy_(self._component(vectors, labels))

    def scores(
        self, vectors: Float[Tensor, "batch dims"], labels: Labels
    ) -> Float[Tensor, "batch scored"]:
        """Score labels."""
        ranked = self.ranked(vectors, labels)
        singles = ranked[..., -1]
        if self._fusion == "components":
            return (singles + ranked @ self.direction) / 2
        return (singles + ranked[..., 1 if self._fusion == "second" else 0]) / 2

    def ranked(
        self, vectors: Float[Tensor, "batch dims"], labels: Labels
    ) -> Float[Tensor, "batch scored ranks"]:
        """Return the compound scores of each label, highest first, and last its own.

        Of labels with fewer compounds their own score stands for those that are missing.
        """
        images = self._per_image(vectors)
        singles = self.standardised(images, labels.scored_texts)
        assert labels.compounds is not None  # of every network that `build` makes
        compounds = labels.compounds[labels.scored]
        found = self.standardised(images, compounds.flatten(0, 1))
        found = found.view(-1, *compounds.shape[:2])
        there = compounds.abs().sum(2) > 0
        found = torch.where(there, found, singles[:, :, None])
        return torch.cat([found.sort(dim=2, descending=True).values, singles[:, :, None]], 2)

    def standardised(
        self, images: Float[Tensor, "batch dims_1"], texts: Float[Tensor, "texts dims"]
    ) -> Float[Tensor, "batch texts"]:
        """Return scores of prompts, standardised per image and then over the training images."""
        return self.over_images.standardised(images, F.pad(texts, (0, 1), value=1.0))

    def _per_image(self, vectors: Tensor) -> Tensor:
        """Return [x / b, −a / b] of each image."""
        mean, deviation = self.over_labels.of(vectors)
        return torch.cat([vectors, -mean[:, None]], 1) / deviation[:, None]

    def _component(self, vectors: Tensor, labels: Labels) -> Float[Tensor, " ranks"]:
        """Return the first component of ranked scores within labels: Σ|·| = 1, its mean ≥ 0."""
        total = torch.zeros(len(labels.scored), len(self.direction), dtype=torch.float64)
        products = torch.zeros(len(self.direction), len(self.direction), dtype=torch.float64)
        for some in torch.split(vectors, CHUNK):
            ranked = self.ranked(some, labels).double().cpu()
            total += ranked.sum(0)
            products += torch.einsum("ilk,ilm->km", ranked, ranked)
        within = products - total.T @ total / len(vectors)
        first: Tensor = torch.linalg.eigh(within).eigenvectors[:, -1]
        first = first if first.mean() >= 0 else -first
        return (first / first.abs().sum()).float()
