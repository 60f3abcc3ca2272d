"""What a method that starts from a vision-language model, and is told labels by name, trains."""

from typing import Any

from torch import Tensor

from pipeline_lib.families.open_vocabulary.losses import LabelLoss
from pipeline_lib.families.open_vocabulary.network import OpenNetwork
from pipeline_lib.families.open_vocabulary.settings import OpenSettings
from pipeline_lib.families.open_vocabulary.student import Teacher
from pipeline_lib.settings.recipe import Recipe
from pipeline_lib.training.augment import Augmenter
from pipeline_lib.training.data import Data
from pipeline_lib.training.loop import Task, Terms, by_decay


class OpenTask(Task):
    """Label loss, and the distance between student and teacher.

    L = L_cls + λ mean|f_student − f_teacher| (C2SRT Eq. 12, SigRL Eq. 14), of pooled vectors.
    """

    def __init__(
        self,
        network: OpenNetwork,
        loss: LabelLoss,
        data: Data[Tensor],
        teacher: Teacher | None,
        settings: OpenSettings,
        *,
        seed: int,
    ) -> None:
        super().__init__()
        self.student, self.head, self.loss = network.student, network.head, loss
        self._data, self._labels, self._teacher = data, network.vocabulary.training(), teacher
        self._distillation = settings.distillation
        self._augment = Augmenter(settings.recipe.augment, seed)

    def begin_epoch(self, epoch: int) -> None:
        """Draw this epoch's augmentation, and let the loss draw conclusions from the last one."""
        self._augment.begin_epoch(epoch)
        self.loss.begin_epoch(epoch)

    def groups(self, recipe: Recipe) -> list[dict[str, Any]]:
        """Let the rate fall towards the stem; norms and biases do not decay."""
        rest = [p for p in self.head.parameters() if p.requires_grad]
        groups = [*self.student.groups(), {"params": rest, "lr_scale": 1.0}]
        parts = [
            part for group in groups for part in by_decay(group, recipe.optimizer.weight_decay)
        ]
        return parts + self.loss.groups()

    def forward(self, positions: Tensor) -> Terms:
        """Return "loss", "labels" and, of a student that is trained, "distillation"."""
        images = self._augment(self._data.train.batch(positions))
        self.images_encoded += len(images)
        seen = self.student(images)
        terms = {"labels": self.loss(self.head(seen, self._labels), positions)}
        if self._teacher is not None:
            known = self._teacher.pooled(positions, images)
            terms["distillation"] = (seen.pooled.float() - known).abs().mean()
            return {"loss": terms["labels"] + self._distillation * terms["distillation"], **terms}
        return {"loss": terms["labels"], **terms}
