"""Settings of SigRL and a batch small enough to write its equations as loops."""

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from pipeline_lib.families.open_vocabulary.vocabulary import Labels
from pipeline_lib.methods.sigrl.head import SigrlHead
from pipeline_lib.nn.towers import Seen
from pipeline_lib.params.sigrl import Sigrl
from tests.families.open_vocabulary.toy_labels import SINGLE
from tests.methods.toy import RECIPE, merged
from tests.settled import settled

BATCH, PATCHES, LABELS, DIMS = 3, 5, 4, 6
SIGRL: dict[str, Any] = {
    "recipe": RECIPE | {"optimizer": "adamw", "lr": 0.01, "warmup_epochs": 0, "min_lr": 0.0},
    "student": {"trained_blocks": 1, "layer_decay": 0.65, "checkpointing": False},
    "prompts": {"mode": "ensemble", "epochs": 1, "lr": 0.01},
    "loss": "ranking",
    "margin": 1.0,
    "distillation": 1.0,
    "single_positive": SINGLE,
    "modules": {"correlation": True, "decoupling": True, "reconstruction": True},
    "correlation": {"heads": 2, "hidden": 4, "slope": 0.2, "dropout": 0.0, "chunk": 0},
    "map": "channels",
    "top_k": 2,
    "chunk": 0,
    "kernel": "auto",
}
ROWS = {  # of Table IV, and one more
    "none": {"correlation": False, "decoupling": False, "reconstruction": False},
    "gmc": {"correlation": True, "decoupling": False, "reconstruction": False},
    "gmc_sda": {"correlation": True, "decoupling": True, "reconstruction": False},
    "all": {"correlation": True, "decoupling": True, "reconstruction": True},
    "sda_vfr": {"correlation": False, "decoupling": True, "reconstruction": True},  # not printed
}


def sigrl(**changes: Any) -> Sigrl:
    return settled(Sigrl, merged(SIGRL, changes))


def head_of(row: str = "all", **changes: Any) -> SigrlHead:
    torch.manual_seed(0)
    return SigrlHead(DIMS, sigrl(modules=ROWS[row], **changes)).double()


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
