"""SigRL from towers to scores. Every row of the paper's Table IV is a set of switches."""

import torch.nn.functional as F
from torch import Tensor, nn

from pipeline_lib.families.open_vocabulary.vocabulary import Labels
from pipeline_lib.methods.sigrl.correlation import LabelCorrelation
from pipeline_lib.methods.sigrl.reconstruction import Decoupling, Options, Reconstruction
from pipeline_lib.methods.sigrl.settings import Settings
from pipeline_lib.nn.shapes import Float
from pipeline_lib.nn.towers import Seen


def best_patches(
    similarity: Float[Tensor, "batch labels patches"], *, most: int
) -> Float[Tensor, "batch labels"]:
    """Mean of the ``most`` highest similarities of each label (Eq. 13), or of all there are."""
    return similarity.topk(min(most, similarity.shape[2]), dim=2).values.mean(2)


class SigrlHead(nn.Module):
    """Scores of whole images and of patches, of unit length over the labels, averaged (Eq. 13).

    The graph is over the labels that are scored, and over no others: seen ones in training, unseen
    ones in ZSL, all in GZSL. So a score depends on which others are asked for (``together``).

    Deviation: Table IV does not say how the rows without VFR score patches. Eq. 13 takes h, so that
    Ĥ would reach no score; there h + Ĥ takes h's place, and

    none        ⟨h, F_p⟩: the best patches, as in MKT
    GMC         ⟨h + ĥ, F_p⟩
    GMC+SDA     ⟨h + ĥ, m⟩: a label's decoupled feature takes the place of patches
    +VFR        ⟨h, M̂_p⟩: Eq. 13
    """

    together = True

    def __init__(self, dims: int, settings: Settings) -> None:
        super().__init__()
        self.most = settings.top_k
        self.correlation = self.decoupling = self.reconstruction = None
        if settings.correlation is not None:
            self.correlation = LabelCorrelation(dims, settings.correlation)
        if settings.decoupling is None:
            return
        attention = settings.decoupling
        options: Options = {"chunk": attention.chunk, "kernel": attention.kernel}
        self.decoupling = Decoupling(dims, **options)
        if settings.reconstruction is not None:
            by_channels = settings.reconstruction.map == "channels"
            self.reconstruction = Reconstruction(dims, by_channels=by_channels, **options)

    def forward(self, seen: Seen, labels: Labels) -> Float[Tensor, "batch labels"]:
        """Return the scores of ``labels.scored``, between −1 and 1."""
        texts = labels.scored_texts
        whole = seen.pooled @ texts.T
        return (
            F.normalize(whole, dim=1) + F.normalize(self.of_parts(seen.patches, texts), dim=1)
        ) / 2

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
            return self._guides(texts) @ patches.mT
        enriched = texts if self.correlation is None else self.correlation(texts)
        decoupled = self.decoupling(patches, texts)
        written: Tensor = self.reconstruction(patches, decoupled, texts, enriched)
        return texts @ written.mT

    def _guides(self, texts: Tensor) -> Tensor:
        return texts if self.correlation is None else texts + self.correlation(texts)

    def explain(self, seen: Seen, labels: Labels) -> dict[str, Tensor]:
        """Return "similarity" (images, labels, patches); with GMC "attention" (labels, labels).

        In the row GMC+SDA patches get no score; there it is ⟨h + ĥ, F_p⟩ all the same.
        """
        texts = labels.scored_texts
        found = {"similarity": self.similarity(seen.patches, texts)}
        if self.correlation is not None:
            found["attention"] = self.correlation.attention(texts)
        return found
