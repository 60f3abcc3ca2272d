"""Settings of SigRL and a batch small enough to write its equations as loops."""

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from pipeline_lib.families.open_vocabulary.vocabulary import Labels
from pipeline_lib.methods.sigrl.head import SigrlHead
from pipeline_lib.methods.sigrl.settings import Settings as Sigrl
from pipeline_lib.nn.towers import Seen
from tests.methods.toy import merged
from tests.recipes import ADAMW, RECIPE
from tests.settled import settled

BATCH, PATCHES, LABELS, DIMS = 3, 5, 4, 6
NONE = "none"
SIGRL: dict[str, Any] = {
    "seeds": [0],
    "recipe": RECIPE | {"optimizer": ADAMW},
    "student": {"trained_blocks": 1, "layer_decay": 0.65, "checkpointing": False},
    "prompts": {"name": "ensemble"},
    "scores": {"normalise": "call"},
    "loss": {"name": "ranking", "margin": 1.0, "pairs": "all"},
    "distillation": 1.0,
    "select": "last",
    "correlation": {"heads": 2, "hidden": 4, "slope": 0.2, "dropout": 0.0, "chunk": 0}
    | {"form": "paper", "neighbours": 0, "placebo": "none"},
    "decoupling": {"chunk": 0, "kernel": "auto", "attention": "paper", "placebo": "none"},
    "reconstruction": {"map": "channels", "attention": "paper", "placebo": "none"},
    "top_k": 2,
}
ROWS: dict[str, dict[str, str]] = {  # of Table IV, by what is switched off, and one more
    "none": dict.fromkeys(("correlation", "decoupling", "reconstruction"), NONE),
    "gmc": {"decoupling": NONE, "reconstruction": NONE},
    "gmc_sda": {"reconstruction": NONE},
    "all": {},
    "sda_vfr": {"correlation": NONE},  # not printed
}


def sigrl(**changes: Any) -> Sigrl:
    return settled(Sigrl, merged(SIGRL, changes))


def head_of(row: str = "all", **changes: Any) -> SigrlHead:
    torch.manual_seed(0)
    return SigrlHead(DIMS, sigrl(**changes | ROWS[row])).double()


def texts(count: int = LABELS) -> Tensor:
    generator = torch.Generator().manual_seed(1)
    return F.normalize(torch.randn(count, DIMS, generator=generator, dtype=torch.float64), dim=1)


def seen(patches: int = PATCHES) -> Seen:
    generator = torch.Generator().manual_seed(2)
    pooled = torch.randn(BATCH, DIMS, generator=generator, dtype=torch.float64)
    return Seen(pooled, torch.randn(BATCH, patches, DIMS, generator=generator, dtype=torch.float64))


def labels(some: Tensor | None = None, scored: list[int] | None = None) -> Labels:
    """No label has a neighbour: SigRL's graph does not ask."""
    rows = texts() if some is None else some
    return Labels(
        texts=rows,
        neighbours=torch.full((len(rows), 1), -1),
        scored=torch.arange(len(rows)) if scored is None else torch.tensor(scored),
    )
