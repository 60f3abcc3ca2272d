"""Curriculum of CSRMS (Sec. 4.2.3, Eq. 8): easy images first, hard ones last.

Deviation: Eq. 8 is one constraint on three unknown weights. Here a difficulty weighs what Eq. 8
multiplies it with, λ_e : λ_m : λ_h = α_i : (1 − α_i) α_f : (1 − α_i)(1 − α_f), and the weights of
a batch are scaled to a mean of 1, which keeps the constraint.

Deviation: α_i and α_f start near 1, where hardly anything but easy images counts, and by the text
fall only once the loss has converged. In a training of tens of epochs that never happens, and a
network learns a tenth of its images. The pace "linear" reaches equal weights after a given share
of the epochs instead; "converged" is the text.
"""

import torch
from torch import Tensor, nn

from pipeline_lib.methods.csrms.settings import Converged, Curriculum, Linear
from pipeline_lib.nn.shapes import Float, Int

EVEN = {"alpha_i": 1 / 3, "alpha_f": 1 / 2}  # where the three difficulties weigh the same


class Schedule(nn.Module):
    """α_i and α_f, which fall as training goes on; both live in a checkpoint.

    Linear: from the start to equal weights in the first ``until`` of all epochs. Converged: when
    the mean loss of an epoch has changed by less than ``tolerance`` twice running. Then α_i is
    lowered by ``step``, and after every further converged epoch α_i and α_f are lowered in turn.
    """

    alpha_i: Tensor
    alpha_f: Tensor
    last: Tensor
    converged: Tensor

    def __init__(self, settings: Curriculum) -> None:
        super().__init__()
        paced = {name: getattr(settings, name, even) for name, even in EVEN.items()}
        start = paced | {"last": torch.inf, "converged": 0.0}
        for name, value in start.items():
            self.register_buffer(name, torch.tensor(value, dtype=torch.float64))
        self.settings = settings

    def begin(self, epoch: int, epochs: int) -> None:
        """Move on at the start of an epoch, where the pace is linear."""
        if isinstance(self.settings, Linear):
            progress = min(1.0, epoch / (self.settings.until * epochs))
            for name, even in EVEN.items():
                start = getattr(self.settings, name)
                getattr(self, name).fill_(start + progress * (even - start))

    def observe(self, loss: float) -> None:
        """Move on by an epoch's mean loss, where the pace is that of convergence."""
        if not isinstance(self.settings, Converged):
            return
        close = abs(float(self.last) - loss) < self.settings.tolerance
        self.last.fill_(loss)
        self.converged.copy_(self.converged + 1 if close else torch.zeros(()))
        if self.converged >= 2:
            lowered = self.alpha_i if int(self.converged) % 2 == 0 else self.alpha_f
            lowered.copy_((lowered - self.settings.step).clamp(min=0))

    def weights(self, difficulty: Int[Tensor, " batch"]) -> Float[Tensor, " batch"]:
        """Return the weight of each image, mean 1; ``difficulty`` is 0 easy, 1 medium, 2 hard."""
        rest = 1 - self.alpha_i
        by_level = torch.stack([self.alpha_i, rest * self.alpha_f, rest * (1 - self.alpha_f)])
        weights = by_level[difficulty.to(by_level.device)]
        total = weights.sum()
        flat = torch.ones_like(weights)
        scaled = torch.where(total > 0, weights * len(weights) / total, flat)
        return scaled.float()
