"""A problem small enough to train on in milliseconds, and settings to change one by one."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from pipeline_lib.methods.base.settings import Settings as Base
from pipeline_lib.methods.csrms.settings import Settings as Csrms
from pipeline_lib.params.relations import Relations
from pipeline_lib.progress import silent
from pipeline_lib.steps.relations import relate
from pipeline_lib.training.data import Data, Pictures
from pipeline_lib.training.loop import Run
from tests.recipes import RECIPE, recipe_with
from tests.settled import settled

TRAIN, TEST, CLASSES, SIZE, DIMS = 24, 10, 3, 8, 5
BACKBONE = {"model": "lenet5", "pretrained": False, "image_size": 0}
CSRMS: dict[str, Any] = {
    "seeds": [0],
    "backbone": BACKBONE,
    "recipe": RECIPE,
    "classify": "symmetric",
    "lists": "encode",
    "supervise": "all",
    "positives": {"head": "own", "placebo": "none"},
    "negatives": {"placebo": "none"},
    "smoothing": {
        "name": "gcn",
        "topology": {"name": "knn", "k": 2},
        "hidden": 4,
        "placebo": "none",
    },
    "alignment": {
        "prototype": "predicted",
        "alpha_u": 0.6,
        "beta_u": 0.4,
        "alpha_a": 0.7,
        "beta_a": 0.3,
        "placebo": "none",
    },
    "weights": {"backbone": 0.3, "positives": 0.3, "nega": 0.3, "inter": 0.3},
    "sign": "corrected",
    "distance": {"normalise": True, "theta": 0.5},
    "curriculum": {
        "name": "converged",
        "alpha_i": 0.9,
        "alpha_f": 0.9,
        "step": 0.1,
        "tolerance": 1e-4,
        "below": 1e9,
        "placebo": "none",
    },
    "neighbours": "retrieve",
    "n_neighbours": 3,
    "refresh_epochs": 1,
}
SMOOTHINGS: dict[str, dict[str, Any]] = {  # by name, of Table 5
    "gcn": CSRMS["smoothing"],
    "gnn": {"name": "gnn", "placebo": "none"},
    "tail_gnn": {"name": "tail_gnn", "placebo": "none"},
    "js_loss": {"name": "js_loss", "weight": 0.3},
    "none": {"name": "none"},
}
CURRICULA: dict[str, dict[str, Any]] = {
    "none": {"name": "none"},
    "linear": {"name": "linear", "alpha_i": 0.9, "alpha_f": 0.9, "until": 0.5, "placebo": "none"},
    "converged": CSRMS["curriculum"],
}
RELATIONS: dict[str, Any] = {
    "distance": "euclidean",
    "rho_1": 0.75,
    "rho_2": 0.5,
    "positives": "dominant",
    "n": 3,
    "negatives": "nearest_dominated",
    "m": 2,
    "seed": 0,
}


class Tiny(nn.Module):
    """An encoder without batch norm, so that images of a batch do not mix."""

    def __init__(self) -> None:
        super().__init__()
        self.num_features = DIMS
        self.net = nn.Sequential(
            nn.Conv2d(3, 4, 3), nn.Tanh(), nn.AvgPool2d(3), nn.Flatten(), nn.Linear(16, DIMS)
        )

    def forward(self, images: Tensor) -> Tensor:
        features: Tensor = self.net(images)
        return features


def encoder(seed: int = 0) -> Tiny:
    torch.manual_seed(seed)
    return Tiny()


def merged(base: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Change some values of nested settings; a group of another name takes the place of one."""
    out = dict(base)
    for key, value in changes.items():
        there = out.get(key)
        same = isinstance(there, dict) and isinstance(value, dict)
        if key == "recipe" and isinstance(value, Mapping):
            out[key] = recipe_with(there or {}, value)
        elif same and value.get("name", there.get("name")) == there.get("name"):
            out[key] = merged(there, value)
        else:
            out[key] = value
    return out


def csrms(**changes: Any) -> Csrms:
    return settled(Csrms, merged(CSRMS, changes))


def base(**recipe: Any) -> Base:
    values = {"backbone": BACKBONE, "recipe": recipe_with(RECIPE, recipe), "auxiliary_tags": 0.0}
    return settled(Base, {"seeds": [0], **values})


def targets(*, multi: bool = False) -> Tensor:
    """Classes in turn; with ``multi`` every fourth image carries the next class as well."""
    hot = torch.eye(CLASSES)[torch.arange(TRAIN) % CLASSES]
    if multi:
        hot[::4] += hot[::4].roll(1, 1)
    return hot


def pixels() -> Tensor:
    """Training images, then test images: a colour per class, and noise."""
    generator = torch.Generator().manual_seed(7)
    count = TRAIN + TEST
    colours = torch.eye(3)[torch.arange(count) % CLASSES][:, :, None, None]
    return colours + torch.randn(count, 3, SIZE, SIZE, generator=generator)


def data(*, multi: bool = False) -> Data:
    images = pixels()

    def fetch(rows: Sequence[int]) -> Tensor:
        return images[list(rows)]

    test = Pictures(range(TRAIN, TRAIN + TEST), fetch)
    return Data(Pictures(range(TRAIN), fetch), targets(multi=multi), {"test": test})


def knowledge(*, multi: bool = False, **changes: Any) -> dict[str, Tensor]:
    """The relations of the training images, clustered into six patterns by hand."""
    hot = targets(multi=multi).bool().numpy()
    patterns = np.arange(TRAIN) % CLASSES + CLASSES * (np.arange(TRAIN) >= TRAIN // 2)
    patterns[[1, 5, 9, 14]] = [0, 0, 3, 4]  # some images look like another class
    found = relate(
        pixels()[:TRAIN].mean((2, 3)).numpy(),
        patterns,
        2 * CLASSES,
        hot,
        Relations.model_validate(RELATIONS | changes),
        class_names=[str(i) for i in range(CLASSES)],
        sample_ids=[f"{i:02d}" for i in range(TRAIN)],
    )
    return {name: torch.from_numpy(array) for name, array in found.knowledge.items()}


def run() -> Run:
    return Run(device="cpu", track=silent, label="toy")
