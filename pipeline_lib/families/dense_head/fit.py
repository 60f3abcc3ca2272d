"""Train and score a head that reads feature maps and gives a logit per label."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from pipeline_lib.nn.classification import classification_loss
from pipeline_lib.training.augment import Augmenter
from pipeline_lib.training.data import Data, Pictures
from pipeline_lib.training.fitted import Fitted
from pipeline_lib.training.loop import Run, Task, Terms, train
from pipeline_lib.training.trunk import BATCH, Trunk

if TYPE_CHECKING:
    from pipeline_lib.params.recipe import Recipe

Loss = Callable[[Tensor, Tensor], Tensor]
"""Of logits and multi-hot targets (batch, labels) each; a mean over the batch."""
BINARY: Loss = partial(classification_loss, single_label=False)
"""Binary cross-entropy, averaged over images and labels: each label is a question of its own."""


class HeadTask(Task):
    """The loss of a head on feature maps.

    ``head(maps)`` returns logits (batch, labels) and what they were read from (batch, dims).
    """

    targets: Tensor

    def __init__(
        self,
        trunk: Trunk,
        head: nn.Module,
        data: Data[Tensor],
        *,
        augmentation: str,
        seed: int,
        loss: Loss = BINARY,
    ) -> None:
        super().__init__()
        self.trunk, self.head, self._loss = trunk, head, loss
        self.register_buffer("targets", data.targets, persistent=False)
        self._data = data
        self._augment = Augmenter(augmentation, seed)

    def begin_epoch(self, epoch: int) -> None:
        """Draw this epoch's augmentation from a generator of its own."""
        self._augment.begin_epoch(epoch)

    def forward(self, positions: Tensor) -> Terms:
        """Return the loss as "loss"."""
        inputs = self._augment(self._data.train.batch(positions))
        self.images_encoded += len(inputs)
        logits, _ = self.head(self.trunk(inputs))
        targets = self.targets[positions.to(self.targets.device)]
        return {"loss": self._loss(logits, targets)}

    def score(self, pictures: Pictures[Tensor]) -> tuple[Tensor, Tensor]:
        """Return the logits of all pictures and what they were read from, on the CPU."""
        self.eval()
        with torch.inference_mode():
            found = [self.head(self.trunk(batch)) for batch in pictures.batches(BATCH)]
        logits, features = zip(*found, strict=True)
        return torch.cat(logits).cpu(), torch.cat(features).cpu()


def fit_head(
    trunk: Trunk,
    head: nn.Module,
    data: Data[Tensor],
    recipe: "Recipe",
    *,
    seed: int,
    run: Run,
    loss: Loss = BINARY,
) -> Fitted:
    """Train the head, and the trunk as far as it is to be; score every evaluation split."""
    task = HeadTask(trunk, head, data, augmentation=recipe.augment, seed=seed, loss=loss)
    history = train(task, len(data.train), recipe, seed=seed, run=run)
    scored = {split: task.score(pictures) for split, pictures in data.evaluation.items()}
    return Fitted(
        state=_kept(task.state_dict()),
        logits={split: logits for split, (logits, _) in scored.items()},
        features={split: features for split, (_, features) in scored.items()},
        history=history,
    )


def _kept(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {name: value.cpu() for name, value in state.items() if name != "images_encoded"}
