"""What the network of VSCNet says of some images."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import torch
from torch import Tensor

from pipeline_lib.methods.vscnet.image_graph import Graph
from pipeline_lib.methods.vscnet.masks import Masks
from pipeline_lib.nn.shapes import Float, Int
from pipeline_lib.training.network import Scores


@dataclass(frozen=True)
class Prediction:
    """What the network says of some images; None where a part is switched off."""

    logits: Float[Tensor, "images classes"]  # of P_f, or of the last part that there is
    features: Float[Tensor, "images dims"]  # what was classified
    trained: Float[Tensor, "images classes"]  # logits that the loss of classification takes
    causal: Tensor | None = None  # logits of f_c
    other: Tensor | None = None  # of f_n
    intervened: Tensor | None = None  # of f_m
    graph: Graph | None = None
    masks: Masks | None = None

    @property
    def scores(self) -> Scores:
        """What is judged of it."""
        return Scores(self.logits.cpu(), self.features.cpu())


def picked(found: Sequence[Any], places: Int[Tensor, " images"]) -> Any:
    """Return several batches as one, of which the image at each of ``places`` is taken in turn.

    Args:
        found: predictions, what they hold, or tensors whose first dimension is images.
        places: of all images.
    """
    first = found[0]
    if first is None:
        return None
    if isinstance(first, Tensor):
        return torch.cat(list(found))[places.to(first.device)]
    parts = {f.name: [getattr(one, f.name) for one in found] for f in fields(first)}
    return type(first)(**{name: picked(each, places) for name, each in parts.items()})
