"""Whether the parts of a method do what they are there for, read off their mechanism.

A module may be there, be trained and change the scores, and still pass nothing on: a message that
is the same for every label, a mask that hides nothing. No metric tells. So a network states, for
each of its modules, what its mechanism comes to (``Network.readings``), on training images as
training left it and on test images, and the bar that a living module passes.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from pipeline_lib.nn.placebo import shuffled
from pipeline_lib.nn.shapes import Float
from pipeline_lib.training.data import Pictures

TRAIN = "train"
READ = 256  # images of a split that readings are taken of, at even steps


@dataclass(frozen=True)
class Reading:
    """One number of one module."""

    module: str  # the key of the settings that switches it, "correlation", or "loss"
    name: str  # "between labels"
    about: str  # what number this is, in a sentence
    split: str  # TRAIN, or an evaluation split
    value: float
    bar: float | None = None  # what a living module passes; None: there is none
    above: bool = True  # whether living is above the bar, or below it


def some(pictures: Pictures[Any], most: int = READ) -> Tensor:
    """Return the positions of the images that are read: at even steps, in an order drawn by lot.

    What stands beside an image in a file often is of its class, and controls take from it.
    """
    count = min(most, len(pictures))
    steps = torch.linspace(0, len(pictures) - 1, count).round().long()
    return steps[shuffled(count)]


def between(values: Float[Tensor, "... dims"], dim: int) -> float:
    """Return the share of the vectors' squared length that differs along ``dim``, 0 … 1.

    0: all of ``dim`` have one vector, their mean; 1: the mean is zero.
    """
    wide = values.detach().double()
    total = float(wide.square().sum())
    rest = float((wide - wide.mean(dim, keepdim=True)).square().sum())
    return rest / total if total > 0 else 0.0


def gradient_norms(
    terms: dict[str, Tensor], watched: Sequence[Tensor], *, beside: str
) -> dict[str, float]:
    """Return the length of each loss term's gradient at ``watched`` by that of the term ``beside``.

    A term that nothing trained reaches has the length 0.

    Args:
        terms: scalars of one forward pass; "loss", their sum, is left out.
        watched: features, or the parameters that make them.
        beside: the term that the others are measured with.
    """
    norms = {
        name: _norm(term, watched) if term.requires_grad else 0.0
        for name, term in terms.items()
        if name != "loss"
    }
    unit = norms.get(beside, 0.0)
    return {name: norm / unit for name, norm in norms.items() if name != beside and unit > 0}


def _norm(term: Tensor, watched: Sequence[Tensor]) -> float:
    found = torch.autograd.grad(term, list(watched), retain_graph=True, allow_unused=True)
    return math.sqrt(sum(float(one.double().square().sum()) for one in found if one is not None))
