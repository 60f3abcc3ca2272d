"""ResNets for small pictures, registered with timm: ``resnet18_cifar``, ``resnet50_cifar``.

He et al. (2016) begin with a 7×7 convolution of stride 2 and a max pooling, for 224 pixels; of 32
pixels that leaves one cell. On CIFAR one begins with a 3×3 convolution of stride 1 and does not
pool: the last map has 4×4 cells.
"""

from typing import Any

from timm.data import IMAGENET_INCEPTION_MEAN, IMAGENET_INCEPTION_STD
from timm.models import build_model_with_cfg, generate_default_cfgs, register_model
from timm.models.resnet import BasicBlock, Bottleneck, ResNet
from torch import nn

OWN = {
    "input_size": (3, 32, 32),
    "pool_size": (4, 4),
    "crop_pct": 1.0,
    "interpolation": "bicubic",
    "mean": IMAGENET_INCEPTION_MEAN,
    "std": IMAGENET_INCEPTION_STD,
    "num_classes": 10,
    "first_conv": "conv1",
    "classifier": "fc",
}
# timm finds these by name when the models below are registered.
default_cfgs = generate_default_cfgs(
    {"resnet18_cifar.untrained": OWN, "resnet50_cifar.untrained": OWN}
)


class CifarResNet(ResNet):  # type: ignore[misc]  # timm is untyped
    """timm's ResNet behind another stem, so that maps are four times as wide and as high."""

    def __init__(self, *args: Any, in_chans: int = 3, output_stride: int = 32, **more: Any) -> None:
        assert output_stride == 32  # as timm's models do; encoders/vision.py says more
        super().__init__(*args, in_chans=in_chans, **more)
        self.conv1 = nn.Conv2d(in_chans, 64, 3, padding=1, bias=False)
        nn.init.kaiming_normal_(self.conv1.weight, mode="fan_out", nonlinearity="relu")
        self.maxpool = nn.Identity()
        for level in self.feature_info:
            level["reduction"] = max(1, level["reduction"] // 4)


def _built(name: str, pretrained: bool, **layers: Any) -> nn.Module:
    model: nn.Module = build_model_with_cfg(CifarResNet, name, pretrained, **layers)
    return model


@register_model  # type: ignore[untyped-decorator]
def resnet18_cifar(pretrained: bool = False, **kwargs: Any) -> nn.Module:
    """Build ResNet-18; timm calls this for ``create_model("resnet18_cifar")``."""
    return _built("resnet18_cifar", pretrained, block=BasicBlock, layers=(2, 2, 2, 2), **kwargs)


@register_model  # type: ignore[untyped-decorator]
def resnet50_cifar(pretrained: bool = False, **kwargs: Any) -> nn.Module:
    """Build ResNet-50."""
    return _built("resnet50_cifar", pretrained, block=Bottleneck, layers=(3, 4, 6, 3), **kwargs)
