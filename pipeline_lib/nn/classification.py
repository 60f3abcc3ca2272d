"""Classification losses that serve one-class and many-class images alike."""

import torch.nn.functional as F
from torch import Tensor

from pipeline_lib.nn.shapes import Float


def classification_loss(
    logits: Float[Tensor, "batch classes"],
    targets: Float[Tensor, "batch classes"],
    weights: Float[Tensor, " batch"] | None = None,
    *,
    single_label: bool,
) -> Float[Tensor, ""]:
    """Weighted mean over images of the cross-entropy, or of the mean binary cross-entropy.

    Args:
        logits: scores before softmax or sigmoid.
        targets: multi-hot.
        weights: of each image, mean 1 over all of them; None weighs all alike.
        single_label: softmax over classes (Eq. 13 of CSRMS); else a sigmoid per class.
    """
    if single_label:
        per_image = F.cross_entropy(logits, targets, reduction="none")
    else:
        per_image = F.binary_cross_entropy_with_logits(logits, targets, reduction="none").mean(1)
    return per_image.mean() if weights is None else (per_image * weights).mean()


def posterior(
    logits: Float[Tensor, "batch classes"], *, single_label: bool
) -> Float[Tensor, "batch classes"]:
    """Class probabilities that sum to 1: softmax, or sigmoids divided by their sum."""
    if single_label:
        return logits.softmax(1)
    # the same as dividing, but for the 0 / 0 of logits below about −100
    return F.logsigmoid(logits).softmax(1)
