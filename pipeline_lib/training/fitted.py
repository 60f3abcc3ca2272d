"""What fitting a method gives, whichever method it is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from torch import Tensor

from pipeline_lib.training.liveness import Reading
from pipeline_lib.training.network import Network, Scores


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
    liveness: list[Reading] = field(default_factory=list)  # of the method's modules
    extras: dict[str, Tensor] = field(default_factory=dict)  # what figures explain a result with
    preprocess: dict[str, Any] = field(default_factory=dict)  # how images became inputs: whoever
    # fits is handed inputs, and leaves it to its caller
    problem: dict[str, Any] = field(default_factory=dict)  # what the network was built for …
    knowledge: Mapping[str, Tensor] = field(default_factory=dict)  # … and the arrays it was built
    # from

    @classmethod
    def of(
        cls,
        network: Network,
        scores: Mapping[str, Scores],
        history: list[dict[str, float]],
        state: Mapping[str, Tensor] | None = None,
        **more: Any,
    ) -> Self:
        """Put the outcome together; without ``state``, all of the network's own is kept."""
        kept = network.state_dict() if state is None else state
        return cls(
            state={name: value.cpu() for name, value in kept.items()},
            logits={split: found.logits for split, found in scores.items()},
            features={split: found.features for split, found in scores.items()},
            history=history,
            zsl={split: found.zsl for split, found in scores.items() if found.zsl is not None},
            problem=network.problem.about,
            knowledge=network.knowledge,
            **more,
        )
