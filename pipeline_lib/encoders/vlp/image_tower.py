"""The image tower of any open_clip model, with every patch projected into the joint space."""

from abc import ABC, abstractmethod
from typing import Any

import torch
from open_clip.modified_resnet import ModifiedResNet
from open_clip.timm_model import TimmModel
from open_clip.transformer import VisionTransformer
from timm.models import group_parameters
from torch import Tensor, nn

from pipeline_lib.errors import InputError
from pipeline_lib.nn.feature_grid import as_grid, channels_last
from pipeline_lib.nn.shapes import Float
from pipeline_lib.nn.towers import Seen


class ImageTower(nn.Module, ABC):
    """Images in, ``Seen`` out. The pooled vector is the one that open_clip's own model gives.

    A patch is pooled and projected as if the image consisted of nothing else: for CLIP's class
    token this is its last norm and its projection, for an attention pool the path through its
    values (MaskCLIP, Zhou et al., ECCV 2022, Sec. 3.2).
    """

    def __init__(self, visual: nn.Module) -> None:
        super().__init__()
        self.visual = visual

    def forward(self, images: Float[Tensor, "batch 3 size size"]) -> Seen:
        """Encode images."""
        return self.of_last(self.last(images))

    @abstractmethod
    def last(self, images: Float[Tensor, "batch 3 size size"]) -> Tensor:
        """Return what the tower pools, as it lays it out."""

    @abstractmethod
    def grid(self, last: Tensor) -> Float[Tensor, "batch dims height width"]:
        """Return the cells of ``last`` as a map; class tokens are left out."""

    @abstractmethod
    def of_last(self, last: Tensor) -> Seen:
        """Return what stands behind ``last``."""

    @abstractmethod
    def blocks(self) -> list[list[str]]:
        """Return the names of all parameters by depth.

        The stem, each block, and with the last block what follows it.
        """

    @abstractmethod
    def behind_blocks(self) -> list[str]:
        """Return the names of what follows the last block: the last norm, pooling, projection."""

    def checkpoint(self) -> None:
        """Recompute activations in the backward pass from now on."""
        self.visual.set_grad_checkpointing(True)  # type: ignore[operator]

    def _named(self, *prefixes: str) -> list[str]:
        """Return the parameters that lie under one of the prefixes."""
        wanted = tuple(f"visual.{prefix}" for prefix in prefixes)
        return [name for name, _ in self.named_parameters() if name.startswith(wanted)]

    def _rest(self, *groups: list[str]) -> list[str]:
        known = {name for group in groups for name in group}
        return [name for name, _ in self.named_parameters() if name not in known]


class TransformerTower(ImageTower):
    """open_clip's own vision transformer."""

    def last(self, images: Float[Tensor, "batch 3 size size"]) -> Tensor:
        """Return the tokens behind the last block, before the last norm; the class token first."""
        tower: Any = self.visual
        return torch.as_tensor(tower.transformer(tower._embeds(images)))

    def grid(self, last: Tensor) -> Float[Tensor, "batch dims height width"]:
        """Return the tokens of the patches as a map."""
        tower: Any = self.visual
        height, width = tower.grid_size
        return last[:, 1:].transpose(1, 2).reshape(last.shape[0], -1, height, width)

    def of_last(self, last: Tensor) -> Seen:
        """Return what stands behind the tokens."""
        tower: Any = self.visual
        features, _ = tower._pool(last)
        return Seen(
            self._projected(features), lambda: self._projected(self._alone(last[:, 1:])), features
        )

    def _projected(self, features: Tensor) -> Tensor:
        tower: Any = self.visual
        return features if tower.proj is None else features @ tower.proj

    def _alone(self, tokens: Tensor) -> Tensor:
        tower: Any = self.visual
        if tower.attn_pool is None:
            normed: Tensor = tower.ln_post(tokens)
            return normed
        batch, patches, width = tokens.shape
        single = tokens.reshape(batch * patches, 1, width).expand(-1, 2, -1)
        pooled: Tensor = tower._pool(single)[0]  # of two alike: an average leaves the first one out
        return pooled.view(batch, patches, -1)

    def blocks(self) -> list[list[str]]:
        """Return the names of all parameters by depth."""
        tower: Any = self.visual
        count = len(tower.transformer.resblocks)
        inner = [self._named(f"transformer.resblocks.{i}.") for i in range(count)]
        last = self.behind_blocks()
        stem = self._rest(*inner, last)
        return [stem, *inner[:-1], inner[-1] + last]

    def behind_blocks(self) -> list[str]:
        """Return the names of what follows the last block."""
        return self._named("ln_post", "proj", "attn_pool")


