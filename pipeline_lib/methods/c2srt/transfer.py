"""Inter-category semantic transfer: labels hear of each other in an image (Sec. 3.4)."""

import math
from functools import partial
from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from pipeline_lib.families.open_vocabulary.scaled_cosine import cosine
from pipeline_lib.methods.c2srt.settings import Ist
from pipeline_lib.nn.gatv2 import GATv2
from pipeline_lib.nn.placebo import replaced
from pipeline_lib.nn.shapes import Float, Int


class Transfer(nn.Module):
    """Eqs. 6-9 and 19-23: graph attention over the labels of one image.

    Nothing here belongs to a label, so labels and graphs may differ from call to call. There is
    no σ after the last layer, whose output is compared with texts of either sign.

    Deviation: with ``output: shortcut`` the last layer's output is added to f_img through a gate
    per channel that starts at zero (LayerScale, Touvron et al., ICCV 2021, Eq. 4). As printed
    (``paper``) untrained layers score at chance, and learn from the seen labels what the model
    knew; with the shortcut they start from f_img's own scores and learn what to change. Starting
    the layer itself at zero instead would leave its attention uniform: the same weights say what
    a label tells and how well it is heard. README.md compares.

    Deviation: FFN_in is linear in [f_img ‖ f_txt], so no node can know whether its label is in the
    image, which is what its neighbours are to hear. With ``nodes: agreement`` it also reads the
    cosine of both. Deviation: with ``residual`` each layer adds what it reads, through a linear map
    where widths differ, so that nodes stay apart.
    """

    def __init__(self, dims: int, settings: Ist) -> None:
        super().__init__()
        self._settings = settings
        self._shortcut, self._most = settings.output == "shortcut", settings.neighbours
        self.enter = nn.Linear(2 * dims, dims)  # FFN_in
        self.agree = nn.Linear(1, dims, bias=False) if settings.nodes == "agreement" else None
        inner = settings.heads * settings.hidden
        attention = partial(
            GATv2, slope=settings.slope, dropout=settings.dropout, chunk=settings.chunk
        )
        self.layers = nn.ModuleList(
            attention(inner if depth else dims, settings.hidden, settings.heads, concat=True)
            for depth in range(settings.layers - 1)
        )
        self.last = attention(inner if self.layers else dims, dims, 1, concat=False)
        widths = [dims, *[inner] * len(self.layers), dims] if settings.residual else []
        self.skips = nn.ModuleList(_skip(*pair) for pair in pairwise(widths))
        if self._shortcut:
            self.gate = nn.Parameter(torch.zeros(dims))

    def forward(
        self,
        images: Float[Tensor, "batch views dims"],
        texts: Float[Tensor, "labels dims"],
        neighbours: Int[Tensor, "labels most"],
    ) -> Float[Tensor, "batch labels dims"]:
        """Return h_l of every label.

        Args:
            images: f_img of every label, or one view that all labels share.
            texts: of the labels.
            neighbours: the labels that each hears, best first; the first few are taken.
        """
        told = self.told(images, texts, neighbours)
        heard = replaced(told, self._settings.placebo, dim=1)
        return images + self.gate * heard if self._shortcut else heard

    def told(
        self,
        images: Float[Tensor, "batch views dims"],
        texts: Float[Tensor, "labels dims"],
        neighbours: Int[Tensor, "labels most"],
    ) -> Float[Tensor, "batch labels dims"]:
        """Return what every label hears, the last layer's output."""
        nodes = self.states(images, texts, neighbours)
        heard: Tensor = self.last(nodes, self._few(neighbours))
        return heard + self.skips[-1](nodes) if self.skips else heard

    def states(
        self,
        images: Float[Tensor, "batch views dims"],
        texts: Float[Tensor, "labels dims"],
        neighbours: Int[Tensor, "labels most"],
    ) -> Float[Tensor, "batch labels width"]:
        """Return what the last layer reads."""
        nodes = self._entered(images, texts)
        for depth, layer in enumerate(self.layers):
            heard = F.elu(layer(nodes, self._few(neighbours)))
            nodes = heard + self.skips[depth](nodes) if self.skips else heard
        return nodes

    def attention(
        self,
        images: Float[Tensor, "batch views dims"],
        texts: Float[Tensor, "labels dims"],
        neighbours: Int[Tensor, "labels most"],
    ) -> Float[Tensor, "labels sources"]:
        """Return the last layer's α_ij, self first, averaged over heads and images."""
        states = self.states(images, texts, neighbours)
        weights: Tensor = self.last.attention(states, self._few(neighbours))
        return weights.mean((0, 2))

    def _few(self, neighbours: Tensor) -> Tensor:
        return neighbours[:, : self._most]

    def _entered(self, images: Tensor, texts: Tensor) -> Tensor:
        """Eq. 6, h_0 = FFN_in([f_img ‖ f_txt]), without a copy of the texts for every image."""
        of_image, of_text = self.enter.weight.chunk(2, dim=1)
        entered = F.linear(images, of_image) + F.linear(texts, of_text, self.enter.bias)
        if self.agree is None:
            return entered
        # 1 / √dims is the deviation of cosines of random vectors
        agreement = cosine(images, texts).to(entered.dtype) * math.sqrt(texts.shape[1])
        told: Tensor = self.agree(agreement[:, :, None])
        return entered + told


def _skip(dims: int, out: int) -> nn.Module:
    return nn.Identity() if dims == out else nn.Linear(dims, out, bias=False)
