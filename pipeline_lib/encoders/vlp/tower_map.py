"""Feature maps of the image tower of a vision-language model, which is built anew of a file.

Whoever reads maps of any network imports this module; open_clip, which takes two seconds, is
imported where there is a tower.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from torch import Tensor, nn

from pipeline_lib.artifacts.json_file import read_json
from pipeline_lib.artifacts.vlp import CONFIG_FILE
from pipeline_lib.encoders.preprocess import Preprocess
from pipeline_lib.nn.shapes import Float

if TYPE_CHECKING:
    from pipeline_lib.encoders.vlp.image_tower import ImageTower

VISUAL = ("embed_dim", "vision_cfg", "quick_gelu")  # of open_clip's configuration: the image tower


class TowerMap(nn.Module):
    """An image tower that returns its cells before pooling, as a map, and its vectors.

    Args:
        tower: of a vision-language model.
        config: what open_clip builds it of.
    """

    layer = "last"  # the only one, as `FeatureMap` says it

    def __init__(self, tower: "ImageTower", config: Mapping[str, Any]) -> None:
        super().__init__()
        self.tower = tower
        self.config = dict(config)

    @classmethod
    def empty(cls, config: Mapping[str, Any]) -> Self:
        """Build the tower with random weights; nothing is downloaded."""
        from open_clip.model import _build_vision_tower

        from pipeline_lib.encoders.vlp.image_tower import image_tower

        vision = {**config["vision_cfg"], "timm_model_pretrained": False}
        visual = _build_vision_tower(
            config["embed_dim"], vision, quick_gelu=config.get("quick_gelu", False)
        )
        return cls(image_tower(visual, "maps"), config)

    @property
    def trunk(self) -> nn.Module:
        """What makes the map: of open_clip's own towers the whole tower."""
        found: nn.Module = getattr(self.tower.visual, "trunk", self.tower.visual)
        return found

    def forward(
        self, images: Tensor
    ) -> tuple[Float[Tensor, "batch dims height width"], Float[Tensor, "batch joint"]]:
        """Return the map, and the pooled vector in the space that texts are in."""
        last = self.tower.last(images)
        return self.tower.grid(last), self.tower.of_last(last).pooled


def tower_map(folder: Path) -> tuple[TowerMap, Preprocess]:
    """Read the image tower of what stage ``vlp`` wrote, and its own preprocessing.

    Raises:
        InputError: the folder holds no whole model.
    """
    from pipeline_lib.encoders.vlp.load import load

    found = load(folder)
    config = read_json(folder / CONFIG_FILE)["model_cfg"]
    return TowerMap(found.model.visual, {k: config[k] for k in VISUAL if k in config}), (
        found.preprocess
    )


def described(config: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a header says of an image tower: named as timm does, or by its shape."""
    vision = config["vision_cfg"]
    shape = "{} layers of {}".format(vision.get("layers", "?"), vision.get("width", "?"))
    return {
        "model": vision.get("timm_model_name") or f"image tower, {shape}",
        "image_size": vision.get("image_size", 0),
    }
