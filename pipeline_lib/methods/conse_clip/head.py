"""The sum of two standardised cosines."""

import torch
import torch.nn.functional as F
from torch import Tensor

from pipeline_lib.families.open_vocabulary.class_mixture import mixed
from pipeline_lib.families.open_vocabulary.population import Moments, PopulationHead
from pipeline_lib.families.open_vocabulary.settings import MixtureSettings
from pipeline_lib.families.open_vocabulary.vocabulary import Labels
from pipeline_lib.nn.shapes import Float
from pipeline_lib.nn.towers import Seen, TrunkClassifier


class SumHead(PopulationHead):
    """What the model says of an image, and what the classes of its trunk say."""

    def __init__(self, classifier: TrunkClassifier, settings: MixtureSettings) -> None:
        super().__init__(settings.scores.normalise)
        dims = classifier.embeddings.shape[1]
        self.classifier, self._settings = classifier, settings
        self.of_model, self.of_classes = Moments(dims), Moments(dims)

    def vectors(self, seen: Seen) -> Float[Tensor, "batch 2 dims"]:
        """Return both vectors of an image, of unit length."""
        both = (seen.pooled.float(), mixed(seen, self.classifier, self._settings))
        return torch.stack([F.normalize(one, dim=1) for one in both], 1)

    def settle(self, vectors: Float[Tensor, "train 2 dims"], labels: Labels) -> None:
        """Take the moments of the training images."""
        self.of_model.settle(vectors[:, 0])
        self.of_classes.settle(vectors[:, 1])

    def scores(
        self, vectors: Float[Tensor, "batch 2 dims"], labels: Labels
    ) -> Float[Tensor, "batch scored"]:
        """Score labels."""
        texts = labels.scored_texts
        return self.of_model.standardised(vectors[:, 0], texts) + self.of_classes.standardised(
            vectors[:, 1], texts
        )
