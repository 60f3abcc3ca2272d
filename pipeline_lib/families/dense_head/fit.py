"""Train and score a head that reads feature maps and gives a logit per label."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import TypeVar

import torch
from torch import Tensor, nn

from pipeline_lib.families.dense_head.label_graph import LabelGraph
from pipeline_lib.families.dense_head.settings import HeadSettings
from pipeline_lib.nn.classification import classification_loss
from pipeline_lib.nn.shapes import Float
from pipeline_lib.training.augment import Augmenter
from pipeline_lib.training.data import Data, Pictures
from pipeline_lib.training.fitted import Fitted
from pipeline_lib.training.loop import Run, Task, Terms, train
from pipeline_lib.training.network import Network, Problem, Scores
from pipeline_lib.training.trunk import BATCH, Trunk

S = TypeVar("S", bound=HeadSettings)
N = TypeVar("N", bound="HeadNetwork")
Loss = Callable[[Tensor, Tensor], Tensor]
"""Of logits and multi-hot targets (batch, labels) each; a mean over the batch."""
BINARY: Loss = partial(classification_loss, single_label=False)
"""Binary cross-entropy, averaged over images and labels: each label is a question of its own."""


class HeadNetwork(Network):
    """A head on feature maps.

    ``head(maps)`` returns logits (batch, labels) and what they were read from (batch, dims).
    """

    def __init__(self, trunk: Trunk, head: nn.Module) -> None:
        super().__init__()
        self.trunk, self.head = trunk, head

    def forward(self, inputs: Tensor) -> Float[Tensor, "batch labels"]:
        """Return the logits of images, or of maps."""
        logits: Tensor = self.head(self.trunk(inputs))[0]
        return logits

    def score(self, pictures: Pictures[Tensor]) -> Scores:
        """Score pictures."""
        self.eval()
        with torch.inference_mode():
            found = [self.head(self.trunk(batch)) for batch in pictures.batches(BATCH)]
        logits, features = zip(*found, strict=True)
        return Scores(torch.cat(logits).cpu(), torch.cat(features).cpu())


def build_head(
    network: Callable[[Trunk, nn.Module], N],
    head: Callable[[int, LabelGraph, S], nn.Module],
    problem: Problem[Tensor],
    knowledge: Mapping[str, Tensor],
    encoder: nn.Module,
    settings: S,
) -> N:
    """Put a head of the labels' graph, ``head(channels, graph, settings)``, on the encoder."""
    trunk = Trunk(encoder, problem.example, trained=settings.trunk)
    graph = LabelGraph.of(knowledge, problem.classes)
    return network(trunk, head(trunk.dims, graph, settings))


class HeadTask(Task):
    """The loss of a head on feature maps."""

    targets: Tensor

    def __init__(
        self,
        network: HeadNetwork,
        data: Data[Tensor],
        *,
        augmentation: str,
        seed: int,
        loss: Loss = BINARY,
    ) -> None:
        super().__init__()
        self.network, self._loss = network, loss
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
        targets = self.targets[positions.to(self.targets.device)]
        return {"loss": self._loss(self.network(inputs), targets)}


def fit_head(
    network: HeadNetwork,
    data: Data[Tensor],
    settings: HeadSettings,
    *,
    seed: int,
    run: Run,
    loss: Loss = BINARY,
) -> Fitted:
    """Train the head, and the trunk as far as it is to be; score every evaluation split."""
    if settings.standardise:
        network.trunk.standardise(data.train)
    recipe = settings.recipe
    task = HeadTask(network, data, augmentation=recipe.augment, seed=seed, loss=loss)
    history = train(task, len(data.train), recipe, seed=seed, run=run)
    scores = network.evaluate(data)
    return Fitted.of(network, scores, history, liveness=network.readings(data))
