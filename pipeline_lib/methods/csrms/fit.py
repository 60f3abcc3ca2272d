"""Train CSRMS (Sec. 4.2.3-4.3) and score it."""

from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from pipeline_lib.methods.csrms import liveness
from pipeline_lib.methods.csrms.knowledge import Relations
from pipeline_lib.methods.csrms.model import CsrmsModel
from pipeline_lib.methods.csrms.settings import MIXING, Settings
from pipeline_lib.methods.csrms.task import CsrmsTask
from pipeline_lib.training.data import Data
from pipeline_lib.training.fitted import Fitted
from pipeline_lib.training.loop import Run, processes, train
from pipeline_lib.training.network import Problem, built

if TYPE_CHECKING:
    from collections.abc import Mapping


KNOWLEDGE = ("relations",)


def build(
    problem: Problem[Tensor],
    knowledge: "Mapping[str, Tensor]",
    encoder: nn.Module,
    settings: Settings,
) -> CsrmsModel:
    """Put smoothing, an empty bank and both classifiers on the encoder."""
    return CsrmsModel(
        encoder,
        settings,
        classes=problem.classes,
        train_images=problem.train_images,
        single_label=problem.single_label,
    )


def fit(
    data: Data[Tensor],
    knowledge: "Mapping[str, Tensor]",
    encoder: nn.Module,
    settings: Settings,
    *,
    seed: int,
    run: Run,
) -> Fitted:
    """Train on anchors with their positives and negatives; score every evaluation split."""
    torch.manual_seed(seed)
    relations = Relations.of(knowledge).by_lot(settings, data.targets, seed=seed)
    model = built(build, data, knowledge, encoder, settings)
    task = CsrmsTask(model, data, relations, settings, seed=seed)
    history = train(task, len(data.train), settings.recipe, seed=seed, run=run)
    last = task.finish()
    first = len(data.train) if settings.lists == "bank" and model.remembers else 0
    return Fitted.of(
        model,
        model.evaluate(data),
        history,
        leaks=_leaks(settings),
        encoded={
            "first bank": float(first * processes()),
            "last refresh": float(last * processes()),
        },
        liveness=[
            *model.readings(data),
            *liveness.of_training(task, data, settings.recipe.batch_size),
        ],
        facts={"alpha_i": float(task.schedule.alpha_i), "alpha_f": float(task.schedule.alpha_f)},
    )


def _leaks(settings: Settings) -> list[str]:
    """Name the settings under which labels of training images enter or teach their own logits."""
    leaks = []
    if settings.classify == "paper" and isinstance(settings.smoothing, MIXING):
        leaks.append("classify: paper")
    if settings.weights.positives > 0 and settings.positives.head == "shared":
        leaks.append("positives.head: shared")
    if settings.alignment is not None and settings.alignment.prototype == "label":
        leaks.append("alignment.prototype: label")
    return leaks
