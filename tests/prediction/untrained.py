"""A checkout with runs that nobody trained: the real networks with their first weights."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from pipeline_lib.api import Recogniser, load
from pipeline_lib.artifacts.scores import WEIGHTS
from pipeline_lib.encoders.vision import build
from pipeline_lib.methods.base.settings import Settings
from pipeline_lib.settings.backbone import Backbone
from pipeline_lib.steps.train.loading import load_build
from pipeline_lib.steps.train.settings import stored
from pipeline_lib.training.network import Problem
from tests.recipes import RECIPE
from tests.settled import settled

SIZE = 32
CLASSES = ["crab", "boat", "duck", "tree", "cow", "bus"]
NO_RUN = "samples.parquet", "images.safetensors"


def untrained(
    root: Path, name: str = "base", target: str = "classes", *, names: Sequence[str] = CLASSES
) -> Recogniser:
    """Write the weights of a run with two seeds, and load it."""
    backbone = Backbone(model="lenet5", image_size=SIZE)
    settings = settled(Settings, {"seeds": [4, 7], "recipe": RECIPE, "backbone": vars(backbone)})
    vision = build(backbone, None, num_classes=0, seed=0)
    problem = Problem(torch.zeros(1, 3, SIZE, SIZE), len(names), target == "classes", 9)
    arrays = {}
    for seed in settings.seeds:
        torch.manual_seed(seed)
        network = load_build("base")(problem, {}, vision.model, settings)
        arrays |= {f"{seed}/{key}": value.numpy() for key, value in network.state_dict().items()}
    WEIGHTS.write(
        root / "data/artifacts/train" / name / "weights.safetensors",
        arrays,
        seeds=settings.seeds,
        run=name,
        method="base",
        model="lenet5",
        backbone={"input": "images", "model": "lenet5", "image_size": SIZE},
        settings=stored(settings),
        problem=problem.about,
        reads=dict(zip(("samples", "input"), NO_RUN, strict=True)),
        unseen=[],
        target=target,
        names=list(names),
        preprocess=vision.preprocess.about,
    )
    return load(name, root)


def photographs(folder: Path, count: int, seed: int = 0) -> list[np.ndarray]:
    """Write PNG files of several sizes into two folders, and return their pixels in order."""
    draw = np.random.default_rng(seed)
    pictures = []
    for number in range(count):
        sides = SIZE + number % 3, SIZE + number % 2
        pixels = draw.integers(0, 256, (*sides, 3), np.uint8)
        path = folder / ("a" if number < count // 2 else "b") / f"{number:04d}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(path)
        pictures.append(pixels)
    return pictures
