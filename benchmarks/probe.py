"""Linear classifiers of fixed vectors: what can be read off them, and no more."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import torch
from sklearn.metrics import average_precision_score
from torch import Tensor

STRENGTHS = (1e-4, 1e-3, 1e-2)  # of the penalty on squared weights; the best on what is judged
STEPS = 60  # of L-BFGS


@dataclass(frozen=True)
class Inputs:
    """What a classifier sees of some pictures."""

    vectors: np.ndarray  # (pictures, dims)
    others: np.ndarray | None = None  # (pictures, objects) bool: each label sees all but itself


@dataclass(frozen=True)
class Probe:
    """A trained classifier."""

    mean: Tensor
    spread: Tensor
    weight: Tensor  # (dims, labels)
    bias: Tensor
    beside: Tensor  # (objects, labels), 0 between a label and its own object

    def __call__(self, inputs: Inputs) -> np.ndarray:
        """Return logits (pictures, labels)."""
        x = (torch.from_numpy(inputs.vectors).float() - self.mean) / self.spread
        logits = x @ self.weight + self.bias
        if inputs.others is not None:
            logits = logits + torch.from_numpy(inputs.others).float() @ self.beside
        return np.asarray(logits.detach())


def fit(inputs: Inputs, targets: np.ndarray, own: np.ndarray, *, decay: float) -> Probe:
    """Train by logistic loss on multi-hot targets (pictures, labels).

    ``own`` is the number of each label's object among ``Inputs.others``. One label a picture is
    judged as well by its largest logit, so that classes need no loss of their own.
    """
    x, y = torch.from_numpy(inputs.vectors).float(), torch.from_numpy(targets).float()
    objects = 0 if inputs.others is None else inputs.others.shape[1]
    mask = torch.ones(objects, y.shape[1])
    if objects:
        mask[torch.from_numpy(own), torch.arange(len(own))] = 0.0
    start = Probe(
        mean=x.mean(0),
        spread=x.std(0) + 1e-4,
        weight=torch.zeros(x.shape[1], y.shape[1], requires_grad=True),
        bias=torch.full((y.shape[1],), -2.0, requires_grad=True),
        beside=torch.zeros(objects, y.shape[1], requires_grad=True),
    )
    steps = torch.optim.LBFGS([start.weight, start.bias, start.beside], max_iter=STEPS)
    x = (x - start.mean) / start.spread
    other = torch.zeros(len(x), 0) if inputs.others is None else torch.from_numpy(inputs.others)

    def closure() -> Tensor:
        steps.zero_grad()
        logits = x @ start.weight + start.bias + other.float() @ (start.beside * mask)
        loss = torch.nn.functional.binary_cross_entropy_with_logits(logits, y)
        penalty = start.weight.square().sum() + start.beside.square().sum()
        loss = loss + decay * penalty / y.shape[1]
        loss.backward()  # type: ignore[no-untyped-call]
        return loss

    steps.step(closure)  # type: ignore[no-untyped-call]
    return replace(start, beside=start.beside * mask)


def best(
    train: tuple[Inputs, np.ndarray],
    judged: tuple[Inputs, np.ndarray],
    own: np.ndarray,
    judge: Callable[[np.ndarray, np.ndarray], float],
) -> tuple[float, Probe]:
    """Return what the best strength of the penalty comes to on the judged pictures, in per cent."""
    probes = [fit(*train, own, decay=decay) for decay in STRENGTHS]
    found = [judge(probe(judged[0]), judged[1]) for probe in probes]
    return max(found), probes[int(np.argmax(found))]


def top_1(logits: np.ndarray, truth: np.ndarray) -> float:
    """Return the share of pictures whose largest logit is of their class, per cent."""
    return float(100 * truth[np.arange(len(truth)), logits.argmax(1)].mean())


def mean_ap(logits: np.ndarray, truth: np.ndarray) -> float:
    """Return the mean average precision over labels that a picture carries, per cent."""
    carried = truth.any(0)
    return float(100 * average_precision_score(truth[:, carried], logits[:, carried]))
