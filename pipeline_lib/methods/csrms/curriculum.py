"""Curriculum of CSRMS (Sec. 4.2.3, Eq. 8): easy images first, hard ones last.

Deviation: Eq. 8 is one constraint on three unknown weights. Here a difficulty weighs what Eq. 8
multiplies it with, λ_e : λ_m : λ_h = α_i : (1 − α_i) α_f : (1 − α_i)(1 − α_f), scaled so that the
training images weigh 1 on average, which keeps the constraint. Scaled in each batch instead, hard
images would count fully wherever chance leaves them among themselves.

Deviation: α_i and α_f start near 1, where hardly anything but easy images counts, and by the text
fall only once the loss has converged. In a training of tens of epochs that never happens, and a
network learns a tenth of its images. The pace "linear" reaches equal weights after a given share
of the epochs instead; "converged" is the text, whose "less than 0.01" is `below`: with a large
number there, any plateau counts as converged.
"""

import torch
from torch import Tensor, nn

from pipeline_lib.methods.csrms.settings import Converged, Curriculum, Linear
from pipeline_lib.nn.shapes import Float, Int

LEVELS = 3  # easy, medium, hard
EVEN = {"alpha_i": 1 / 3, "alpha_f": 1 / 2}  # where the three difficulties weigh the same


class Schedule(nn.Module):
    """α_i and α_f, which fall as training goes on; both live in a checkpoint.

    Linear: from the start to equal weights in the first ``until`` of all epochs. Converged: when
    the mean loss of an epoch is less than ``below`` and has changed by less than ``tolerance``,
    twice running. Then α_i is lowered by ``step``, and after every further
    converged epoch α_i and α_f are lowered in turn.
    """

    shares: Tensor  # of the training images, by difficulty
    alpha_i: Tensor
    alpha_f: Tensor
    last: Tensor
    converged: Tensor

    def __init__(self, settings: Curriculum, difficulty: Int[Tensor, " train"]) -> None:
        super().__init__()
        counts = torch.bincount(difficulty, minlength=LEVELS).double()
        self.register_buffer("shares", counts / counts.sum(), persistent=False)
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
        own = self.settings
        close = loss < own.below and abs(float(self.last) - loss) < own.tolerance
        self.last.fill_(loss)
        self.converged.copy_(self.converged + 1 if close else torch.zeros(()))
        if self.converged >= 2:
            lowered = self.alpha_i if int(self.converged) % 2 == 0 else self.alpha_f
            lowered.copy_((lowered - own.step).clamp(min=0))

    def weights(self, difficulty: Int[Tensor, " batch"]) -> Float[Tensor, " batch"]:
        """Return the weight of each image; ``difficulty`` is 0 easy, 1 medium, 2 hard.

        All training images weigh 1 on average; where none would weigh anything, each weighs 1.
        """
        rest = 1 - self.alpha_i
        by_level = torch.stack([self.alpha_i, rest * self.alpha_f, rest * (1 - self.alpha_f)])
        mean = by_level @ self.shares
        scaled = torch.where(mean > 0, by_level / mean, torch.ones_like(by_level))
        return scaled[difficulty.to(scaled.device)].float()
