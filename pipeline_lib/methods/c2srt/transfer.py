"""Inter-category semantic transfer: labels hear of each other in an image (Sec. 3.4)."""

from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from pipeline_lib.methods.c2srt.settings import Ist
from pipeline_lib.nn.gatv2 import GATv2
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
    """

    def __init__(self, dims: int, settings: Ist) -> None:
        super().__init__()
        self._shortcut, self._most = settings.output == "shortcut", settings.neighbours
        self.enter = nn.Linear(2 * dims, dims)  # FFN_in
        inner = settings.heads * settings.hidden
        attention = partial(
            GATv2, slope=settings.slope, dropout=settings.dropout, chunk=settings.chunk
        )
        self.layers = nn.ModuleList(
            attention(inner if depth else dims, settings.hidden, settings.heads, concat=True)
            for depth in range(settings.layers - 1)
        )
        self.last = attention(inner if self.layers else dims, dims, 1, concat=False)
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
        told: Tensor = self.last(self.states(images, texts, neighbours), self._few(neighbours))
        return images + self.gate * told if self._shortcut else told

    def states(
        self,
        images: Float[Tensor, "batch views dims"],
        texts: Float[Tensor, "labels dims"],
        neighbours: Int[Tensor, "labels most"],
    ) -> Float[Tensor, "batch labels width"]:
        """Return what the last layer reads."""
        nodes = self._entered(images, texts)
        for layer in self.layers:
            nodes = F.elu(layer(nodes, self._few(neighbours)))
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
        return F.linear(images, of_image) + F.linear(texts, of_text, self.enter.bias)
