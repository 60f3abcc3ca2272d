"""Images with one known positive each, and a linear task to try label losses on."""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from pipeline_lib.families.open_vocabulary.losses import LabelLoss, build_loss
from pipeline_lib.families.open_vocabulary.settings import Loss
from pipeline_lib.params.section import checked
from pipeline_lib.settings.group import Group
from pipeline_lib.training.loop import Task, Terms

IMAGES, LABELS, DIMS, EPOCHS = 22, 5, 6, 6
OWN: dict[str, dict[str, Any]] = {  # of each loss, beside its scale
    "ranking": {"margin": 1.0, "pairs": "all"},
    "an": {},
    "wan": {},
    "an_ls": {"smoothing": 0.1},
    "epr": {"positives": 1.5},
    "role": {"positives": 1.5, "spread": 0.1, "known": 0.995, "lr_factor": 10.0},
    "iun": {},
    "em": {"alpha": 0.2},
    "em_apl": {"alpha": 0.2, "beta": 0.9, "share": 0.9, "warmup_epochs": 2},
}
NAMES = tuple(OWN)
FIXED = {"name": "fixed"}


def learned(**changes: Any) -> dict[str, Any]:
    """A learned scale as params.yaml says it."""
    return {"name": "learned", "start": 10.0, "shift": 0.0, "lr_factor": 10.0} | changes


def section(name: str, **changes: Any) -> dict[str, Any]:
    """A loss as params.yaml says it, of scores as they are."""
    scale = {} if name == "ranking" else {"scale": FIXED}
    return {"name": name} | scale | OWN[name] | changes


def settings(name: str, **changes: Any) -> Any:
    """The same, checked."""
    return checked(Lossy, {"loss": section(name, **changes)}).loss


@dataclass(frozen=True, kw_only=True)
class Lossy(Group):
    """What holds a loss."""

    loss: Loss


def truth() -> Tensor:
    """All labels of every image, at least one."""
    generator = torch.Generator().manual_seed(5)
    first = torch.eye(LABELS)[torch.arange(IMAGES) % LABELS]
    return ((torch.rand(IMAGES, LABELS, generator=generator) < 0.3) | (first > 0)).float()


def observed() -> Tensor:
    """One of them."""
    return torch.eye(LABELS)[torch.arange(IMAGES) % LABELS]


def built(name: str, *, epochs: int = EPOCHS, **changes: Any) -> LabelLoss:
    own = settings(name, **changes)
    return build_loss(own, observed=observed(), oracle=truth(), epochs=epochs)


class Linear(Task):
    """A linear classifier of points that give their labels away."""

    def __init__(self, name: str, *, stop_after: int | None = None) -> None:
        super().__init__()
        torch.manual_seed(1)
        self.net = torch.nn.Linear(DIMS, LABELS)
        self.loss = built(name)
        noise = torch.randn(IMAGES, DIMS, generator=torch.Generator().manual_seed(2))
        self.x = 0.3 * noise + torch.nn.functional.pad(truth(), (0, DIMS - LABELS))
        self.stop_after = stop_after

    def begin_epoch(self, epoch: int) -> None:
        if epoch == self.stop_after:
            raise KeyboardInterrupt
        self.loss.begin_epoch(epoch)

    def forward(self, positions: Tensor) -> Terms:
        self.images_encoded += len(positions)
        return {"loss": self.loss(self.net(self.x[positions]), positions)}
