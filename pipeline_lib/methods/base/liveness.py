"""Whether the second head of Base teaches its backbone anything.

The bar: the weighted loss of the tags pulls at the features with a hundredth of the classes' at
least, since less moves nothing.
"""

from typing import TYPE_CHECKING

from torch import Tensor

from pipeline_lib.training.data import Data
from pipeline_lib.training.encoding import pooled
from pipeline_lib.training.liveness import TRAIN, Reading, gradient_norms, some

if TYPE_CHECKING:
    from pipeline_lib.methods.base.fit import BaseTask

PULL = 0.01  # of the gradient of the classes' cross-entropy


def of_training(task: "BaseTask", data: Data[Tensor], batch_size: int) -> list[Reading]:
    """Read what the tags pull at the features with, after training and in evaluation mode."""
    if task.auxiliary is None:
        return []
    task.eval()
    positions = some(data.train, batch_size)
    features = pooled(task.network.encoder, data.train.batch(positions))
    watched = features.detach().requires_grad_()
    norms = gradient_norms(task.terms(watched, positions), [watched], beside="classes")
    about = "length of the tags' gradient on the features, by that of the classes'"
    return [Reading("auxiliary_tags", "pull", about, TRAIN, norms["tags"], PULL)]
