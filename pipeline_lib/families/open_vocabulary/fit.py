"""Fit a method that is told labels by name: its stages, its scores, what figures show of it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from pipeline_lib.families.open_vocabulary.losses import LabelLoss, build_loss
from pipeline_lib.families.open_vocabulary.prompts import PromptTask, TunedPrompt
from pipeline_lib.families.open_vocabulary.student import Student, Teacher
from pipeline_lib.families.open_vocabulary.task import OpenTask, score
from pipeline_lib.families.open_vocabulary.vocabulary import Vocabulary
from pipeline_lib.training.checkpoints import Checkpoints
from pipeline_lib.training.data import Data, Pictures
from pipeline_lib.training.determinism import make_deterministic
from pipeline_lib.training.fitted import Fitted
from pipeline_lib.training.loop import Run, train

if TYPE_CHECKING:
    from pipeline_lib.params.open_vocabulary import OpenSection

TEST = "test"
EXPLAINED, SHOWN = 24, 8  # test images that figures show, and labels of each, the likeliest first
OF_ALL = ("attention", "histogram")  # what a head explains of all images together


def fit_open(
    head: nn.Module,
    data: Data[Tensor],
    knowledge: Mapping[str, Tensor],
    encoder: nn.Module,
    settings: "OpenSection",
    *,
    seed: int,
    run: Run,
    relation: str = "merged",
) -> Fitted:
    """Train the student and the head, then the prompt where it is tuned; score every split."""
    make_deterministic()
    towers: Any = encoder.to(run.device)
    vocabulary = vocabulary_of(data, knowledge, towers, settings, run.device, relation)
    student = Student(towers.visual, settings.student).to(run.device)
    teacher = None
    if settings.distillation > 0 and settings.student.trained_blocks > 0:
        varied = settings.recipe.augment != "none"
        teacher = Teacher(towers.visual, data.train, varied=varied)
    loss = loss_of(data, vocabulary, settings, settings.recipe.epochs)
    labels = vocabulary.training()
    task = OpenTask(student, head, loss, data, labels, teacher, settings, seed=seed)
    torch.manual_seed(seed)
    history = train(task, len(data.train), settings.recipe, seed=seed, run=run)
    encoded = {}
    if teacher is not None:
        encoded["teacher"] = teacher.encoded or history[-1]["images_encoded"]
    state = _state(student, head, towers.visual)
    if settings.prompts.mode == "tuning":
        prompt, more = _tuned(student, head, towers, data, vocabulary, settings, seed=seed, run=run)
        with torch.no_grad():
            rows = torch.arange(len(vocabulary.texts), device=run.device)
            vocabulary = replace(vocabulary, texts=prompt(rows))
        state["prompt.words"] = prompt.words.detach().cpu()
        history += _continued(more, history)
    found = scored(student, head, data, vocabulary, state=state, history=history, loss=loss)
    return replace(found, encoded=encoded)


def vocabulary_of(
    data: Data[Tensor],
    knowledge: Mapping[str, Tensor],
    towers: Any,
    settings: "OpenSection",
    device: str,
    relation: str = "merged",
) -> Vocabulary:
    """Return what is known of the labels, on the device."""
    mode = settings.prompts.mode
    return Vocabulary.of(
        knowledge, data.classes, dims=towers.dims, mode=mode, relation=relation
    ).to(device)


def loss_of(
    data: Data[Tensor], vocabulary: Vocabulary, settings: "OpenSection", epochs: int
) -> LabelLoss:
    """Return the loss of the seen labels."""
    seen = vocabulary.seen.cpu()
    oracle = None if data.oracle is None else data.oracle[:, seen]
    return build_loss(
        settings.loss,
        observed=data.targets[:, seen],
        oracle=oracle,
        settings=settings,
        epochs=epochs,
    )


def scored(
    visual: nn.Module,
    head: nn.Module,
    data: Data[Tensor],
    vocabulary: Vocabulary,
    *,
    state: dict[str, Tensor],
    history: list[dict[str, float]],
    loss: LabelLoss,
) -> Fitted:
    """Score every evaluation split for all labels, and for the unseen ones alone."""
    calls = [vocabulary.gzsl()]
    if len(vocabulary.unseen):
        calls.append(vocabulary.zsl())
    found = {split: score(visual, head, p, calls) for split, p in data.evaluation.items()}
    return Fitted(
        state=state,
        logits={split: scores[0] for split, (scores, _) in found.items()},
        features={split: pooled for split, (_, pooled) in found.items()},
        history=history,
        zsl={split: scores[1] for split, (scores, _) in found.items() if len(calls) > 1},
        leaks=list(loss.leaks),
        extras=_explained(visual, head, data.evaluation, vocabulary, found[TEST][0][0]),
    )


def _tuned(
    student: Student,
    head: nn.Module,
    towers: Any,
    data: Data[Tensor],
    vocabulary: Vocabulary,
    settings: "OpenSection",
    *,
    seed: int,
    run: Run,
) -> tuple[TunedPrompt, list[dict[str, float]]]:
    """Train the prompt alone, with checkpoints of its own."""
    student.requires_grad_(False)
    head.requires_grad_(False)
    recipe = settings.recipe.model_copy(
        update={
            "epochs": settings.prompts.epochs,
            "lr": settings.prompts.lr,
            "warmup_epochs": 0,
            "min_lr": 0.0,
        }
    )
    prompt = TunedPrompt(towers.text, vocabulary)
    loss = loss_of(data, vocabulary, settings, recipe.epochs)
    task = PromptTask(student, head, prompt, loss, data, vocabulary)
    kept = Checkpoints(run.checkpoints.folder / "prompts") if run.checkpoints else None
    second = replace(run, checkpoints=kept, label=f"{run.label}, prompt")
    return prompt, train(task, len(data.train), recipe, seed=seed, run=second)


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


def _state(student: Student, head: nn.Module, start: nn.Module) -> dict[str, Tensor]:
    """Return what differs from the tower it started from, ``start``, and the head.

    Statistics of batch norms move without a gradient; whoever has the tower and the state has the
    student.
    """
    known, trained_names = start.state_dict(), set(student.trained_names)
    trained = {
        f"student.{name}": value
        for name, value in student.visual.state_dict().items()
        if name in trained_names or not torch.equal(value, known[name])
    }
    own = {f"head.{name}": value for name, value in head.state_dict().items()}
    return {name: value.detach().cpu() for name, value in (trained | own).items()}


@torch.no_grad()
def _explained(
    visual: nn.Module,
    head: nn.Module,
    evaluation: Mapping[str, Pictures[Tensor]],
    vocabulary: Vocabulary,
    scores: Tensor,
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
    explain: Any = getattr(head, "explain", None)
    if explain is not None:
        labels = vocabulary.gzsl()
        told: Mapping[str, Tensor] = explain(visual(pictures.batch(positions)), labels)
        for name, value in told.items():
            shown = value.cpu()
            if name not in OF_ALL:
                index = top.view(*top.shape, *[1] * (value.ndim - 2))
                shown = shown.take_along_dim(index, 1)
            found[name] = shown
    return {name: value.contiguous() for name, value in found.items()}
