"""Train the causal graph network of VSCNet and score it."""

from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from pipeline_lib.errors import InputError
from pipeline_lib.methods.vscnet.model import VSCNet
from pipeline_lib.methods.vscnet.prediction import Prediction, joined
from pipeline_lib.methods.vscnet.settings import Settings
from pipeline_lib.methods.vscnet.task import VscnetTask
from pipeline_lib.nn.knowledge import refuse_without
from pipeline_lib.training.data import Data
from pipeline_lib.training.determinism import generator
from pipeline_lib.training.fitted import Fitted
from pipeline_lib.training.loop import Run, train
from pipeline_lib.training.network import Problem, built

if TYPE_CHECKING:
    from collections.abc import Mapping


EXPLAINED = 256  # images of a split whose masks are kept, at even steps

KNOWLEDGE = ("tag counts",)


def build(
    problem: "Problem[Mapping[str, Tensor]]",
    knowledge: "Mapping[str, Tensor]",
    encoder: nn.Module,
    settings: Settings,
) -> VSCNet:
    """Build the network of regions, tags and prototypes; there is nothing to encode."""
    refuse_without(knowledge, "tags", stage="exemplars")
    if settings.regions.boxes == "lattice" and "lattice" not in problem.example:
        raise InputError(
            "regions.boxes is 'lattice', and the input holds the regions of CSNet alone; set "
            "`regions.lattice` to true and re-run `dvc repro`"
        )
    return VSCNet(
        settings,
        dims=problem.example["regions"].shape[2],
        pooled=problem.example["pooled"].shape[1],
        tags=len(knowledge["tags"]),
        classes=problem.classes,
        single_label=problem.single_label,
    )


def fit(
    data: "Data[Mapping[str, Tensor]]",
    knowledge: "Mapping[str, Tensor]",
    encoder: nn.Module,
    settings: Settings,
    *,
    seed: int,
    run: Run,
) -> Fitted:
    """Train on cached regions and exemplars; score every evaluation split."""
    torch.manual_seed(seed)
    model = built(build, data, knowledge, encoder, settings)
    task = VscnetTask(model, data, settings, seed=seed)
    history = train(task, len(data.train), settings.recipe, seed=seed, run=run)
    model.stratify(data.train, generator("strata", seed))
    found = {split: model.predictions(pictures) for split, pictures in data.evaluation.items()}
    extras: dict[str, Tensor] = {}
    for split, predictions in found.items():
        extras |= {f"{split}/{name}": value for name, value in _explained(predictions).items()}
    scores = {split: joined(predictions) for split, predictions in found.items()}
    return Fitted.of(model, scores, history, liveness=model.readings(data), extras=extras)


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
