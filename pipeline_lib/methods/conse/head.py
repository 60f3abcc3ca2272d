"""ConSE's score: the cosine of a name and the mixture of class names that an image is."""

from pipeline_lib.families.open_vocabulary.class_mixture import mixed
from pipeline_lib.families.open_vocabulary.label_head import LabelHead, Streams
from pipeline_lib.families.open_vocabulary.scaled_cosine import cosine_of
from pipeline_lib.families.open_vocabulary.settings import MixtureSettings
from pipeline_lib.families.open_vocabulary.vocabulary import Labels
from pipeline_lib.nn.towers import Seen, TrunkClassifier


class ConseHead(LabelHead):
    """cos(f(x), s(y)) on the model's scale, which ranks nothing otherwise."""

    def __init__(
        self, classifier: TrunkClassifier, scale: float, settings: MixtureSettings
    ) -> None:
        super().__init__(settings.scores.normalise)
        self.classifier, self._settings = classifier, settings
        self.cosine = cosine_of(self.normalise, scale)

    def streams(self, seen: Seen, labels: Labels) -> Streams:
        """Return the cosines of labels."""
        vectors = mixed(seen, self.classifier, self._settings)
        return (self.cosine(vectors[:, None], labels.scored_texts),)
