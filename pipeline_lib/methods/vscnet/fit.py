"""Train the causal graph network of VSCNet and score it."""

from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from pipeline_lib.errors import InputError
from pipeline_lib.methods.vscnet.model import VSCNet
from pipeline_lib.methods.vscnet.prediction import Prediction
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
    for split, own in found.items():
        extras |= {f"{split}/{name}": value for name, value in _explained(own).items()}
    scores = {split: own.scores for split, own in found.items()}
    return Fitted.of(model, scores, history, liveness=model.readings(data), extras=extras)


def _explained(found: Prediction) -> dict[str, Tensor]:
    """Return graphs and masks of some images, for figures; nothing where there is no graph.

    "images" (explained,) are positions in the split; "tags" (explained, T) the tags that are
    nodes, with "scores"; "adjacency" (explained, nodes, nodes); "there" (explained, nodes); and
    with +C "nodes" and "edges", how causal each is.
    """
    count = len(found.logits)
    images = torch.linspace(0, count - 1, min(count, EXPLAINED)).round().long()
    graph, masks = found.graph, found.masks
    if graph is None:
        return {}
    arrays = {
        "tags": graph.tags[images].int(),
        "scores": graph.scores[images].half(),
        "adjacency": graph.adjacency[images].to(torch.uint8),
        "there": graph.mask[images].to(torch.uint8),
    }
    if masks is not None:
        arrays["nodes"] = masks.nodes[images].half()
        arrays["edges"] = masks.edges[images].half()
    return {"images": images.int()} | {name: value.cpu() for name, value in arrays.items()}
