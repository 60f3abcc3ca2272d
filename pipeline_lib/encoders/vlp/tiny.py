"""A two-tower model that two cores train in minutes, of open_clip's own classes."""

from typing import Any

import open_clip

from pipeline_lib.encoders.vlp.tiny_trunk import NAME
from pipeline_lib.params.vlp import Tiny

MEAN, STD = open_clip.OPENAI_DATASET_MEAN, open_clip.OPENAI_DATASET_STD


def config(params: Tiny) -> dict[str, Any]:
    """Return open_clip's configuration of the model, as `open_clip_config.json` holds it."""
    return {
        "model_cfg": {
            "embed_dim": params.dims,
            "vision_cfg": {
                "image_size": params.image_size,
                "timm_model_name": NAME,
                "timm_pool": "avg",
                "timm_proj": "linear",
            },
            "text_cfg": {
                "context_length": params.context,
                "vocab_size": open_clip.SimpleTokenizer().vocab_size,
                "width": params.text_width,
                "heads": params.text_heads,
                "layers": params.text_layers,
            },
        },
        "preprocess_cfg": {
            "mean": list(MEAN),
            "std": list(STD),
            "interpolation": "bicubic",
            "resize_mode": "shortest",
        },
    }
