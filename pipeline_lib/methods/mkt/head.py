"""MKT's two streams: the whole image, and the patches that fit a label best."""

import torch
from torch import Tensor, nn

from pipeline_lib.families.open_vocabulary.patch_selection import similarity
from pipeline_lib.families.open_vocabulary.scaled_cosine import ScaledCosine
from pipeline_lib.families.open_vocabulary.vocabulary import Labels
from pipeline_lib.nn.shapes import Float
from pipeline_lib.nn.towers import Seen


class MktHead(nn.Module):
    """s_c = (⟨z_c, o_cls⟩ + mean of the k largest ⟨z_c, o_patch⟩) / 2, of unit vectors."""

    def __init__(self, scale: float, *, top_k: int) -> None:
        super().__init__()
        self.cosine = ScaledCosine(scale)
        self.top_k = top_k

    def forward(self, seen: Seen, labels: Labels) -> Float[Tensor, "batch scored"]:
        """Score labels."""
        of_image: Tensor = self.cosine(seen.pooled[:, None], labels.scored_texts)
        of_patches = self._best(similarity(seen.patches, labels.scored_texts)).values.mean(2)
        return (of_image + self.cosine.log_scale.exp() * of_patches) / 2

    def explain(self, seen: Seen, labels: Labels) -> dict[str, Tensor]:
        """Return "similarity" and "chosen", (images, labels, patches)."""
        cosines = similarity(seen.patches, labels.scored_texts)
        chosen = torch.zeros_like(cosines, dtype=torch.bool)
        return {
            "similarity": cosines,
            "chosen": chosen.scatter_(2, self._best(cosines).indices, True),
        }

    def _best(self, cosines: Tensor) -> torch.return_types.topk:
        return cosines.topk(min(self.top_k, cosines.shape[2]), dim=2)
