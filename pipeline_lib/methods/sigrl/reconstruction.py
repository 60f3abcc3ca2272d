"""SVFR: what each label sees in an image (SDA), and patches rewritten by it (VFR)."""

import math
from typing import TypedDict

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from pipeline_lib.methods.sigrl.semantic_attention import Kernel, decouple, shares
from pipeline_lib.methods.sigrl.settings import Decoupling as Settings
from pipeline_lib.methods.sigrl.settings import Reconstruction as Rewriting
from pipeline_lib.nn.placebo import replaced
from pipeline_lib.nn.shapes import Float

LEAST = 1e-12


class Options(TypedDict):
    """How attention is computed, which changes no value."""

    chunk: int
    kernel: Kernel


class Decoupling(nn.Module):
    """SDA, Eqs. 5-7. The layer has no bias: the softmax over patches would cancel it.

    Deviation: Eqs. 5 and 7 print FC∘tanh twice and Eq. 6 a sum over labels. One FC of tanh(F ⊙ h),
    a softmax over patches and a sum over patches give the (labels, dims) that Eq. 6 declares.
    Deviation: entries of F ⊙ h are of a few hundredths, so that attention starts flat and a label
    sees what all see; with ``scaled`` those of F, by its image, and of h are about 1.
    """

    def __init__(self, dims: int, settings: Settings) -> None:
        super().__init__()
        self.connected = nn.Linear(dims, dims, bias=False)
        self._settings = settings
        self._options: Options = {"chunk": settings.chunk, "kernel": settings.kernel}

    def forward(
        self, patches: Float[Tensor, "batch patches dims"], texts: Float[Tensor, "labels dims"]
    ) -> Float[Tensor, "batch labels dims"]:
        """Return M."""
        return replaced(self.features(patches, texts), self._settings.placebo, dim=1)

    def features(
        self, patches: Float[Tensor, "batch patches dims"], texts: Float[Tensor, "labels dims"]
    ) -> Float[Tensor, "batch labels dims"]:
        """Return what each label sees."""
        if self._settings.attention == "paper":
            return decouple(patches, texts, self.connected.weight, **self._options)
        size = entry_size(patches)
        guides = texts * math.sqrt(texts.shape[1])
        return size * decouple(patches / size, guides, self.connected.weight, **self._options)


def entry_size(patches: Float[Tensor, "batch patches dims"]) -> Float[Tensor, "batch 1 1"]:
    """Return the root mean square of the entries of each image's patches."""
    return patches.square().mean((1, 2), keepdim=True).clamp(min=LEAST).sqrt()


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
    (patches, dims) it declares. So the scale of M̂ grows with the labels; Eq. 13 forgets it, and
    patches are rewritten alike for every label. Deviation: ``scaled`` as of ``Decoupling``.
    """

    def __init__(self, dims: int, settings: Rewriting, options: Options) -> None:
        super().__init__()
        self.merged = nn.Linear(2 * dims, dims, bias=False)
        self.connected = nn.Linear(dims, dims, bias=False)
        self._settings, self._options = settings, options
        self.mixes = settings.placebo == "another"  # images of a batch

    def forward(
        self,
        patches: Float[Tensor, "batch patches dims"],
        decoupled: Float[Tensor, "batch labels dims"],
        texts: Float[Tensor, "labels dims"],
        enriched: Float[Tensor, "labels dims"],
    ) -> Float[Tensor, "batch patches dims"]:
        """Return M̂."""
        given = self.gates(patches, decoupled, texts, enriched)
        return patches * replaced(given, self._settings.placebo, dim=1)

    def gates(
        self,
        patches: Float[Tensor, "batch patches dims"],
        decoupled: Float[Tensor, "batch labels dims"],
        texts: Float[Tensor, "labels dims"],
        enriched: Float[Tensor, "labels dims"],
    ) -> Float[Tensor, "batch patches dims"]:
        """Return what all labels together give to each channel of each patch.

        With T = M Q, [T ; Ĥ] W is M (Q W₁) + Ĥ W₂, so T need not exist.
        """
        if self._settings.attention == "scaled":
            size = entry_size(patches)
            patches, decoupled = patches / size, decoupled / size
            enriched = enriched * math.sqrt(enriched.shape[1])
        of_images, of_labels = self.merged.weight.T.chunk(2)
        if self._settings.map == "channels":
            features, mixing = decoupled, channel_map(decoupled, texts) @ of_images
        else:
            features = torch.bmm(label_map(decoupled, texts), decoupled)
            mixing = of_images.expand(patches.shape[0], -1, -1)
        shift = enriched @ of_labels
        return shares(patches, features, mixing, shift, self.connected.weight, **self._options)
