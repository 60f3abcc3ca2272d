"""What fitting a method gives, whichever method it is."""

from dataclasses import dataclass, field
from typing import Any

from torch import Tensor


@dataclass(frozen=True)
class Fitted:
    """The outcome for one seed; all tensors are on the CPU."""

    state: dict[str, Tensor]  # weights to keep
    logits: dict[str, Tensor]  # by split, (images, classes)
    features: dict[str, Tensor]  # by split, (images, dimensions), what was classified
    history: list[dict[str, float]]  # one record per epoch
    zsl: dict[str, Tensor] = field(default_factory=dict)  # by split, (images, unseen labels): open
    # vocabularies, where a call for the unseen labels alone is scored by itself
    leaks: list[str] = field(default_factory=list)  # settings under which labels reach the logits
    encoded: dict[str, float] = field(default_factory=dict)  # images, by what for, besides those of
    # the history
    facts: dict[str, float] = field(default_factory=dict)  # what else should be reported
    extras: dict[str, Tensor] = field(default_factory=dict)  # what figures explain a result with
    preprocess: dict[str, Any] = field(default_factory=dict)  # how images became inputs: whoever
    # fits is handed inputs, and leaves it to its caller
