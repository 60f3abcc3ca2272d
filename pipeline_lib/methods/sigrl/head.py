"""SigRL from towers to scores. Every row of the paper's Table IV is a set of switches."""

from collections.abc import Iterator
from typing import Any

from torch import Tensor

from pipeline_lib.families.open_vocabulary.label_head import DIFFERENT, LabelHead, Streams
from pipeline_lib.families.open_vocabulary.patch_selection import best_patches, inner
from pipeline_lib.families.open_vocabulary.vocabulary import Labels
from pipeline_lib.methods.sigrl.correlation import LabelCorrelation
from pipeline_lib.methods.sigrl.reconstruction import Decoupling, Options, Reconstruction
from pipeline_lib.methods.sigrl.settings import Settings
from pipeline_lib.nn.shapes import Float
from pipeline_lib.nn.towers import Seen
from pipeline_lib.training.liveness import between


class SigrlHead(LabelHead):
    """Scores of whole images and of patches, of unit length over the labels, averaged (Eq. 13).

    The graph is over the labels that are scored, and over no others: seen ones in training, unseen
    ones in ZSL, all in GZSL. So a score depends on which others are asked for, unless scores are
    normalised over the vocabulary: then all known labels are in it.

    Deviation: Table IV does not say how the rows without VFR score patches. Eq. 13 takes h, so that
    Ĥ would reach no score; there h + Ĥ takes h's place, and

    none        ⟨h, F_p⟩: the best patches, as in MKT
    GMC         ⟨h + ĥ, F_p⟩
    GMC+SDA     ⟨h + ĥ, m⟩: a label's decoupled feature takes the place of patches
    +VFR        ⟨h, M̂_p⟩: Eq. 13
    """

    def __init__(self, dims: int, settings: Settings) -> None:
        super().__init__(settings.scores.normalise)
        self.most = settings.top_k
        self.correlation = self.decoupling = self.reconstruction = None
        if settings.correlation is not None:
            self.correlation = LabelCorrelation(dims, settings.correlation)
        if settings.decoupling is None:
            return
        attention = settings.decoupling
        self.decoupling = Decoupling(dims, attention)
        if settings.reconstruction is not None:
            options: Options = {"chunk": attention.chunk, "kernel": attention.kernel}
            self.reconstruction = Reconstruction(dims, settings.reconstruction, options)

    @property
    def together(self) -> bool:
        """Whether the score of a label depends on others: through the graph, or the sum of VFR."""
        alone = self.correlation is None and self.reconstruction is None
        return super().together or not alone

    def streams(self, seen: Seen, labels: Labels) -> Streams:
        """Return what the whole image and its patches say."""
        texts = labels.scored_texts
        return inner(seen.pooled, texts), self.of_parts(seen.patches, texts)

    def of_parts(
        self, patches: Float[Tensor, "batch patches dims"], texts: Float[Tensor, "labels dims"]
    ) -> Float[Tensor, "batch labels"]:
        """Return what patches, or decoupled features, say of each label."""
        if self.decoupling is not None and self.reconstruction is None:
            decoupled: Tensor = self.decoupling(patches, texts)
            return (decoupled * self._guides(texts)).sum(2)
        return best_patches(self.similarity(patches, texts), most=self.most)

    def similarity(
        self, patches: Float[Tensor, "batch patches dims"], texts: Float[Tensor, "labels dims"]
    ) -> Float[Tensor, "batch labels patches"]:
        """Return how much each patch, reconstructed if that is on, looks like each label."""
        if self.decoupling is None or self.reconstruction is None:
            return inner(patches, self._guides(texts)).mT
        enriched = texts if self.correlation is None else self.correlation(texts)
        decoupled = self.decoupling(patches, texts)
        written: Tensor = self.reconstruction(patches, decoupled, texts, enriched)
        return inner(written, texts).mT

    def _guides(self, texts: Tensor) -> Tensor:
        return texts if self.correlation is None else texts + self.correlation(texts)

    def readings(self, seen: Seen, labels: Labels) -> Iterator[dict[str, Any]]:
        """Yield how far what each module passes on differs between labels, or patches."""
        texts = labels.scored_texts
        if self.correlation is not None:
            yield {
                "module": "correlation",
                "name": "between labels",
                "about": "Share of the squared length of what labels hear that differs from what "
                "all hear alike.",
                "value": between(self.correlation.told(texts), 0),
                "bar": DIFFERENT,
            }
        if self.decoupling is None:
            return
        decoupled = self.decoupling.features(seen.patches, texts)
        yield {
            "module": "decoupling",
            "name": "between labels",
            "about": "Share of the squared length of what labels see in an image that differs from "
            "what all see alike.",
            "value": between(decoupled, 1),
            "bar": DIFFERENT,
        }
        if self.reconstruction is not None:
            enriched = texts if self.correlation is None else self.correlation(texts)
            gates = self.reconstruction.gates(seen.patches, decoupled, texts, enriched)
            yield {
                "module": "reconstruction",
                "name": "between patches",
                "about": "Share of the squared length of what patches are given that differs from "
                "equal shares. Every label is given the same: Eq. 12 is a sum over labels.",
                "value": between(gates, 1),
                "bar": DIFFERENT,
            }

    def explain(self, seen: Seen, labels: Labels) -> dict[str, Tensor]:
        """Return "similarity" (images, labels, patches); with GMC "attention" (labels, labels).

        In the row GMC+SDA patches get no score; there it is ⟨h + ĥ, F_p⟩ all the same.
        """
        texts = labels.scored_texts
        found = {"similarity": self.similarity(seen.patches, texts)}
        if self.correlation is not None:
            found["attention"] = self.correlation.attention(texts)
        return found
