"""Train the causal graph network of VSCNet and score it."""

from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from pipeline_lib.methods.vscnet.model import Prediction
from pipeline_lib.methods.vscnet.task import VscnetTask
from pipeline_lib.nn.knowledge import refuse_without
from pipeline_lib.training.data import Data, Pictures
from pipeline_lib.training.fitted import Fitted
from pipeline_lib.training.loop import Run, train

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pipeline_lib.params.vscnet import Vscnet

BATCH = 256  # images scored at a time
EXPLAINED = 256  # images of a split whose masks are kept, at even steps


def fit(
    data: "Data[Mapping[str, Tensor]]",
    knowledge: "Mapping[str, Tensor]",
    encoder: nn.Module,
    settings: "Vscnet",
    *,
    seed: int,
    run: Run,
) -> Fitted:
    """Train on cached regions and exemplars; score every evaluation split."""
    refuse_without(knowledge, "tags", stage="exemplars")
    torch.manual_seed(seed)
    task = VscnetTask(data, settings, tags=len(knowledge["tags"]), seed=seed)
    history = train(task, len(data.train), settings.recipe, seed=seed, run=run)
    logits, features = {}, {}
    extras: dict[str, Tensor] = {}
    with torch.inference_mode():
        for split, pictures in data.evaluation.items():
            found = list(_predict(task, pictures))
            logits[split] = torch.cat([p.logits.cpu() for p in found])
            features[split] = torch.cat([p.features.cpu() for p in found])
            extras |= {f"{split}/{k}": v for k, v in _explained(found).items()}
    return Fitted(
        state={name: value.cpu() for name, value in task.model.state_dict().items()},
        logits=logits,
        features=features,
        history=history,
        extras=extras,
    )


def _predict(
    task: VscnetTask, pictures: "Pictures[Mapping[str, Tensor]]"
) -> "Iterator[Prediction]":
    task.model.eval()
    for batch in pictures.batches(BATCH):
        yield task.model(batch)


def _explained(found: list[Prediction]) -> dict[str, Tensor]:
    """Return graphs and masks of some images, for figures; nothing where there is no graph.

    "images" (explained,) are positions in the split; "tags" (explained, T) the tags that are
    nodes, with "scores"; "adjacency" (explained, nodes, nodes); "there" (explained, nodes); and
    with +C "nodes" and "edges", how causal each is.
    """
    count = sum(len(p.logits) for p in found)
    images = torch.linspace(0, count - 1, min(count, EXPLAINED)).round().long()
    if found[0].graph is None:
        return {}
    graphs = [p.graph for p in found if p.graph is not None]
    arrays = {
        "tags": torch.cat([g.tags for g in graphs])[images].int(),
        "scores": torch.cat([g.scores for g in graphs])[images].half(),
        "adjacency": torch.cat([g.adjacency for g in graphs])[images].to(torch.uint8),
        "there": torch.cat([g.mask for g in graphs])[images].to(torch.uint8),
    }
    masks = [p.masks for p in found if p.masks is not None]
    if masks:
        arrays["nodes"] = torch.cat([m.nodes for m in masks])[images].half()
        arrays["edges"] = torch.cat([m.edges for m in masks])[images].half()
    return {"images": images.int()} | {name: value.cpu() for name, value in arrays.items()}
