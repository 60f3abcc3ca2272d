"""MKT's two streams: the whole image, and the patches that fit a label best."""

import torch
from torch import Tensor

from pipeline_lib.families.open_vocabulary.label_head import LabelHead, Streams
from pipeline_lib.families.open_vocabulary.patch_selection import best_patches, inner, similarity
from pipeline_lib.families.open_vocabulary.scaled_cosine import ScaledCosine
from pipeline_lib.families.open_vocabulary.vocabulary import Labels
from pipeline_lib.methods.mkt.settings import Settings
from pipeline_lib.nn.shapes import Float
from pipeline_lib.nn.towers import Seen


class MktHead(LabelHead):
    """s_c = (⟨z_c, o_cls⟩ + mean of the k largest ⟨z_c, o_patch⟩) / 2.

    As in the authors' code, inner products of vectors as they are, each stream of unit length over
    the labels. Without that normalisation (``none``) lengths would count: then of unit vectors, on
    a learned scale.
    """

    def __init__(self, scale: float, settings: Settings) -> None:
        super().__init__(settings.scores.normalise)
        self.cosine = ScaledCosine(scale) if self.normalise == "none" else None
        self.top_k = settings.top_k

    def streams(self, seen: Seen, labels: Labels) -> Streams:
        """Return what the whole image and its best patches say."""
        texts = labels.scored_texts
        patches = best_patches(self._similarity(seen, labels), most=self.top_k)
        if self.cosine is None:
            return inner(seen.pooled, texts), patches
        return self.cosine(seen.pooled[:, None], texts), self.cosine.log_scale.exp() * patches

    def _similarity(self, seen: Seen, labels: Labels) -> Float[Tensor, "batch scored patches"]:
        if self.cosine is None:
            return inner(seen.patches, labels.scored_texts).mT
        return similarity(seen.patches, labels.scored_texts)

    def explain(self, seen: Seen, labels: Labels) -> dict[str, Tensor]:
        """Return "similarity" and "chosen", (images, labels, patches)."""
        found = self._similarity(seen, labels)
        best = found.topk(min(self.top_k, found.shape[2]), dim=2).indices
        chosen = torch.zeros_like(found, dtype=torch.bool).scatter_(2, best, True)
        return {"similarity": found, "chosen": chosen}
