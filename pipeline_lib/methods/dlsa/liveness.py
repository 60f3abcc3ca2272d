"""Whether the modules of DLSA do what they are there for (training/liveness.py)."""

from torch import Tensor

from pipeline_lib.families.dense_head.liveness import (
    DECOUPLED,
    OWN,
    Meaning,
    Read,
    between_labels,
    from_flat,
    labels_apart,
    over_images,
)
from pipeline_lib.methods.dlsa.head import DlsaHead
from pipeline_lib.methods.dlsa.reasoning import Attention
from pipeline_lib.methods.dlsa.settings import Decoupling
from pipeline_lib.training.data import Data
from pipeline_lib.training.liveness import Reading
from pipeline_lib.training.trunk import Trunk

TOLD = Meaning(
    "reasoning",
    "between labels",
    "Share of what attention adds to an image's vectors that differs between its labels, 0 to 1; "
    "0 where every label is told the same.",
    OWN,
)
SELECTIVE = Meaning(
    "reasoning",
    "attention from flat",
    "Share of a label's attention to labels that would have to move for it to be flat, 0 to 1; "
    "below a tenth a label is told the mean of all.",
    0.1,
)
ADDED = Meaning(
    "reasoning",
    "added",
    "Length of what attention adds to an image's vectors, by theirs.",
)


def readings(head: DlsaHead, trunk: Trunk, data: Data[Tensor]) -> list[Reading]:
    """Return what each module that is on comes to: LSPL, SD, SAR."""
    settings = head.settings
    found = labels_apart("prior", head.labels) if settings.prior is not None else []
    decoupling = settings.decoupling
    if decoupling is not None:
        found += over_images(data, lambda inputs: _read(head, trunk(inputs), decoupling))
    return found


def _read(head: DlsaHead, maps: Tensor, settings: Decoupling) -> Read:
    vectors = head.decoupled(head.project(maps), settings)
    found = {DECOUPLED: between_labels(vectors)}
    attention = None if head.settings.reasoning is None else head.reasoning.told
    if isinstance(attention, Attention):  # two plain layers in its place tell no label of another
        told = attention(vectors)
        found[TOLD] = between_labels(told)
        found[SELECTIVE] = from_flat(attention.weights(vectors))
        found[ADDED] = told.flatten(1).norm(dim=1) / vectors.flatten(1).norm(dim=1)
    return found
