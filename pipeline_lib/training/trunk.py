"""The part of a network that turns images into feature maps, and how much of it is trained."""

from collections.abc import Iterator

import torch
from timm.models import group_parameters
from torch import Tensor, nn

from pipeline_lib.errors import InputError
from pipeline_lib.nn.feature_grid import last_map
from pipeline_lib.nn.shapes import Float
from pipeline_lib.training.data import Pictures

BATCH = 64  # images whose maps exist at a time


class Trunk(nn.Module):
    """An encoder that gives feature maps: a timm network, or maps that were computed before.

    What is not trained runs in evaluation mode, its batch norms included.

    Args:
        encoder: what gives the maps.
        example: the inputs of one image, which say how many channels the maps have.
        trained: "all", the "last_block", or nothing ("frozen").
    """

    shift: Tensor
    scale: Tensor

    def __init__(self, encoder: nn.Module, example: Tensor, *, trained: str) -> None:
        super().__init__()
        self.encoder = encoder.to(example.device)
        _train_only(encoder, trained)
        self._frozen = trained == "frozen"
        self._still = list(still(encoder))
        self.eval()
        with torch.no_grad():
            self.dims = self._maps(example).shape[1]
        self.register_buffer("shift", torch.zeros(self.dims, 1, 1))
        self.register_buffer("scale", torch.ones(self.dims, 1, 1))

    def train(self, mode: bool = True) -> "Trunk":
        """Set the mode of what is trained; the rest stays in evaluation mode."""
        super().train(mode)
        for module in self._still:
            module.eval()
        return self

    def forward(self, inputs: Tensor) -> Float[Tensor, "batch dims height width"]:
        """Return the maps of images (or of maps)."""
        if self._frozen:
            with torch.no_grad():
                maps = self._maps(inputs)
        else:
            maps = self._maps(inputs)
        return (maps - self.shift) / self.scale

    @torch.no_grad()
    def standardise(self, pictures: Pictures[Tensor]) -> None:
        """Shift and scale channels to mean 0 and deviation 1 over pictures, pooled over positions.

        A linear classifier then needs no learning rate of its own for each channel.
        """
        pooled = [self._maps(batch).double().mean((2, 3)) for batch in pictures.batches(BATCH)]
        every = torch.cat(pooled)
        deviation = every.std(0, correction=0)
        self.shift = every.mean(0).float()[:, None, None]
        self.scale = torch.where(deviation > 0, deviation, 1.0).float()[:, None, None]

    def _maps(self, inputs: Tensor) -> Tensor:
        return last_map(self.encoder, inputs)


def _train_only(encoder: nn.Module, trained: str) -> None:
    """Let gradients reach "all" parameters, those of the "last_block", or none ("frozen")."""
    for parameter in encoder.parameters():
        parameter.requires_grad_(trained == "all")
    if trained == "last_block":
        for name in _last_block(encoder):
            encoder.get_parameter(name).requires_grad_(True)


def _last_block(encoder: nn.Module) -> list[str]:
    """Return the parameters of the last of timm's coarse groups that holds a weight matrix."""
    if not hasattr(encoder, "group_matcher"):
        raise InputError(
            f"training: `trunk` is last_block, and {type(encoder).__name__} has no blocks; "
            "expected a timm model; set `trunk` to frozen or all"
        )
    groups = group_parameters(encoder, encoder.group_matcher(coarse=True))  # type: ignore[operator]
    with_matrix = [
        names for names in groups.values() if any(encoder.get_parameter(n).ndim > 1 for n in names)
    ]
    last: list[str] = with_matrix[-1]
    return last


def still(module: nn.Module) -> Iterator[nn.Module]:
    """Yield the largest parts of which nothing is trained, e.g. frozen batch norms.

    A dropout layer beside trained layers has no parameters and follows them.
    """
    if not any(parameter.requires_grad for parameter in module.parameters()):
        yield module
        return
    for child in module.children():
        if any(True for _ in child.parameters()):
            yield from still(child)
