"""Train C2SRT and score it."""

from typing import TYPE_CHECKING

import torch
from torch import Tensor

from pipeline_lib.methods.c2srt.head import C2srtHead
from pipeline_lib.training.data import Data
from pipeline_lib.training.fit_open import fit_open
from pipeline_lib.training.fitted import Fitted
from pipeline_lib.training.loop import Run
from pipeline_lib.training.zero_shot import zero_shot

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipeline_lib.encoders.vlp.towers import Towers
    from pipeline_lib.params.c2srt import C2srt


def fit(
    data: Data[Tensor],
    knowledge: "Mapping[str, Tensor]",
    encoder: "Towers",
    settings: "C2srt",
    *,
    seed: int,
    run: Run,
) -> Fitted:
    """Train on the seen labels of the training images (Eq. 12); score every evaluation split.

    The first row of Table 3, nothing on, is the model as it is.
    """
    torch.manual_seed(seed)
    head = C2srtHead(encoder.dims, encoder.scale, settings)
    if not settings.modules.distillation:
        return zero_shot(head, data, knowledge, encoder, settings, run=run)
    return fit_open(
        head,
        data,
        knowledge,
        encoder,
        settings,
        seed=seed,
        run=run,
        relation=settings.ist.relation if settings.modules.ist else "merged",
    )
