"""Training of CSNet (Sec. "Training Strategies", step 1)."""

from collections.abc import Callable

from torch import Tensor, nn

from pipeline_lib.methods.vscnet.csnet import CSNet
from pipeline_lib.methods.vscnet.csnet_losses import (
    inside_loss,
    locating_loss,
    scale_loss,
    tag_loss,
)
from pipeline_lib.methods.vscnet.settings import CsnetSettings
from pipeline_lib.nn.classification import classification_loss
from pipeline_lib.nn.shapes import Float, Int
from pipeline_lib.training.augment import Augmenter
from pipeline_lib.training.data import Pictures
from pipeline_lib.training.loop import Task, Terms

Assign = Callable[
    [Float[Tensor, "batch steps tags"], Float[Tensor, "batch tags"]], Int[Tensor, "batch steps"]
]
"""Give each step one of its image's tags, or -1, from log-probabilities and multi-hot tags."""


class CsnetTask(Task):
    """L_AL of Eq. 15; its class term, of the regions together, where classes are the target.

    Args:
        settings: the section ``csnet``.
        maps: feature maps of the training images.
        tags: multi-hot.
        classes: multi-hot; of no columns where tags are the target.
        assign: which tag supervises which step.
        seed: of weights and augmentation.
    """

    tags: Tensor
    classes: Tensor

    def __init__(
        self,
        settings: CsnetSettings,
        maps: Pictures[Tensor],
        *,
        dims: int,
        tags: Float[Tensor, "train tags"],
        classes: Float[Tensor, "train classes"],
        assign: Assign,
        seed: int,
    ) -> None:
        super().__init__()
        self.settings = settings
        self.net = CSNet(settings, dims=dims, tags=tags.shape[1], classes=classes.shape[1])
        self.register_buffer("tags", tags, persistent=False)
        self.register_buffer("classes", classes, persistent=False)
        self._maps, self._assign = maps, assign
        self._single_label = bool((classes.sum(1) == 1).all())
        self._augment = Augmenter(settings.recipe.augment, seed)

    def begin_epoch(self, epoch: int) -> None:
        """Draw this epoch's augmentation from a generator of its own."""
        self._augment.begin_epoch(epoch)

    def forward(self, positions: Tensor) -> Terms:
        """Return "loss" and its terms."""
        maps = self._augment(self._maps.batch(positions))
        found = self.net(maps)
        places = positions.to(self.tags.device)
        assigned = self._assign(found.tags.detach().log_softmax(2), self.tags[places])
        terms = {
            "tags": tag_loss(found.tags, assigned),
            "locating": locating_loss(found.theta),
            "scale": scale_loss(
                found.theta,
                smallest=self.settings.scale.smallest,
                largest=self.settings.scale.largest,
            ),
            "inside": inside_loss(found.theta),
        }
        if self.classes.shape[1] and self.settings.weights.classes:
            terms["classes"] = classification_loss(
                found.classes, self.classes[places], single_label=self._single_label
            )
        weights = self.settings.weights
        loss = (
            terms["tags"]
            + weights.locating * terms["locating"]
            + weights.scale * terms["scale"]
            + weights.inside * terms["inside"]
        )
        if "classes" in terms:
            loss = loss + weights.classes * terms["classes"]
        return {"loss": loss, **terms}


def weights_of(task: nn.Module) -> dict[str, Tensor]:
    """Return the network's weights on the CPU."""
    net: nn.Module = task.net  # type: ignore[assignment]
    return {name: value.cpu() for name, value in net.state_dict().items()}
