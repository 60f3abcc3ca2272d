"""What is made of the two halves of a graph, and what teaches them (Eqs. 12-13).

paper        here                 shape
delta_c,     GraphLayer           two of them
delta_n
F_c, F_n     pooled               (batch, width)
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from pipeline_lib.methods.vscnet.masks import Normalisation
from pipeline_lib.nn.classification import classification_loss
from pipeline_lib.nn.graph import normalised
from pipeline_lib.nn.shapes import Bool, Float


class GraphLayer(nn.Module):
    """δ: one graph convolution, then the mean over the nodes that are there.

    Nodes come normalised; nothing rescales them once they are masked. ``behind: True`` normalises
    here instead, as the code of causal attention learning does (Sui et al., KDD 2022), so that the
    level of a mask cancels out: with masks of 0.27 everywhere both halves are the same.
    """

    def __init__(self, width: int, *, behind: bool = False) -> None:
        super().__init__()
        self.normalise = Normalisation(width) if behind else None
        self.linear = nn.Linear(width, width)

    def forward(
        self,
        nodes: Float[Tensor, "batch nodes width"],
        adjacency: Float[Tensor, "batch nodes nodes"],
        there: Bool[Tensor, "batch nodes"],
    ) -> Float[Tensor, "batch width"]:
        """Return ReLU(D^-1/2 (A + I) D^-1/2 X W) averaged over nodes."""
        scaled = nodes if self.normalise is None else self.normalise(nodes, there)
        hidden = torch.relu(normalised(adjacency) @ self.linear(scaled))
        weight = there.to(hidden.dtype)[:, :, None]
        pooled: Tensor = (hidden * weight).sum(1) / weight.sum(1)
        return pooled


def uniform_loss(
    logits: Float[Tensor, "batch classes"],
    prior: Float[Tensor, " classes"],
    *,
    single_label: bool,
) -> Float[Tensor, ""]:
    """The first term of Eq. 13: KL(U ‖ softmax f_n), so that the non-causal half knows nothing.

    With many classes per image each is a coin with the class's training frequency: KL(prior ‖
    sigmoid f_n), the mean over classes. The paper does not treat this case.
    """
    if single_label:
        count = logits.shape[1]
        return (-logits.log_softmax(1).mean(1) - torch.tensor(float(count)).log()).mean()
    target = prior.expand_as(logits)
    crossed = F.binary_cross_entropy_with_logits(logits, target)
    safe = prior.clamp(1e-7, 1 - 1e-7)
    entropy = -(safe * safe.log() + (1 - safe) * (1 - safe).log()).mean()
    return crossed - entropy


def class_loss(
    logits: Float[Tensor, "batch classes"],
    targets: Float[Tensor, "batch classes"],
    *,
    kind: str,
    single_label: bool,
) -> Float[Tensor, ""]:
    """L of Eq. 13.

    Deviation: the text has a squared error (``l2``); cross-entropy is the default, since squared
    errors of probabilities have no gradient where a prediction is surely wrong.
    """
    if kind == "ce":
        return classification_loss(logits, targets, single_label=single_label)
    beliefs = logits.softmax(1) if single_label else logits.sigmoid()
    return (beliefs - targets).square().sum(1).mean()
