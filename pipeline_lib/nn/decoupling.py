"""Semantic decoupling: one vector per label from a feature map, pooled where the label looks."""

import math

import torch
from torch import Tensor

from pipeline_lib.nn.shapes import Float


def sigmoid_attention(
    maps: Float[Tensor, "batch dims height width"], guides: Float[Tensor, "labels dims"]
) -> Float[Tensor, "batch labels height width"]:
    """m_c = σ(⟨F_hw, e_c⟩ / √D), the attention map of each label (DLSA, Sec. 3.3).

    Deviation: the text says that features and labels "are aligned" and no more. Since e_c has D
    entries, alignment is their product, scaled as in attention.
    """
    scores = torch.einsum("bdhw,cd->bchw", maps, guides / math.sqrt(maps.shape[1]))
    return scores.sigmoid()


def pooled_by(
    attention: Float[Tensor, "batch labels height width"],
    maps: Float[Tensor, "batch dims height width"],
    *,
    normalise: bool,
) -> Float[Tensor, "batch labels dims"]:
    """v_c = Σ_hw m_c F_hw (DLSA, Eq. 3).

    Nothing of size labels × positions × dims is formed. Deviation: ``normalise`` divides by Σ_hw
    m_c, so that the scale does not grow with the map; the printed sum is ``normalise=False``.
    """
    if normalise:
        attention = attention / attention.sum((2, 3), keepdim=True)
    return torch.einsum("bchw,bdhw->bcd", attention, maps)
