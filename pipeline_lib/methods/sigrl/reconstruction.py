"""SVFR: what each label sees in an image (SDA), and patches rewritten by it (VFR)."""

from typing import TypedDict

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from pipeline_lib.methods.sigrl.semantic_attention import Kernel, decouple, reconstruct
from pipeline_lib.nn.shapes import Float


class Options(TypedDict):
    """How attention is computed, which changes no value."""

    chunk: int
    kernel: Kernel


class Decoupling(nn.Module):
    """SDA, Eqs. 5-7. The layer has no bias: the softmax over patches would cancel it.

    Deviation: Eqs. 5 and 7 print FC∘tanh twice and Eq. 6 a sum over labels. One FC of tanh(F ⊙ h),
    a softmax over patches and a sum over patches give the (labels, dims) that Eq. 6 declares.
    """

    def __init__(self, dims: int, *, chunk: int, kernel: Kernel) -> None:
        super().__init__()
        self.connected = nn.Linear(dims, dims, bias=False)
        self._options: Options = {"chunk": chunk, "kernel": kernel}

    def forward(
        self, patches: Float[Tensor, "batch patches dims"], texts: Float[Tensor, "labels dims"]
    ) -> Float[Tensor, "batch labels dims"]:
        """Return M."""
        return decouple(patches, texts, self.connected.weight, **self._options)


def channel_map(
    decoupled: Float[Tensor, "batch labels dims"], texts: Float[Tensor, "labels dims"]
) -> Float[Tensor, "batch dims dims"]:
    """Q = relu(Mᵀ H), rows of unit length; then T = M Q.

    Deviation: Eq. 8 prints a map between labels. The authors' code has this one between channels,
    whose cost does not grow with the square of the labels. ``label_map`` is the printed one.
    """
    # bmm: the product with a single matrix would copy its left side, (batch, dims, labels)
    mapped = torch.bmm(decoupled.mT, texts.expand(decoupled.shape[0], -1, -1))
    return F.normalize(mapped.relu(), dim=2)


def label_map(
    decoupled: Float[Tensor, "batch labels dims"], texts: Float[Tensor, "labels dims"]
) -> Float[Tensor, "batch labels labels"]:
    """Eq. 8: relu of the cosine of m_i and h_j, rows of unit length; then T = Q M (Eq. 9)."""
    cosine = F.normalize(decoupled, dim=2) @ F.normalize(texts, dim=1).T
    return F.normalize(cosine.relu(), dim=2)


class Reconstruction(nn.Module):
    """Eqs. 8-12: O = FC([T ; Ĥ]) guides an attention over patches for every label.

    Deviation: Eq. 12 prints a sum over patches. The sum is over labels, which gives the
    (patches, dims) it declares. So the scale of M̂ grows with the labels; Eq. 13 forgets it.
    """

    def __init__(self, dims: int, *, by_channels: bool, chunk: int, kernel: Kernel) -> None:
        super().__init__()
        self.merged = nn.Linear(2 * dims, dims, bias=False)
        self.connected = nn.Linear(dims, dims, bias=False)
        self._by_channels = by_channels
        self._options: Options = {"chunk": chunk, "kernel": kernel}

    def forward(
        self,
        patches: Float[Tensor, "batch patches dims"],
        decoupled: Float[Tensor, "batch labels dims"],
        texts: Float[Tensor, "labels dims"],
        enriched: Float[Tensor, "labels dims"],
    ) -> Float[Tensor, "batch patches dims"]:
        """Return M̂. With T = M Q, [T ; Ĥ] W is M (Q W₁) + Ĥ W₂, so T need not exist."""
        of_images, of_labels = self.merged.weight.T.chunk(2)
        if self._by_channels:
            features, mixing = decoupled, channel_map(decoupled, texts) @ of_images
        else:
            features = torch.bmm(label_map(decoupled, texts), decoupled)
            mixing = of_images.expand(patches.shape[0], -1, -1)
        return reconstruct(
            patches,
            features,
            mixing,
            enriched @ of_labels,
            self.connected.weight,
            **self._options,
        )
