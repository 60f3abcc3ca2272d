"""LeNet-5 for small colour pictures, registered with timm under the name ``lenet5``.

LeCun et al. (1998), in the variant that image papers train on CIFAR: two 5×5 convolutions with 6
and 16 channels, each followed by ReLU and 2×2 max pooling, then 120 and 84 units.
"""

from typing import Any

from timm.data import IMAGENET_INCEPTION_MEAN, IMAGENET_INCEPTION_STD
from timm.models import build_model_with_cfg, generate_default_cfgs, register_model
from torch import Tensor, nn

from pipeline_lib.errors import InputError

# timm finds this by name when the model below is registered.
default_cfgs = generate_default_cfgs(
    {
        "lenet5.untrained": {
            "input_size": (3, 32, 32),
            "fixed_input_size": True,  # the first linear layer is sized by it
            "pool_size": (5, 5),
            "crop_pct": 1.0,
            "interpolation": "bicubic",
            "mean": IMAGENET_INCEPTION_MEAN,
            "std": IMAGENET_INCEPTION_STD,
            "num_classes": 10,
            "first_conv": "features.0",
            "classifier": "head",
        }
    }
)


SMALLEST = 16  # pixels
OUTPUT_STRIDE = 4  # pixels per cell of the last map; there is no dilated variant


class LeNet5(nn.Module):
    """Convolutions, two hidden layers and a classifier, with the interface of a timm model."""

    def __init__(
        self,
        num_classes: int = 10,
        in_chans: int = 3,
        img_size: int | tuple[int, int] = 32,  # pixels; timm's own default comes as a pair
        output_stride: int = OUTPUT_STRIDE,
        **_: Any,
    ) -> None:
        super().__init__()
        assert output_stride == OUTPUT_STRIDE  # as timm's models do; encoders/vision.py says more
        size = img_size if isinstance(img_size, int) else min(img_size)
        if size < SMALLEST:
            raise InputError(
                f"lenet5: image_size is {size} pixels, expected at least {SMALLEST}, which "
                "leaves one after both poolings; mend `image_size`"
            )
        side = ((size - 4) // 2 - 4) // 2
        self.num_classes = num_classes
        self.num_features = self.head_hidden_size = 84
        self.features = nn.Sequential(
            nn.Conv2d(in_chans, 6, 5), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2),
        )  # fmt: skip
        self.hidden = nn.Sequential(
            nn.Flatten(), nn.Linear(16 * side * side, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU()
        )
        self.head = nn.Linear(84, num_classes) if num_classes else nn.Identity()

    def get_classifier(self) -> nn.Module:
        """Return the last layer."""
        return self.head

    def reset_classifier(self, num_classes: int) -> None:
        """Replace the last layer; 0 leaves the 84 features."""
        self.num_classes = num_classes
        self.head = nn.Linear(84, num_classes) if num_classes else nn.Identity()

    def forward_features(self, x: Tensor) -> Tensor:
        """Return the last feature map, (batch, 16, side, side)."""
        features: Tensor = self.features(x)
        return features

    def forward_head(self, x: Tensor, pre_logits: bool = False) -> Tensor:
        """Return logits, or with ``pre_logits`` the 84 features."""
        hidden: Tensor = self.hidden(x)
        return hidden if pre_logits else self.head(hidden)

    def forward(self, x: Tensor) -> Tensor:
        """Return logits (batch, classes), or (batch, 84) without a classifier."""
        return self.forward_head(self.forward_features(x))


@register_model  # type: ignore[untyped-decorator]
def lenet5(pretrained: bool = False, **kwargs: Any) -> nn.Module:
    """Build LeNet-5; timm calls this for ``create_model("lenet5")``."""
    model: nn.Module = build_model_with_cfg(LeNet5, "lenet5", pretrained, **kwargs)
    return model
