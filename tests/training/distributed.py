"""Train a linear task under torchrun: ``distributed.py OUT``; every process writes its outcome."""

import os
import sys
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from pipeline_lib.families.open_vocabulary.single_positive import expected_positives
from pipeline_lib.training.loop import Task, Terms, train
from tests.training.toy import Toy, outcome, recipe, run

SAMPLES = 20  # in batches of 8, 8 and 4: two equal shares each
SETTINGS = recipe(batch_size=8, epochs=3, lr=0.1)


class Linear(Task):
    """Linear regression; the loss is a mean over samples."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.net = nn.Linear(3, 1)
        self.unused = nn.Parameter(torch.ones(2))  # a term that is switched off leaves some
        self.x, self.y = torch.randn(SAMPLES, 3), torch.randn(SAMPLES, 1)

    def forward(self, positions: Tensor) -> Terms:
        self.images_encoded += len(positions)
        difference = self.net(self.x[positions]) - self.y[positions]
        return {"loss": difference.square().mean(), "size": difference.abs().mean()}


class Counting(Linear):
    """The expected number of positives, whose error is squared for the whole batch."""

    def __init__(self) -> None:
        super().__init__()
        self.net = nn.Linear(3, 4)
        self.observed = torch.eye(4).repeat(SAMPLES // 4, 1)

    def forward(self, positions: Tensor) -> Terms:
        logits = self.net(self.x[positions])
        return {"loss": expected_positives(logits, self.observed[positions], expected=1.5)}


class Remembering(Linear):
    """Encodes all samples before every epoch, as memories are refreshed."""

    def begin_epoch(self, epoch: int) -> None:
        self.images_encoded += SAMPLES


def fitted(checkpoints: Path | None) -> tuple[Linear, list[dict[str, float]]]:
    task = Linear()
    return task, train(task, SAMPLES, SETTINGS, seed=0, run=run(checkpoints))


def uneven(kind: type[Linear]) -> dict[str, np.ndarray]:
    """Train in batches of 7, 7 and 6: one process of two gets four samples, the other three."""
    task = kind()
    settings = recipe(batch_size=7, epochs=3, lr=0.1)
    return outcome(task, train(task, SAMPLES, settings, seed=0, run=run()))


def main(out: Path) -> None:
    task, history = fitted(out / "checkpoints")
    np.savez(out / f"{os.environ['RANK']}.npz", **outcome(task, history))
    normed = Toy()  # batch norm refuses a single sample
    train(normed, 19, recipe(batch_size=8, epochs=1), seed=0, run=run())
    np.save(out / f"shares-{os.environ['RANK']}.npy", [len(share) for share in normed.seen])
    for kind in (Linear, Counting):
        np.savez(out / f"{kind.__name__}-{os.environ['RANK']}.npz", **uneven(kind))
    history = train(Remembering(), SAMPLES, SETTINGS, seed=0, run=run())
    np.save(out / f"encoded-{os.environ['RANK']}.npy", [e["images_encoded"] for e in history])
    torch.distributed.destroy_process_group()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
