"""What a vision-language model says of images, whichever library built it."""

from collections.abc import Callable

from torch import Tensor, nn

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


class TrunkClassifier(nn.Module):
    """The classifier that an image trunk was trained with, and vectors of its classes' names.

    Whoever has the model has it: nothing of it is in a state.

    Args:
        weight: of the trunk's pooled features.
        bias: of the logits.
        embeddings: of the names, in the space of images and texts, of unit length.
    """

    weight: Tensor
    bias: Tensor
    embeddings: Tensor

    def __init__(
        self,
        weight: Float[Tensor, "classes features"],
        bias: Float[Tensor, " classes"],
        embeddings: Float[Tensor, "classes dims"],
    ) -> None:
        super().__init__()
        for name, value in (("weight", weight), ("bias", bias), ("embeddings", embeddings)):
            self.register_buffer(name, value, persistent=False)

    def forward(self, features: Float[Tensor, "batch features"]) -> Float[Tensor, "batch classes"]:
        """Return the logits of the classes."""
        return nn.functional.linear(features, self.weight, self.bias)
