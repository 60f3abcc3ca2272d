"""What stands behind the last map of a timm tower, for maps that were made before.

The trunk that made them is frozen: what can be trained is what follows it, the projection above
all, and an epoch costs as little as that.
"""

from typing import Any

import torch
from torch import Tensor

from pipeline_lib.encoders.vlp.image_tower import TimmTower
from pipeline_lib.errors import InputError
from pipeline_lib.nn.feature_grid import as_grid, channels_last
from pipeline_lib.nn.shapes import Float
from pipeline_lib.nn.towers import Seen


class MapTower(TimmTower):
    """Maps in, as the stage `maps` stores them, ``Seen`` out; the rest is the tower's own.

    Args:
        tower: whose trunk made the maps.
        size: of the images that they were made of, in pixels.

    Raises:
        InputError: the trunk pools more than its map, such as a class token.
    """

    def __init__(self, tower: TimmTower, size: int) -> None:
        super().__init__(tower.visual)
        with torch.no_grad():
            last = tower.last(next(tower.parameters()).new_zeros(1, 3, size, size))
        self.shape = tuple(as_grid(last, self._trunk).shape[1:])  # of a map, (dims, height, width)
        self._prefix = 0 if last.ndim == 4 else int(getattr(self._trunk, "num_prefix_tokens", 0))
        self._tokens = last.ndim == 3
        self._names = self._behind(last)

    @property
    def _trunk(self) -> Any:
        return self.visual.trunk

    def forward(self, images: Float[Tensor, "batch dims height width"]) -> Seen:
        """Read maps of images."""
        return self.of_last(self._laid_out(images))

    def blocks(self) -> list[list[str]]:
        """Return the names of what follows the maps: the one block that is left."""
        return [self._names]

    def behind_blocks(self) -> list[str]:
        """Return the same: no block of the trunk is left."""
        return self._names

    def checkpoint(self) -> None:
        """Refuse: what would be recomputed was computed before.

        Raises:
            InputError: always.
        """
        raise InputError(
            "training: `student.checkpointing` is true, and the run reads maps, before which "
            "nothing is left to recompute; expected false; set it so"
        )

    def _laid_out(self, maps: Tensor) -> Tensor:
        """Undo ``as_grid``; class tokens, of which nothing behind the map makes use, are zeros."""
        if not self._tokens:
            return maps.permute(0, 2, 3, 1) if channels_last(self._trunk) else maps
        tokens = maps.flatten(2).transpose(1, 2)
        return torch.nn.functional.pad(tokens, (0, 0, self._prefix, 0))

    def _behind(self, last: Tensor) -> list[str]:
        """Return the parameters that a pooled vector depends on; refuse what no map tells."""
        parameters = dict(self.named_parameters())
        still = [p for p in parameters.values() if not p.requires_grad]
        last[:, : self._prefix] = torch.nan
        with torch.enable_grad():
            pooled = self.requires_grad_(True).of_last(last).pooled
            found = torch.autograd.grad(pooled.sum(), list(parameters.values()), allow_unused=True)
        for parameter in still:
            parameter.requires_grad_(False)
        if bool(pooled.isnan().any()):
            raise InputError(
                "training: the trunk of the image tower pools its class token, which no map has, "
                "expected one that pools its map; set `input` of the run to the images"
            )
        return [n for n, grad in zip(parameters, found, strict=True) if grad is not None]
