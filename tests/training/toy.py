"""A small task that uses all a checkpoint must hold: momentum, dropout, batch norm, a buffer.

As a script it trains the task and writes the outcome: ``toy.py OUT [CHECKPOINTS [SECONDS]]`` waits
so many seconds after every epoch, so that a test can kill it in the middle.
"""

import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from pipeline_lib.progress import silent
from pipeline_lib.settings.recipe import ImageRecipe
from pipeline_lib.training.checkpoints import Checkpoints
from pipeline_lib.training.loop import Run, Task, Terms, train
from tests.recipes import COSINE, RECIPE, SGD, recipe_with
from tests.settled import settled

SAMPLES = 22
VALUES: dict[str, Any] = RECIPE | {
    "epochs": 5,
    "batch_size": 8,
    "optimizer": SGD | {"weight_decay": 1e-3},
    "schedule": COSINE,
}


def recipe(**changes: Any) -> ImageRecipe:
    return settled(ImageRecipe, recipe_with(VALUES, changes))


class Toy(Task):
    """Classify random points; ``curve`` remembers the last epoch's loss, which scales the next."""

    curve: Tensor

    def __init__(self, *, wait: float = 0.0, stop_after: int | None = None) -> None:
        super().__init__()
        torch.manual_seed(1)
        self.net = nn.Sequential(
            nn.Linear(4, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Dropout(0.3), nn.Linear(8, 2)
        )
        self.register_buffer("curve", torch.ones(()))
        self.x = torch.randn(SAMPLES, 4)
        self.y = (self.x.sum(1) > 0).long()
        self.wait, self.stop_after = wait, stop_after
        self.seen: list[list[int]] = []  # positions of every step
        self.epochs: list[int] = []

    def begin_epoch(self, epoch: int) -> None:
        if epoch == self.stop_after:
            raise KeyboardInterrupt
        self.epochs.append(epoch)

    def end_epoch(self, epoch: int, loss: float) -> None:
        self.curve.fill_(1 + loss)

    def forward(self, positions: Tensor) -> Terms:
        self.seen.append(positions.tolist())
        self.images_encoded += len(positions)
        logits = self.net(self.x[positions])
        loss = self.curve * nn.functional.cross_entropy(logits, self.y[positions])
        return {"loss": loss, "right": (logits.argmax(1) == self.y[positions]).float().mean()}


def run(checkpoints: Path | None = None, track: Any = silent) -> Run:
    kept = Checkpoints(checkpoints) if checkpoints else None
    return Run(device="cpu", track=track, label="toy", checkpoints=kept)


def outcome(task: Task, history: list[dict[str, float]]) -> dict[str, np.ndarray]:
    """Everything that two runs must agree on."""
    arrays = {name: value.numpy() for name, value in task.state_dict().items()}
    return arrays | {"history": np.frombuffer(json.dumps(history).encode(), np.uint8)}


def main(out: str, checkpoints: str | None = None, seconds: str = "0") -> None:
    class Slow(Toy):
        def begin_epoch(self, epoch: int) -> None:
            time.sleep(float(seconds))

    task = Slow()
    circumstances = run(Path(checkpoints) if checkpoints else None)
    history = train(task, SAMPLES, recipe(), seed=3, run=circumstances)
    np.savez(out, **outcome(task, history))


if __name__ == "__main__":
    main(*sys.argv[1:])
