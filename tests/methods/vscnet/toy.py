"""Associations of a few images and settings to change one by one."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from pipeline_lib.methods.vscnet.model import VSCNet
from pipeline_lib.methods.vscnet.settings import CsnetSettings
from pipeline_lib.methods.vscnet.settings import Settings as Vscnet
from pipeline_lib.training.data import Data, Pictures
from tests.methods.toy import merged
from tests.recipes import PLAIN, RECIPE
from tests.settled import settled

TRAIN, TEST, CLASSES, TAGS, J, K, DIMS, POOLED, WIDTH = 24, 10, 3, 6, 3, 4, 5, 7, 8
PROTOTYPES = 9  # prototype p is of tag p mod TAGS
CSNET: dict[str, Any] = {
    "steps": J,
    "cells": 2,
    "look": "centroids",
    "tags_from": "region",
    "assignment": "hungarian",
    "dropout": 0.0,
    "scale": {"smallest": 0.4, "largest": 0.8},
    "weights": {"classes": 0.5, "locating": 0.1, "scale": 2.0, "inside": 3.0},
    "min_grid": 4,
    "folds": 0,
    "seed": 0,
    "recipe": RECIPE,
}
VSCNET: dict[str, Any] = {
    "seeds": [0],
    "modules": dict.fromkeys(("locate", "knowledge", "graph", "causal", "fusion"), True),
    "width": WIDTH,
    "tag_nodes": 4,
    "tags_per_region": 2,
    "dropout": 0.0,
    "loss": "ce",
    "regions": {"boxes": "csnet", "nodes": "all"},
    "masks": {"removal": "paper", "strata": 0},
    "weights": {"uniform": 0.5, "causal": 1.0, "intervened": 0.5, "graph": 0.7},
    "fusion": {"enhanced": 1.0, "knowledge": 0.5},
    "placebo": dict.fromkeys(("knowledge", "graph", "causal", "fusion"), "none"),
    "recipe": PLAIN,
}
ROWS = {  # of Table 3, by the letters of the modules that are on
    "Base": "",
    "+L": "L",
    "+L+G": "LG",
    "+L+K": "LK",
    "+L+K+G": "LKG",
    "+L+K+G+C": "LKGC",
    "+L+K+G+C+F": "LKGCF",
}


def csnet(**changes: Any) -> CsnetSettings:
    return settled(CsnetSettings, merged(CSNET, changes))


def modules(letters: str) -> dict[str, bool]:
    names = {"L": "locate", "K": "knowledge", "G": "graph", "C": "causal", "F": "fusion"}
    return {name: letter in letters for letter, name in names.items()}


def vscnet(letters: str = "LKGCF", **changes: Any) -> Vscnet:
    return settled(Vscnet, merged(VSCNET | {"modules": modules(letters)}, changes))


def model(
    letters: str = "LKGCF", *, seed: int = 0, single_label: bool = True, **changes: Any
) -> VSCNet:
    torch.manual_seed(seed)
    return VSCNet(
        vscnet(letters, **changes),
        dims=DIMS,
        pooled=POOLED,
        tags=TAGS,
        classes=CLASSES,
        single_label=single_label,
    )


def targets(*, multi: bool = False) -> Tensor:
    hot = torch.eye(CLASSES)[torch.arange(TRAIN) % CLASSES]
    if multi:
        hot[::4] += hot[::4].roll(1, 1)
    return hot


def associations(count: int = TRAIN + TEST, seed: int = 7) -> dict[str, Tensor]:
    """Arrays as the stage ``exemplars`` writes them; an image's class shows in all of them."""
    generator = torch.Generator().manual_seed(seed)

    def noise(*shape: int) -> Tensor:
        return torch.rand(count, *shape, generator=generator)

    label = torch.arange(count) % CLASSES
    hot = torch.eye(CLASSES)[label]
    tags = noise(J, TAGS)
    tags[torch.arange(count), 0, label] += 1
    probabilities = (4 * tags).softmax(2)
    raw, order = probabilities.topk(K, dim=2)
    matched = torch.randint(-1, PROTOTYPES, (count, J), generator=generator)
    matched[:, 2] = torch.where(label == 0, matched[:, 1], matched[:, 2])  # some are shared
    regions = noise(J, DIMS)
    regions[:, :, :CLASSES] += hot[:, None]
    prototypes = torch.rand(PROTOTYPES, DIMS, generator=generator)[matched]
    beliefs = hot + noise(CLASSES)
    return {
        "regions": regions,
        "prototypes": torch.where(matched[:, :, None] >= 0, prototypes, 0.0),
        "matched": matched.int(),
        "prototype_tag": torch.where(matched >= 0, matched % TAGS, -1).int(),
        "similarity": noise(J),
        "tags": order.int(),
        "raw": raw,
        "refined": raw + 0.01 * noise(J, K),
        "beliefs": beliefs / beliefs.sum(1, keepdim=True),
        "lattice": noise(J, DIMS),
        "lattice_tags": order.int().roll(1, 0),
        "lattice_raw": raw.roll(1, 0),
        "pooled": torch.cat([hot, torch.zeros(count, POOLED - CLASSES)], 1) + noise(POOLED),
    }


def rows(arrays: dict[str, Tensor], wanted: Sequence[int] | Tensor) -> dict[str, Tensor]:
    index = torch.as_tensor(list(wanted))
    return {name: array[index] for name, array in arrays.items()}


def data(*, multi: bool = False) -> Data:
    arrays = associations()

    def fetch(wanted: Sequence[int]) -> dict[str, Tensor]:
        return rows(arrays, wanted)

    test = Pictures(range(TRAIN, TRAIN + TEST), fetch)
    return Data(Pictures(range(TRAIN), fetch), targets(multi=multi), {"test": test})


def knowledge() -> dict[str, Tensor]:
    return {"tags": torch.ones(TAGS, dtype=torch.int32)}
