"""A task of CSRMS that is ready for a training step."""

from typing import Any

import torch
from torch import Tensor

from pipeline_lib.methods.csrms.fit import build
from pipeline_lib.methods.csrms.knowledge import Relations
from pipeline_lib.methods.csrms.task import CsrmsTask
from pipeline_lib.training.network import built
from tests.methods.toy import csrms, data, encoder, knowledge

ANCHORS = torch.tensor([3, 10, 1, 20])


def task(*, multi: bool = False, relations: Relations | None = None, **changes: Any) -> CsrmsTask:
    """A task after its first refresh, with smoothing that does something."""
    torch.manual_seed(0)
    some, known, settings = data(multi=multi), knowledge(multi=multi), csrms(**changes)
    found = CsrmsTask(
        built(build, some, known, encoder(), settings),
        some,
        relations or Relations.of(known),
        settings,
        seed=0,
    )
    torch.manual_seed(3)
    for name, parameter in found.model.named_parameters():
        if "smoothing." in name:
            torch.nn.init.normal_(parameter)
    found.begin_epoch(0)
    return found


def features(found: CsrmsTask, positions: Tensor) -> Tensor:
    return found.model.encoder(found._data.train.batch(positions.flatten())).view(
        *positions.shape, -1
    )
