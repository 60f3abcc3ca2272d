"""Images as mixtures of class names (ConSE: Norouzi et al., ICLR 2014).

paper         here         shape
p_0(y | x)    the softmax  (batch, classes), of the trunk's own classifier
s(y_0)        embeddings   (classes, dims), unit length
T             most
f(x), Eq. 4   the result   (batch, dims)
"""

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from pipeline_lib.errors import InputError
from pipeline_lib.families.open_vocabulary.settings import MixtureSettings, Weighting
from pipeline_lib.nn.shapes import Float
from pipeline_lib.nn.towers import Seen, TrunkClassifier


def mixture(
    probabilities: Float[Tensor, "batch classes"],
    embeddings: Float[Tensor, "classes dims"],
    *,
    most: int,
    weighting: Weighting,
) -> Float[Tensor, "batch dims"]:
    """f(x) = Σ_t w_t s(y_t) / Σ_t w_t over the T likeliest classes (Eq. 4), in single precision.

    The paper's w is p; ``root`` is √p.
    """
    weights, classes = probabilities.topk(min(most, probabilities.shape[1]), dim=1)
    if weighting == "root":
        weights = weights.sqrt()
    weights = weights / weights.sum(1, keepdim=True)
    return (weights[:, :, None] * embeddings[classes]).sum(1)


def classifier_of(towers: Any, method: str) -> TrunkClassifier:
    """Return the classifier of the image trunk.

    Raises:
        InputError: the model has none.
    """
    found: TrunkClassifier | None = towers.classifier
    if found is None:
        raise InputError(
            f"training: method {method} needs the classifier that the image trunk was trained "
            "with and the names of its classes, and the vision-language model holds none; expected "
            "`vlp.source` lit with weights of a trunk that classifies (vlp.checkpoint), or leave "
            f"{method} out"
        )
    return found


def mixed(
    seen: Seen, classifier: TrunkClassifier, settings: MixtureSettings
) -> Float[Tensor, "batch dims"]:
    """Return images as mixtures of the classifier's names."""
    assert seen.features is not None  # of every tower that has a classifier
    with torch.autocast(seen.features.device.type, enabled=False):
        likely = F.softmax(classifier(seen.features.float()), dim=1)
        return mixture(
            likely, classifier.embeddings, most=settings.classes, weighting=settings.weighting
        )
