"""Where a label looks in a feature map, by low-rank bilinear pooling (SSGRL, Eqs. 2-5)."""

import torch
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from pipeline_lib.nn.shapes import Float


class LowRankBilinearAttention(nn.Module):
    """softmax over positions of wᵀ tanh((Uᵀ f_hw) ⊙ (Vᵀ x_c)), as weights of a mean.

    Chen et al., ICCV 2019. Deviation: the paper has P and b between tanh and the fully connected
    f_a. Nothing nonlinear lies between them, so P and f_a are one vector w here; b adds the same
    to all positions, which the softmax cancels.
    """

    def __init__(self, dims: int, words: int, hidden: int, *, chunk: int) -> None:
        super().__init__()
        self.visual = nn.Linear(dims, hidden, bias=False)
        self.semantic = nn.Linear(words, hidden, bias=False)
        self.attend = nn.Linear(hidden, 1, bias=False)
        self.chunk = chunk  # labels whose products with all positions exist at a time

    def forward(
        self,
        maps: Float[Tensor, "batch dims height width"],
        embeddings: Float[Tensor, "labels words"],
    ) -> Float[Tensor, "batch labels height width"]:
        """Return the attention map of each label, summing to 1.

        tanh needs labels × positions × hidden numbers. They are formed for a few labels at a
        time and again in the backward pass; the values are those of the direct form.
        """
        visual = self.visual(maps.flatten(2).transpose(1, 2))  # (batch, positions, hidden)
        parts = self.semantic(embeddings).split(self.chunk)
        scores = [checkpoint(self._scores, visual, part, use_reentrant=False) for part in parts]
        attention = torch.cat(scores, 1).softmax(2)
        return attention.view(*attention.shape[:2], *maps.shape[2:])

    def _scores(self, visual: Tensor, semantic: Tensor) -> Tensor:
        products = visual[:, None] * semantic[None, :, None]  # (batch, labels, positions, hidden)
        scores: Tensor = self.attend(products.tanh()).squeeze(3)
        return scores
