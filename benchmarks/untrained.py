"""A run that nobody trained: a real network with its first weights, as `train` writes one."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from pipeline_lib.artifacts.scores import WEIGHTS
from pipeline_lib.encoders.vision import build
from pipeline_lib.methods.base.settings import Settings
from pipeline_lib.settings.backbone import Backbone
from pipeline_lib.settings.recipe import ImageRecipe, Sgd
from pipeline_lib.steps.train.loading import load_build
from pipeline_lib.steps.train.settings import stored
from pipeline_lib.training.network import Problem


def untrained(
    root: Path,
    name: str,
    *,
    model: str,
    size: int,
    target: str,
    names: Sequence[str],
    seeds: Sequence[int] = (0,),
) -> Path:
    """Write the weights of Base on a timm model into a checkout; return their folder."""
    backbone = Backbone(model=model, image_size=size)
    vision = build(backbone, None, num_classes=0, seed=0)
    recipe = ImageRecipe(epochs=1, batch_size=16, optimizer=Sgd(lr=0.1))
    settings = Settings(seeds=list(seeds), recipe=recipe, backbone=backbone)
    problem = Problem(torch.zeros(1, 3, size, size), len(names), target == "classes", 9)
    arrays: dict[str, np.ndarray] = {}
    for seed in settings.seeds:
        torch.manual_seed(seed)
        network = load_build("base")(problem, {}, vision.model, settings)
        arrays |= {f"{seed}/{key}": value.numpy() for key, value in network.state_dict().items()}
    folder = root / "data/artifacts/train" / name
    WEIGHTS.write(
        folder / "weights.safetensors",
        arrays,
        seeds=settings.seeds,
        run=name,
        method="base",
        model=model,
        backbone={"input": "images", "model": model, "image_size": size},
        settings=stored(settings),
        problem=problem.about,
        reads={"samples": "samples.parquet", "input": "images.safetensors"},
        unseen=[],
        prompts=[],
        target=target,
        names=list(names),
        preprocess=vision.preprocess.about,
    )
    return folder
