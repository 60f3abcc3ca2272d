"""Fit a method that is told labels by name: its stages, its scores, what figures show of it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from pipeline_lib.families.open_vocabulary.liveness import head_readings, loss_readings
from pipeline_lib.families.open_vocabulary.losses import LabelLoss, build_loss
from pipeline_lib.families.open_vocabulary.network import OpenNetwork
from pipeline_lib.families.open_vocabulary.prompts import PromptTask, TunedPrompt
from pipeline_lib.families.open_vocabulary.selection import VAL, validation
from pipeline_lib.families.open_vocabulary.settings import Loss, OpenSettings, Tuning
from pipeline_lib.families.open_vocabulary.student import Teacher
from pipeline_lib.families.open_vocabulary.task import OpenTask
from pipeline_lib.families.open_vocabulary.untrained import untrained
from pipeline_lib.families.open_vocabulary.vocabulary import Vocabulary
from pipeline_lib.settings.recipe import Recipe
from pipeline_lib.training.checkpoints import Checkpoints
from pipeline_lib.training.data import Data, Pictures
from pipeline_lib.training.determinism import make_deterministic
from pipeline_lib.training.fitted import Fitted
from pipeline_lib.training.liveness import Reading
from pipeline_lib.training.loop import Run, train

TEST = "test"
EXPLAINED, SHOWN = 24, 8  # test images that figures show, and labels of each, the likeliest first
OF_ALL = ("attention", "histogram")  # what a head explains of all images together


def fit_open(
    network: OpenNetwork,
    data: Data[Tensor],
    towers: Any,
    settings: OpenSettings,
    *,
    seed: int,
    run: Run,
) -> Fitted:
    """Train the student and the head, then the prompt where it is tuned; score every split.

    Where neither has anything to train, the network is scored as it is: a method's control.
    """
    make_deterministic()
    towers.to(run.device)
    network.to(run.device)
    teacher = None
    if settings.distillation > 0 and settings.student.trained_blocks > 0:
        varied = settings.recipe.augment != "none"
        teacher = Teacher(towers.visual, data.train, varied=varied)
    loss = loss_of(data, network.vocabulary, settings.loss, settings.recipe.epochs)
    task = OpenTask(network, loss, data, teacher, settings, seed=seed)
    torch.manual_seed(seed)
    if any(group["params"] for group in task.groups(settings.recipe)):
        validate = validation(network, data) if settings.select == "best" else None
        history = train(
            task, len(data.train), settings.recipe, seed=seed, run=run, validate=validate
        )
    else:  # a frozen tower, and a head without weights
        loss.to(run.device).begin_epoch(0)
        history = untrained(network, data, loss, batch_size=settings.recipe.batch_size)
    pulls, encoded = loss_readings(task, data), dict[str, float]()
    if teacher is not None:
        encoded["teacher"] = teacher.encoded or history[-1]["images_encoded"]
    if "val" in history[-1]:
        encoded["choice of the epoch"] = float(len(data.evaluation[VAL]) * len(history))
    if network.prompt is not None and isinstance(settings.prompts, Tuning):
        recipe = settings.recipe.shortened(epochs=settings.prompts.epochs, lr=settings.prompts.lr)
        loss = loss_of(data, network.vocabulary, settings.loss, recipe.epochs)
        more = _tune(network, network.prompt, data, loss, recipe, seed=seed, run=run)
        history += _continued(more, history)
    return scored(network, data, towers, history=history, loss=loss, encoded=encoded, pulls=pulls)


def loss_of(data: Data[Tensor], vocabulary: Vocabulary, settings: Loss, epochs: int) -> LabelLoss:
    """Return the loss of the seen labels."""
    seen = vocabulary.seen.cpu()
    oracle = None if data.oracle is None else data.oracle[:, seen]
    return build_loss(settings, observed=data.targets[:, seen], oracle=oracle, epochs=epochs)


def scored(
    network: OpenNetwork,
    data: Data[Tensor],
    towers: Any,
    *,
    history: list[dict[str, float]],
    loss: LabelLoss,
    pulls: Sequence[Reading] = (),
    **more: Any,
) -> Fitted:
    """Score every evaluation split with what differs from the towers, which is kept."""
    network.scale.load_state_dict(loss.logits.state_dict())
    scores = network.evaluate(data)
    return Fitted.of(
        network,
        scores,
        history,
        state=network.moved(towers.visual),
        leaks=list(loss.leaks),
        liveness=[*head_readings(network, data), *pulls],
        extras=_explained(network, data.evaluation, scores[TEST].logits),
        **more,
    )


def _tune(
    network: OpenNetwork,
    prompt: TunedPrompt,
    data: Data[Tensor],
    loss: LabelLoss,
    recipe: Recipe,
    *,
    seed: int,
    run: Run,
) -> list[dict[str, float]]:
    """Train the prompt alone, with checkpoints of its own, and let labels have its vectors."""
    network.student.requires_grad_(False)
    network.head.requires_grad_(False)
    task = PromptTask(network.student, network.head, prompt, loss, data, network.vocabulary)
    kept = Checkpoints(run.checkpoints.folder / "prompts") if run.checkpoints else None
    second = replace(run, checkpoints=kept, label=f"{run.label}, prompt")
    history = train(task, len(data.train), recipe, seed=seed, run=second)
    network.put_prompt()
    return history


def _continued(
    more: list[dict[str, float]], before: list[dict[str, float]]
) -> list[dict[str, float]]:
    """Count epochs and images on from the first stage."""
    last = before[-1]
    return [
        record
        | {
            "epoch": record["epoch"] + last["epoch"] + 1,
            "images_encoded": record["images_encoded"] + last["images_encoded"],
        }
        for record in more
    ]


@torch.no_grad()
def _explained(
    network: OpenNetwork, evaluation: Mapping[str, Pictures[Tensor]], scores: Tensor
) -> dict[str, Tensor]:
    """Return what figures show of some test images: spread evenly, each with its likeliest labels.

    "images" (images,), positions in the test split; "labels" (images, shown); and what the head's
    ``explain`` says: of each image (images, labels, …) at those labels, of all as it is.
    """
    pictures = evaluation[TEST]
    count = min(EXPLAINED, len(pictures))
    positions = torch.linspace(0, len(pictures) - 1, count).round().long()
    top = scores[positions].topk(min(SHOWN, scores.shape[1]), dim=1).indices
    found = {"images": positions, "labels": top}
    explain: Any = getattr(network.head, "explain", None)
    if explain is not None:
        labels = network.vocabulary.gzsl()
        told: Mapping[str, Tensor] = explain(network.student(pictures.batch(positions)), labels)
        for name, value in told.items():
            shown = value.cpu()
            if name not in OF_ALL:
                index = top.view(*top.shape, *[1] * (value.ndim - 2))
                shown = shown.take_along_dim(index, 1)
            found[name] = shown
    return {name: value.contiguous() for name, value in found.items()}
