"""A linear head that names what the cut-out of a region shows, where regions are of pixels.

paper   here           shape
r_j     descriptors    (…, regions, dims), of the cut-outs
t_j     logits         (…, regions, tags)
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from pipeline_lib.methods.vscnet.csnet_losses import tag_loss
from pipeline_lib.methods.vscnet.csnet_task import Assign
from pipeline_lib.nn.shapes import Float
from pipeline_lib.training.loop import Task, Terms

LEAST = 1e-5  # added to a variance, as batch norm has it


class TagHead(nn.Module):
    """Tags from a cut-out's features, which are standardised per channel as CSNet's maps are."""

    mean: Tensor
    deviation: Tensor

    def __init__(self, dims: int, tags: int) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(dims))
        self.register_buffer("deviation", torch.ones(dims))
        self.tags = nn.Linear(dims, tags)

    def forward(
        self, descriptors: Float[Tensor, "*images dims"], dropout: float = 0.0
    ) -> Float[Tensor, "*images tags"]:
        """Return logits; features are dropped in training alone."""
        x = (descriptors - self.mean) / self.deviation
        logits: Tensor = self.tags(F.dropout(x, dropout, self.training))
        return logits


class TagHeadTask(Task):
    """The tag term of Eq. 3 on cut-outs: the boxes are CSNet's and stay, tags are assigned anew.

    Deviation: the paper trains one network for places and names. Places come from maps here, where
    a step costs a thousandth of encoding its cut-out, and names from the cut-outs.

    Args:
        descriptors: of the regions of the training images.
        tags: multi-hot.
        assign: which tag supervises which region, as in CSNet's training.
        dropout: of a cut-out's features, CSNet's own.
        seed: of the weights.
    """

    descriptors: Tensor
    carried: Tensor

    def __init__(
        self,
        descriptors: Float[Tensor, "train regions dims"],
        tags: Float[Tensor, "train tags"],
        *,
        assign: Assign,
        dropout: float,
        seed: int,
    ) -> None:
        super().__init__()
        torch.manual_seed(seed)
        self.head = TagHead(descriptors.shape[2], tags.shape[1])
        flat = descriptors.flatten(0, 1).double()
        self.head.mean.copy_(flat.mean(0))
        self.head.deviation.copy_((flat.var(0, correction=0) + LEAST).sqrt())
        self.register_buffer("descriptors", descriptors, persistent=False)
        self.register_buffer("carried", tags, persistent=False)
        self._assign, self._dropout = assign, dropout

    def forward(self, positions: Tensor) -> Terms:
        """Return "loss"."""
        places = positions.to(self.carried.device)
        logits = self.head(self.descriptors[places], self._dropout)
        assigned = self._assign(logits.detach().log_softmax(2), self.carried[places])
        return {"loss": tag_loss(logits, assigned)}
