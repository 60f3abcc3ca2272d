"""Train and score the plain backbone, the first row of every table."""

from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from pipeline_lib.nn.classification import classification_loss
from pipeline_lib.training.augment import Augmenter
from pipeline_lib.training.data import Data
from pipeline_lib.training.encoding import encode, pooled, width
from pipeline_lib.training.fitted import Fitted
from pipeline_lib.training.loop import Run, Task, Terms, train

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipeline_lib.params.base import Base


class BaseTask(Task):
    """Cross-entropy of the images at the given positions."""

    targets: Tensor

    def __init__(
        self, encoder: nn.Module, data: Data[Tensor], *, augmentation: str, seed: int
    ) -> None:
        super().__init__()
        self.encoder = encoder
        self.head = nn.Linear(width(encoder), data.classes)
        self.register_buffer("targets", data.targets, persistent=False)
        self._data = data
        self._augment = Augmenter(augmentation, seed)

    def begin_epoch(self, epoch: int) -> None:
        """Draw this epoch's augmentation from a generator of its own."""
        self._augment.begin_epoch(epoch)

    def forward(self, positions: Tensor) -> Terms:
        """Return the cross-entropy as "loss"."""
        images = self._augment(self._data.train.batch(positions))
        self.images_encoded += len(images)
        logits = self.head(pooled(self.encoder, images))
        targets = self.targets[positions.to(self.targets.device)]
        loss = classification_loss(logits, targets, single_label=self._data.single_label)
        return {"loss": loss}


def fit(
    data: Data[Tensor],
    knowledge: "Mapping[str, Tensor]",
    encoder: nn.Module,
    settings: "Base",
    *,
    seed: int,
    run: Run,
) -> Fitted:
    """Train the encoder with a linear classifier, and score every evaluation split."""
    torch.manual_seed(seed)
    task = BaseTask(encoder, data, augmentation=settings.recipe.augment, seed=seed)
    history = train(task, len(data.train), settings.recipe, seed=seed, run=run)
    features = {split: encode(encoder, p) for split, p in data.evaluation.items()}
    with torch.inference_mode():
        logits = {split: task.head(f).cpu() for split, f in features.items()}
    return Fitted(
        state={k: v.cpu() for k, v in task.state_dict().items() if k != "images_encoded"},
        logits=logits,
        features={split: f.cpu() for split, f in features.items()},
        history=history,
    )
