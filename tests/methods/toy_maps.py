"""A multi-label problem on feature maps: each label is a direction that shows at one place."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from pipeline_lib.families.dense_head.label_graph import LabelGraph
from pipeline_lib.methods.dlsa.settings import Settings as Dlsa
from pipeline_lib.methods.ml_gcn.settings import Settings as MlGcn
from pipeline_lib.methods.ssgrl.settings import Settings as Ssgrl
from pipeline_lib.training.data import Data, Pictures
from tests.methods.toy import merged
from tests.recipes import ADAMW, RECIPE
from tests.settled import settled

TRAIN, TEST, LABELS, DIMS, WORDS, SIDE = 20, 6, 5, 8, 6, 3
HEAD: dict[str, Any] = {
    "seeds": [0],
    "backbone": "none",
    "recipe": RECIPE | {"optimizer": ADAMW},
    "trunk": "frozen",
    "standardise": False,
}
DLSA: dict[str, Any] = HEAD | {
    "labels": {"width": 0, "hidden": 12, "slope": 0.2, "output": "linear"},
    "prior": {"reweight": "none", "exclusion": False, "placebo": "none"},
    "decoupling": {"normalise": "attention", "head": "per_label", "placebo": "none"},
    "reasoning": {"heads": 2, "hidden": 8, "shortcut": False, "scale": "root", "placebo": "none"},
}
SSGRL: dict[str, Any] = HEAD | {"width": 0, "hidden": 6, "steps": 3, "outputs": 7, "chunk": 2}
ML_GCN: dict[str, Any] = HEAD | {"pool": "max", "hidden": 12, "slope": 0.2, "tau": 0.4, "p": 0.2}
NONE = "none"
ROWS: dict[str, dict[str, str]] = {  # Table 2 of DLSA, by what is switched off
    "none": dict.fromkeys(("labels", "prior", "decoupling", "reasoning"), NONE),
    "prior": {"decoupling": NONE, "reasoning": NONE},
    "decoupling": {"prior": NONE, "reasoning": NONE},
    "both": {"reasoning": NONE},
    "all": {},
}


def dlsa(**changes: Any) -> Dlsa:
    return settled(Dlsa, merged(DLSA, changes))


def ssgrl(**changes: Any) -> Ssgrl:
    return settled(Ssgrl, merged(SSGRL, changes))


def ml_gcn(**changes: Any) -> MlGcn:
    return settled(MlGcn, merged(ML_GCN, changes))


def knowledge() -> dict[str, Tensor]:
    generator = torch.Generator().manual_seed(3)
    adjacency = torch.rand(LABELS, LABELS, generator=generator).fill_diagonal_(0)
    exclusion = torch.rand(LABELS, LABELS, generator=generator).fill_diagonal_(0)
    return {
        "adjacency": adjacency,
        "exclusion": exclusion,
        "embeddings": torch.randn(LABELS, WORDS, generator=generator),
    }


def graph() -> LabelGraph:
    return LabelGraph.of(knowledge(), LABELS)


def permuted(some: LabelGraph, order: Tensor) -> LabelGraph:
    return LabelGraph(
        some.adjacency[order][:, order], some.exclusion[order][:, order], some.embeddings[order]
    )


def targets(count: int = TRAIN + TEST) -> Tensor:
    generator = torch.Generator().manual_seed(5)
    return (torch.rand(count, LABELS, generator=generator) < 0.4).float()


def maps(count: int = TRAIN + TEST) -> Tensor:
    """Noise, and for each label of an image its direction at a place of the image's own."""
    generator = torch.Generator().manual_seed(6)
    out = 0.3 * torch.randn(count, DIMS, SIDE, SIDE, generator=generator)
    directions = torch.linalg.qr(torch.randn(DIMS, DIMS, generator=generator)).Q[:LABELS]
    places = torch.randint(SIDE, (count, LABELS, 2), generator=generator)
    for image, label in targets(count).nonzero().tolist():
        y, x = places[image, label].tolist()
        out[image, :, y, x] += 3 * directions[label]
    return out


def data() -> Data:
    images = maps()

    def fetch(rows: Sequence[int]) -> Tensor:
        return images[list(rows)]

    test = Pictures(range(TRAIN, TRAIN + TEST), fetch)
    return Data(Pictures(range(TRAIN), fetch), targets()[:TRAIN], {"test": test})


class Passing(nn.Module):
    """What stands for an encoder where maps were computed before."""

    num_features = DIMS

    def forward(self, inputs: Tensor) -> Tensor:
        return inputs
