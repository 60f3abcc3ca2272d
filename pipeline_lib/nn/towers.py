"""What a vision-language model says of images, whichever library built it."""

from collections.abc import Callable

from torch import Tensor

from pipeline_lib.nn.shapes import Float


class Seen:
    """Images in the space that they share with texts; nothing is scaled to length 1.

    Args:
        pooled: the whole image: what the model was trained with.
        patches: its parts, row by row, projected alike, or what computes them: most of the work
            behind the last map, which nobody does who looks at whole images alone.
        features: the whole image before the projection, where the tower tells it.
    """

    def __init__(
        self,
        pooled: Float[Tensor, "batch dims"],
        patches: Float[Tensor, "batch patches dims"] | Callable[[], Tensor],
        features: Float[Tensor, "batch features"] | None = None,
    ) -> None:
        self.pooled, self.features = pooled, features
        self._patches = patches

    @property
    def patches(self) -> Float[Tensor, "batch patches dims"]:
        """The parts of the image, (batch, patches, dims)."""
        if not isinstance(self._patches, Tensor):
            self._patches = self._patches()
        return self._patches
