"""Train and score a method that starts from a vision-language model and is told labels by name.

A *head* is a module ``head(seen, labels) -> scores (batch, scored)`` whose weights name no label,
so that it can be asked for labels that training never saw (families/open_vocabulary/vocabulary.py).
"""

from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from pipeline_lib.families.open_vocabulary.losses import LabelLoss
from pipeline_lib.families.open_vocabulary.student import BATCH, Student, Teacher
from pipeline_lib.families.open_vocabulary.vocabulary import Labels
from pipeline_lib.nn.shapes import Float
from pipeline_lib.nn.towers import Seen
from pipeline_lib.training.augment import Augmenter
from pipeline_lib.training.data import Data, Pictures
from pipeline_lib.training.loop import Task, Terms, by_decay

if TYPE_CHECKING:
    from pipeline_lib.params.open_vocabulary import OpenSection
    from pipeline_lib.params.recipe import Recipe


class OpenTask(Task):
    """Label loss, and the distance between student and teacher.

    L = L_cls + λ mean|f_student − f_teacher| (C2SRT Eq. 12, SigRL Eq. 14), of pooled vectors.
    """

    def __init__(
        self,
        student: Student,
        head: nn.Module,
        loss: LabelLoss,
        data: Data[Tensor],
        labels: Labels,
        teacher: Teacher | None,
        settings: "OpenSection",
        *,
        seed: int,
    ) -> None:
        super().__init__()
        self.student, self.head, self.loss = student, head, loss
        self._data, self._labels, self._teacher = data, labels, teacher
        self._distillation = settings.distillation
        self._augment = Augmenter(settings.recipe.augment, seed)

    def begin_epoch(self, epoch: int) -> None:
        """Draw this epoch's augmentation, and let the loss draw conclusions from the last one."""
        self._augment.begin_epoch(epoch)
        self.loss.begin_epoch(epoch)

    def groups(self, recipe: "Recipe") -> list[dict[str, Any]]:
        """Let the rate fall towards the stem; norms and biases do not decay."""
        rest = [p for p in self.head.parameters() if p.requires_grad]
        groups = [*self.student.groups(), {"params": rest, "lr_scale": 1.0}]
        parts = [part for group in groups for part in by_decay(group, recipe.weight_decay)]
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


@torch.no_grad()
def score(
    visual: nn.Module, head: nn.Module, pictures: Pictures[Tensor], calls: list[Labels]
) -> tuple[list[Float[Tensor, "images scored"]], Float[Tensor, "images dims"]]:
    """Return the scores of every call, and the pooled vectors, on the CPU.

    An image is encoded once for all calls.
    """
    visual.eval()
    head.eval()
    scores: list[list[Tensor]] = [[] for _ in calls]
    pooled = []
    for images in pictures.batches(BATCH):
        seen: Seen = visual(images)
        pooled.append(seen.pooled.float().cpu())
        for found, labels in zip(scores, calls, strict=True):
            found.append(head(seen, labels).float().cpu())
    return [torch.cat(found) for found in scores], torch.cat(pooled)
