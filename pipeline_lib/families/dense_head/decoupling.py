"""Semantic decoupling: one vector per label from a feature map, pooled where the label looks."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from pipeline_lib.nn.shapes import Float


def sigmoid_attention(
    maps: Float[Tensor, "batch dims height width"],
    guides: Float[Tensor, "labels dims"],
    *,
    normalise: bool,
) -> Float[Tensor, "batch labels height width"]:
    """m_c = σ(⟨F_hw, e_c⟩ / √D), the attention map of each label (DLSA, Sec. 3.3).

    Deviation: the text says that features and labels "are aligned" and no more. Since e_c has D
    entries, alignment is their product, scaled as in attention.

    Deviation: ``normalise`` divides by Σ_hw m_c, so that the scale of the pooled vector does not
    grow with the map. Without it this is the printed form.
    """
    scores = torch.einsum("bdhw,cd->bchw", maps, guides / math.sqrt(maps.shape[1]))
    if not normalise:
        return scores.sigmoid()
    # σ / Σ σ, but for the 0 / 0 of a label that looks nowhere
    return F.logsigmoid(scores).flatten(2).softmax(2).view_as(scores)


def pooled_by(
    attention: Float[Tensor, "batch labels height width"],
    maps: Float[Tensor, "batch dims height width"],
) -> Float[Tensor, "batch labels dims"]:
    """v_c = Σ_hw m_c F_hw (DLSA, Eq. 3; SSGRL, Eq. 5).

    Nothing of size labels × positions × dims is formed.
    """
    return torch.einsum("bchw,bdhw->bcd", attention, maps)
