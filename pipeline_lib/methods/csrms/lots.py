"""Training images by lot, of a class or of others: what chosen lists are compared with."""

import torch
from torch import Tensor

from pipeline_lib.nn.shapes import Float, Int


class Members:
    """The training images of each class."""

    def __init__(self, targets: Float[Tensor, "train classes"]) -> None:
        hot = targets.cpu() > 0
        self.counts = hot.sum(0)
        self._images = hot.T.nonzero()[:, 1]  # class after class
        self._starts = self.counts.cumsum(0) - self.counts

    def drawn(
        self,
        classes: Int[Tensor, "images n"],
        generator: torch.Generator,
        *,
        own: Int[Tensor, " images"] | None = None,
    ) -> Int[Tensor, "images n"]:
        """Return one member of every class, with replacement.

        Args:
            classes: which have members.
            generator: of the lots.
            own: position of each image among the training images, which is not drawn for itself
                unless its class has no other member.
        """
        counts, starts = self.counts[classes], self._starts[classes]
        places = (torch.rand(classes.shape, generator=generator) * counts).long()
        found = self._images[starts + places]
        if own is None:
            return found
        after = self._images[starts + (places + 1) % counts]
        return torch.where(found == own[:, None], after, found)


def positives(
    targets: Float[Tensor, "train classes"], count: int, generator: torch.Generator
) -> Int[Tensor, "train n"]:
    """Draw for each training image others that share a class with it."""
    classes = torch.multinomial(targets, count, replacement=True, generator=generator)
    return Members(targets).drawn(classes, generator, own=torch.arange(len(targets)))


def negatives(
    targets: Float[Tensor, "train classes"], count: int, generator: torch.Generator
) -> Int[Tensor, "train m"]:
    """Draw for each training image others that share no class with it.

    There are some: the stage `relations` refuses data without.
    """
    found = torch.randint(len(targets), (len(targets), count), generator=generator)
    while True:
        images, places = ((targets[found] * targets[:, None]).sum(2) > 0).nonzero(as_tuple=True)
        if not len(images):
            return found
        found[images, places] = torch.randint(len(targets), images.shape, generator=generator)