class TimmTower(ImageTower):
    """A timm model with open_clip's projection."""

    def last(self, images: Float[Tensor, "batch 3 size size"]) -> Tensor:
        """Return what the model pools, as timm lays it out."""
        tower: Any = self.visual
        return torch.as_tensor(tower.trunk.forward_features(images))

    def grid(self, last: Tensor) -> Float[Tensor, "batch dims height width"]:
        """Return what the model pools as a map."""
        tower: Any = self.visual
        return as_grid(last, tower.trunk)

    def of_last(self, last: Tensor) -> Seen:
        """Return what stands behind ``last``."""
        tower: Any = self.visual
        features = tower.trunk.forward_head(last)
        return Seen(tower.head(features), lambda: self._alone(last), features)

    def _alone(self, last: Tensor) -> Tensor:
        tower: Any = self.visual
        if last.ndim == 3:
            tokens = last[:, int(getattr(tower.trunk, "num_prefix_tokens", 0)) :]
            alone = tokens.flatten(0, 1)[:, None]
            if not getattr(tower.trunk, "attn_pool", None) and tower.trunk.num_prefix_tokens:
                alone = torch.cat([alone] * (tower.trunk.num_prefix_tokens + 1), 1)
        else:
            tokens = as_grid(last, tower.trunk).flatten(2).transpose(1, 2)
            alone = tokens.flatten(0, 1)
            behind = channels_last(tower.trunk)
            alone = alone[:, None, None] if behind else alone[:, :, None, None]
        patches: Tensor = tower.head(tower.trunk.forward_head(alone))
        return patches.view(last.shape[0], tokens.shape[1], -1)

    def blocks(self) -> list[list[str]]:
        """Return the names of all parameters by depth; of a convolutional network, its stages."""
        named, end = self._groups()
        return [*named[:end], named[end] + self.behind_blocks()]

    def behind_blocks(self) -> list[str]:
        """Return the names of what follows the last block."""
        named, end = self._groups()
        return [name for names in named[end + 1 :] for name in names] + self._named("head")

    def _groups(self) -> tuple[list[list[str]], int]:
        """Return timm's groups of the trunk by depth, and which is the last with a matrix."""
        trunk: Any = self.visual.trunk
        groups = group_parameters(trunk, trunk.group_matcher(coarse=True))
        named = [[f"visual.trunk.{name}" for name in groups[number]] for number in sorted(groups)]
        deep = [i for i, names in enumerate(named) if any(self._is_matrix(n) for n in names)]
        return named, deep[-1]

    def _is_matrix(self, name: str) -> bool:
        return self.get_parameter(name).ndim > 1


class ResNetTower(ImageTower):
    """CLIP's residual network with attention pooling."""

    def last(self, images: Float[Tensor, "batch 3 size size"]) -> Tensor:
        """Return the maps of the last stage."""
        tower: Any = self.visual
        maps = tower.stem(images)
        for layer in (tower.layer1, tower.layer2, tower.layer3, tower.layer4):
            maps = layer(maps)
        return torch.as_tensor(maps)

    def grid(self, last: Tensor) -> Float[Tensor, "batch dims height width"]:
        """Return the maps as they are."""
        return last

    def of_last(self, last: Tensor) -> Seen:
        """Return what the attention pool makes of the maps."""
        tower: Any = self.visual
        pool = tower.attnpool
        return Seen(pool(last), lambda: pool.c_proj(pool.v_proj(last.flatten(2).transpose(1, 2))))

    def blocks(self) -> list[list[str]]:
        """Return the names of all parameters by depth: the stem and the four stages."""
        inner = [self._named(f"layer{i}.") for i in range(1, 5)]
        last = self.behind_blocks()
        return [self._rest(*inner, last), *inner[:-1], inner[-1] + last]

    def behind_blocks(self) -> list[str]:
        """Return the names of the attention pool."""
        return self._named("attnpool")


TOWERS: dict[type[nn.Module], type[ImageTower]] = {
    VisionTransformer: TransformerTower,
    TimmModel: TimmTower,
    ModifiedResNet: ResNetTower,
}


def image_tower(visual: nn.Module, where: str) -> ImageTower:
    """Wrap the image tower of an open_clip model.

    Raises:
        InputError: it is of a kind whose patches nothing here knows.
    """
    for kind, tower in TOWERS.items():
        if isinstance(visual, kind):
            return tower(visual)
    raise InputError(
        f"{where}: the image tower is a {type(visual).__name__}, expected one of "
        f"{', '.join(kind.__name__ for kind in TOWERS)}; choose another `vlp.source.model`"
    )
