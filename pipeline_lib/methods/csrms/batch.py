"""What one training step of CSRMS encodes, and what the other processes do."""

from dataclasses import dataclass

from accelerate.utils import gather, pad_across_processes
from torch import Tensor

from pipeline_lib.nn.shapes import Float, Int

PADDING = -1  # of positions, where processes encode different numbers of images


@dataclass(frozen=True)
class Batch:
    """Some anchors and what is encoded for them (Sec. 4.2), each image once."""

    anchors: Int[Tensor, " batch"]  # positions of training images
    images: Int[Tensor, " images"]  # distinct positions of all that are encoded
    features: Float[Tensor, "images dims"]
    place: Tensor  # (train,): row in ``features`` of a training image, where it is encoded

    def of(self, positions: Int[Tensor, "*any"]) -> Float[Tensor, "*any dims"]:
        """Return the features at positions of training images."""
        return self.features[self.place[positions]]


def of_all_processes(
    images: Int[Tensor, " images"], features: Float[Tensor, "images dims"]
) -> tuple[Int[Tensor, " all"], Float[Tensor, "all dims"]]:
    """Return positions and features that all processes encoded, the same in each.

    A process alone gets its own. DDP hands the buffers of the first process to the others, so what
    is kept of a step has to be known to all.
    """
    positions: Tensor = gather(pad_across_processes(images.to(features.device), pad_index=PADDING))
    rows: Tensor = gather(pad_across_processes(features.detach().float()))
    return positions[positions != PADDING], rows[positions != PADDING]
