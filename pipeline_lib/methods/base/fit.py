"""Train and score the plain backbone, the first row of every table.

With ``auxiliary_tags`` the backbone learns the tags of the training images beside their classes:
multi-task learning with hard parameter sharing (Caruana, 1997), the least that a method has to pass
which reads tags to tell classes.
"""

from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from pipeline_lib.errors import InputError
from pipeline_lib.methods.base.liveness import of_training
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
    """Cross-entropy of the images at the given positions, and that of their tags.

    Args:
        network: what is trained.
        data: with tags, where these are learned too.
        augmentation: of images.
        seed: of the augmentation.
        auxiliary_tags: weight of the tags' loss.

    Raises:
        InputError: there are no tags to learn.
    """

    targets: Tensor
    tags: Tensor

    def __init__(
        self,
        network: BaseNetwork,
        data: Data[Tensor],
        *,
        augmentation: str,
        seed: int,
        auxiliary_tags: float = 0.0,
    ) -> None:
        super().__init__()
        self.network = network
        self.register_buffer("targets", data.targets, persistent=False)
        self.auxiliary: nn.Linear | None = None
        self._weight = auxiliary_tags
        if auxiliary_tags:
            self.register_buffer("tags", _carried(data), persistent=False)
            self.auxiliary = nn.Linear(network.head.in_features, self.tags.shape[1])
        self._data = data
        self._augment = Augmenter(augmentation, seed)

    def begin_epoch(self, epoch: int) -> None:
        """Draw this epoch's augmentation from a generator of its own."""
        self._augment.begin_epoch(epoch)

    def forward(self, positions: Tensor) -> Terms:
        """Return "loss", the cross-entropy; with tags also both terms of it."""
        images = self._augment(self._data.train.batch(positions))
        self.images_encoded += len(images)
        terms = self.terms(pooled(self.network.encoder, images), positions)
        if self.auxiliary is None:
            return {"loss": terms["classes"]}
        return {"loss": terms["classes"] + terms["tags"], **terms}

    def terms(self, features: Float[Tensor, "batch dims"], positions: Tensor) -> Terms:
        """Return the cross-entropy of "classes", and with a second head of "tags", weighted."""
        targets = self.targets[positions.to(self.targets.device)]
        single_label = self._data.single_label
        logits = self.network.head(features)
        classes = classification_loss(logits, targets, single_label=single_label)
        if self.auxiliary is None:
            return {"classes": classes}
        carried = self.tags[positions.to(self.tags.device)]
        named = classification_loss(self.auxiliary(features), carried, single_label=False)
        return {"classes": classes, "tags": self._weight * named}


def _carried(data: Data[Tensor]) -> Float[Tensor, "train tags"]:
    """Return the tags that some training image carries; of others nothing is to be learned."""
    if data.tags is None:
        raise InputError(
            "training: auxiliary_tags is above 0, and no tags go with the classes of the training "
            "images, expected a run that predicts classes of a data set with tags; set "
            "auxiliary_tags to 0.0"
        )
    return data.tags[:, data.tags.any(0)]


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
    task = BaseTask(
        network,
        data,
        augmentation=settings.recipe.augment,
        seed=seed,
        auxiliary_tags=settings.auxiliary_tags,
    )
    history = train(task, len(data.train), settings.recipe, seed=seed, run=run)
    readings = of_training(task, data, settings.recipe.batch_size)
    return Fitted.of(network, network.evaluate(data), history, liveness=readings)
