"""Feature maps of timm models: convolutional maps, and patch tokens laid out as a grid."""

from typing import Any

import torch
from torch import Tensor, nn

from pipeline_lib.errors import InputError
from pipeline_lib.nn.feature_grid import as_grid


class FeatureMap(nn.Module):
    """A timm model that returns its map and its pooled features instead of logits.

    Args:
        model: without classifier.
        layer: "last" is what the model pools; a number is an earlier stage, as timm's
            ``feature_info`` counts them.
    """

    def __init__(self, model: nn.Module, layer: str | int) -> None:
        super().__init__()
        self.model = model
        self.layer = layer

    @property
    def trunk(self) -> nn.Module:
        """What makes the map."""
        return self.model

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Return the map (batch, dims, height, width) and what is classified, (batch, pooled).

        Raises:
            InputError: the model gives no map, or has no such stage.
        """
        if self.layer == "last":
            last: Tensor = self.model.forward_features(images)  # type: ignore[operator]
            found = as_grid(last, self.model)
        else:
            last, found = self._both(images, int(self.layer))
        pooled: Tensor = self.model.forward_head(last, pre_logits=True)  # type: ignore[operator]
        return found, pooled.flatten(1)

    def _both(self, images: Tensor, layer: int) -> tuple[Tensor, Tensor]:
        """Return what the model pools and the map of a stage, from one pass."""
        stages = len(getattr(self.model, "feature_info", ()))
        if layer >= stages:
            most = f" or at most {stages - 1}" if stages else ""
            raise InputError(
                f"maps.layer is {layer}, expected last{most}, as '{_name(self.model)}' has "
                f"{stages} stages to choose from; mend maps.layer"
            )
        self._check_worth(layer)
        intermediates: Any = self.model.forward_intermediates
        last, (found,) = intermediates(images, indices=[layer], output_fmt="NCHW")
        return torch.as_tensor(last), torch.as_tensor(found)

    def _check_worth(self, layer: int) -> None:
        """Refuse an inner block where all have one grid: it is not finer, only less trained.

        Numbers count stages in a convolutional net and blocks in a transformer, so that one which
        was chosen for another backbone would mean something else here.
        """
        steps = [stage["reduction"] for stage in self.model.feature_info]  # type: ignore[union-attr]
        if len(steps) > 1 and len(set(steps)) == 1 and layer < len(steps) - 1:
            raise InputError(
                f"maps.layer is {layer}, which in '{_name(self.model)}' is block {layer + 1} of "
                f"{len(steps)} with the same grid as the last; expected last; set maps.layer to "
                "last, or take a backbone whose earlier stages are finer"
            )


def _name(model: nn.Module) -> str:
    config: Any = getattr(model, "pretrained_cfg", {})
    return str(config.get("architecture", type(model).__name__))
