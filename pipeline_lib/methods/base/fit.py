"""Train and score the plain backbone, the first row of every table."""

from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from pipeline_lib.methods.base.settings import Settings
from pipeline_lib.nn.classification import classification_loss
from pipeline_lib.nn.shapes import Float
from pipeline_lib.training.augment import Augmenter
from pipeline_lib.training.data import Data, Pictures
from pipeline_lib.training.encoding import encode, pooled, width
from pipeline_lib.training.fitted import Fitted
from pipeline_lib.training.loop import Run, Task, Terms, train
from pipeline_lib.training.network import Network, Problem, Scores, built

if TYPE_CHECKING:
    from collections.abc import Mapping


KNOWLEDGE: tuple[str, ...] = ()


class BaseNetwork(Network):
    """A backbone, its features pooled where it gives maps, and a linear classifier."""

    def __init__(self, encoder: nn.Module, classes: int) -> None:
        super().__init__()
        self.encoder = encoder
        self.head = nn.Linear(width(encoder), classes)

    def forward(self, inputs: Tensor) -> Float[Tensor, "batch classes"]:
        """Return the logits of images, or of maps."""
        logits: Tensor = self.head(pooled(self.encoder, inputs))
        return logits

    def score(self, pictures: Pictures[Tensor]) -> Scores:
        """Encode all pictures, then classify them at once."""
        features = encode(self.encoder, pictures)
        with torch.inference_mode():
            return Scores(self.head(features).cpu(), features.cpu())


class BaseTask(Task):
    """Cross-entropy of the images at the given positions."""

    targets: Tensor

    def __init__(
        self, network: BaseNetwork, data: Data[Tensor], *, augmentation: str, seed: int
    ) -> None:
        super().__init__()
        self.network = network
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
        targets = self.targets[positions.to(self.targets.device)]
        single_label = self._data.single_label
        return {
            "loss": classification_loss(self.network(images), targets, single_label=single_label)
        }


def build(
    problem: Problem[Tensor],
    knowledge: "Mapping[str, Tensor]",
    encoder: nn.Module,
    settings: Settings,
) -> BaseNetwork:
    """Put a new classifier on the encoder."""
    return BaseNetwork(encoder, problem.classes)


def fit(
    data: Data[Tensor],
    knowledge: "Mapping[str, Tensor]",
    encoder: nn.Module,
    settings: Settings,
    *,
    seed: int,
    run: Run,
) -> Fitted:
    """Train the encoder with a linear classifier, and score every evaluation split."""
    torch.manual_seed(seed)
    network = built(build, data, knowledge, encoder, settings)
    task = BaseTask(network, data, augmentation=settings.recipe.augment, seed=seed)
    history = train(task, len(data.train), settings.recipe, seed=seed, run=run)
    return Fitted.of(network, network.evaluate(data), history)
