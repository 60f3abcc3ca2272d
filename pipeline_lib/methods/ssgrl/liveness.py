"""Whether the modules of SSGRL do what they are there for (training/liveness.py)."""

from torch import Tensor

from pipeline_lib.families.dense_head.decoupling import pooled_by
from pipeline_lib.families.dense_head.liveness import (
    DECOUPLED,
    OWN,
    Meaning,
    Read,
    between_labels,
    over_images,
)
from pipeline_lib.methods.ssgrl.head import SsgrlHead
from pipeline_lib.training.data import Data
from pipeline_lib.training.liveness import Reading
from pipeline_lib.training.trunk import Trunk

PASSED = Meaning(
    "correlation",
    "between labels",
    "Share of what the graph changes in an image's vectors that differs between its labels, "
    "0 to 1; 0 where every label is told the same.",
    OWN,
)


def readings(head: SsgrlHead, trunk: Trunk, data: Data[Tensor]) -> list[Reading]:
    """Return what decoupling and the graph come to."""
    return over_images(data, lambda inputs: _read(head, trunk(inputs)))


def _read(head: SsgrlHead, maps: Tensor) -> Read:
    maps = head.project(maps)
    vectors = pooled_by(head.attention(maps, head.embeddings), maps)
    changed = head.interaction(vectors) - vectors
    return {DECOUPLED: between_labels(vectors), PASSED: between_labels(changed)}
