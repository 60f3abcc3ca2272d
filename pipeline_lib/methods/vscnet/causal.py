"""Causal and non-causal halves of a graph (Eqs. 10-13).

paper        here                 shape
M_X          Masks.nodes          (batch, nodes), 1 is causal
M_A          Masks.edges          (batch, nodes, nodes)
F_c, F_n     of ``Halves``        (batch, width)
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from pipeline_lib.nn.classification import classification_loss
from pipeline_lib.nn.graph import normalised
from pipeline_lib.nn.shapes import Bool, Float


@dataclass(frozen=True)
class Masks:
    """How causal each node and each edge is, 0…1; 1 minus it is the other half."""

    nodes: Float[Tensor, "batch nodes"]
    edges: Float[Tensor, "batch nodes nodes"]


class GraphLayer(nn.Module):
    """δ: one graph convolution, then the mean over the nodes that are there.

    Deviation: node features are normalised over the batch first, as in the causal attention that
    the masks come from (Sui et al., KDD 2022). Without it the non-causal half has a way out that
    teaches nothing: on `scenes` every region and prototype became wholly causal, the other half
    vanished, and its prediction was uniform because it saw nothing.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm = nn.BatchNorm1d(width)
        self.linear = nn.Linear(width, width)

    def forward(
        self,
        nodes: Float[Tensor, "batch nodes width"],
        adjacency: Float[Tensor, "batch nodes nodes"],
        there: Bool[Tensor, "batch nodes"],
    ) -> Float[Tensor, "batch width"]:
        """Return ReLU(D^-1/2 (A + I) D^-1/2 X W) averaged over nodes."""
        scaled = torch.zeros_like(nodes)
        scaled[there] = self.norm(nodes[there])
        hidden = torch.relu(normalised(adjacency) @ self.linear(scaled))
        weight = there.to(hidden.dtype)[:, :, None]
        pooled: Tensor = (hidden * weight).sum(1) / weight.sum(1)
        return pooled


class Masking(nn.Module):
    """Learn which nodes and edges are causal, from what the nodes are.

    An edge has no direction, so its two ends are treated alike.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.node = nn.Linear(width, 2)
        self.edge = nn.Linear(width, 2)

    def forward(self, nodes: Float[Tensor, "batch nodes width"]) -> Masks:
        """Return the weight of channel 0, the causal one, after a softmax over both."""
        ends = self.edge(nodes)
        edges = ends[:, :, None] + ends[:, None, :]  # a linear map of both ends, (…, 2)
        return Masks(self.node(nodes).softmax(2)[..., 0], edges.softmax(3)[..., 0])


def halves(
    nodes: Float[Tensor, "batch nodes width"],
    adjacency: Float[Tensor, "batch nodes nodes"],
    masks: Masks,
) -> tuple[tuple[Tensor, Tensor], tuple[Tensor, Tensor]]:
    """Eqs. 10-11: nodes and edges of the causal and of the non-causal graph; loops stay whole."""
    share = masks.nodes[:, :, None]
    causal = nodes * share, adjacency * masks.edges
    other = nodes * (1 - share), adjacency * (1 - masks.edges)
    return causal, other


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
