"""Train CSRMS (Sec. 4.2.3-4.3) and score it."""

from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from pipeline_lib.methods.csrms.knowledge import Relations
from pipeline_lib.methods.csrms.task import CsrmsTask
from pipeline_lib.training.data import Data
from pipeline_lib.training.encoding import encode
from pipeline_lib.training.fitted import Fitted
from pipeline_lib.training.loop import Run, processes, train

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipeline_lib.params.csrms import Csrms


def fit(
    data: Data[Tensor],
    knowledge: "Mapping[str, Tensor]",
    encoder: nn.Module,
    settings: "Csrms",
    *,
    seed: int,
    run: Run,
) -> Fitted:
    """Train on anchors with their positives and negatives; score every evaluation split."""
    torch.manual_seed(seed)
    relations = Relations.of(knowledge)
    task = CsrmsTask(encoder, data, relations, settings, seed=seed)
    history = train(task, len(data.train), settings.recipe, seed=seed, run=run)
    trained = float(task.images_encoded)
    task.finish()
    logits, features = {}, {}
    with torch.inference_mode():
        for split, pictures in data.evaluation.items():
            scores, final = task.model.score(encode(encoder, pictures))
            logits[split], features[split] = scores.cpu(), final.cpu()
    return Fitted(
        state={name: value.cpu() for name, value in task.model.state_dict().items()},
        logits=logits,
        features=features,
        history=history,
        leaks=_leaks(settings),
        encoded={"last refresh": (float(task.images_encoded) - trained) * processes()},
        facts={"alpha_i": float(task.schedule.alpha_i), "alpha_f": float(task.schedule.alpha_f)},
    )


def _leaks(settings: "Csrms") -> list[str]:
    """Name the settings under which the label of a training image enters its own logits."""
    leaks = []
    if settings.classify == "paper" and settings.smoothing.kind not in ("none", "js_loss"):
        leaks.append("classify: paper")
    if settings.alignment.prototype == "label":
        leaks.append("alignment.prototype: label")
    return leaks
