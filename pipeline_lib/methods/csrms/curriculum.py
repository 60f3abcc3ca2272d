"""Curriculum of CSRMS (Sec. 4.2.3, Eq. 8): easy images first, hard ones last.

Deviation: Eq. 8 is one constraint on three unknown weights. Here a difficulty weighs what Eq. 8
multiplies it with, λ_e : λ_m : λ_h = α_i : (1 − α_i) α_f : (1 − α_i)(1 − α_f), and the weights of
a batch are scaled to a mean of 1, which keeps the constraint.
"""

import torch
from torch import Tensor, nn

from pipeline_lib.nn.shapes import Float, Int


class Schedule(nn.Module):
    """α_i and α_f, which fall as the loss converges; both live in a checkpoint.

    When the mean loss of an epoch has changed by less than ``tolerance`` twice running, α_i is
    lowered by ``step``; after every further converged epoch α_i and α_f are lowered in turn.
    """

    alpha_i: Tensor
    alpha_f: Tensor
    last: Tensor
    converged: Tensor

    def __init__(self, alpha_i: float, alpha_f: float, *, step: float, tolerance: float) -> None:
        super().__init__()
        start = {"alpha_i": alpha_i, "alpha_f": alpha_f, "last": torch.inf, "converged": 0.0}
        for name, value in start.items():
            self.register_buffer(name, torch.tensor(value, dtype=torch.float64))
        self.step, self.tolerance = step, tolerance

    def observe(self, loss: float) -> None:
        """Take note of an epoch's mean loss."""
        close = abs(float(self.last) - loss) < self.tolerance
        self.last.fill_(loss)
        self.converged.copy_(self.converged + 1 if close else torch.zeros(()))
        if self.converged >= 2:
            lowered = self.alpha_i if int(self.converged) % 2 == 0 else self.alpha_f
            lowered.copy_((lowered - self.step).clamp(min=0))

    def weights(self, difficulty: Int[Tensor, " batch"]) -> Float[Tensor, " batch"]:
        """Return the weight of each image, mean 1; ``difficulty`` is 0 easy, 1 medium, 2 hard."""
        rest = 1 - self.alpha_i
        by_level = torch.stack([self.alpha_i, rest * self.alpha_f, rest * (1 - self.alpha_f)])
        weights = by_level[difficulty.to(by_level.device)]
        total = weights.sum()
        flat = torch.ones_like(weights)
        scaled = torch.where(total > 0, weights * len(weights) / total, flat)
        return scaled.float()
