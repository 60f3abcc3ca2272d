"""Which tag supervises which step of CSNet (VSCNet, Eq. 3 leaves it open)."""

import numpy as np
import torch
from scipy.optimize import linear_sum_assignment
from torch import Tensor

UNSUPERVISED = -1


def hungarian(log_probabilities: Tensor, tags: Tensor) -> Tensor:
    """Assign at minimum cost: each of an image's tags to one step, each step at most one tag.

    Args:
        log_probabilities: of the tags at each step (batch, steps, tags).
        tags: multi-hot (batch, tags). With more tags than steps the cheapest are assigned.

    Returns:
        Index of a tag or -1, (batch, steps) int64, on the device of ``tags``.
    """
    # of a training that diverged the loop says so; scipy would only refuse NaN
    cost = np.nan_to_num(-log_probabilities.float().cpu().numpy())
    carried = tags.cpu().numpy() > 0
    out = np.full(cost.shape[:2], UNSUPERVISED)
    for image, own in enumerate(carried):
        (names,) = np.nonzero(own)
        steps, chosen = linear_sum_assignment(cost[image][:, names])
        out[image, steps] = names[chosen]
    return torch.from_numpy(out).to(tags.device)


def ordered(log_probabilities: Tensor, tags: Tensor) -> Tensor:
    """Assign the j-th of an image's tags, by index, to step j; as ``hungarian`` otherwise."""
    steps = log_probabilities.shape[1]
    out = torch.full(log_probabilities.shape[:2], UNSUPERVISED, device=tags.device)
    image, tag = (tags > 0).nonzero(as_tuple=True)
    rank = (tags > 0).cumsum(1)[image, tag] - 1
    held = rank < steps
    out[image[held], rank[held]] = tag[held]
    return out


ASSIGNMENTS = {"hungarian": hungarian, "ordered": ordered}
