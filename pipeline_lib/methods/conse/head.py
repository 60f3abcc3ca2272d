"""ConSE's score: the cosine of a name and the mixture of class names that an image is."""

from torch import Tensor, nn

from pipeline_lib.families.open_vocabulary.class_mixture import mixed
from pipeline_lib.families.open_vocabulary.scaled_cosine import ScaledCosine
from pipeline_lib.families.open_vocabulary.settings import MixtureSettings
from pipeline_lib.families.open_vocabulary.vocabulary import Labels
from pipeline_lib.nn.shapes import Float
from pipeline_lib.nn.towers import Seen, TrunkClassifier


class ConseHead(nn.Module):
    """cos(f(x), s(y)) on the model's scale, which ranks nothing otherwise."""

    def __init__(
        self, classifier: TrunkClassifier, scale: float, settings: MixtureSettings
    ) -> None:
        super().__init__()
        self.classifier, self._settings = classifier, settings
        self.cosine = ScaledCosine(scale)

    def forward(self, seen: Seen, labels: Labels) -> Float[Tensor, "batch scored"]:
        """Score labels."""
        vectors = mixed(seen, self.classifier, self._settings)
        scores: Tensor = self.cosine(vectors[:, None], labels.scored_texts)
        return scores
