"""Encode whole splits with the network as it is."""

import torch
from torch import Tensor, nn

from pipeline_lib.nn.feature_grid import as_grid
from pipeline_lib.nn.shapes import Float
from pipeline_lib.training.data import Pictures

BATCH = 256


class Given(nn.Module):
    """Stands for a backbone that is frozen and has done its work: maps go in and come out."""

    def __init__(self, num_features: int) -> None:
        super().__init__()
        self.num_features = num_features

    def forward(
        self, maps: Float[Tensor, "batch dims height width"]
    ) -> Float[Tensor, "batch dims height width"]:
        """Return the maps."""
        return maps


def pooled(encoder: nn.Module, inputs: Tensor) -> Float[Tensor, "batch dims"]:
    """Encode inputs; where the encoder gives maps, average them over positions."""
    features: Tensor = encoder(inputs)
    return as_grid(features, encoder).mean((2, 3)) if features.ndim == 4 else features


def encode(encoder: nn.Module, pictures: Pictures[Tensor]) -> Float[Tensor, "images dims"]:
    """Return the features of all pictures, without gradient and in evaluation mode."""
    training = encoder.training
    encoder.eval()
    with torch.inference_mode():
        features = torch.cat([pooled(encoder, batch).float() for batch in pictures.batches(BATCH)])
    encoder.train(training)
    return features.clone()  # outside inference mode a tensor of it could not be trained with


def width(encoder: nn.Module) -> int:
    """Return how many features a timm model without classifier gives."""
    dims = getattr(encoder, "head_hidden_size", None) or encoder.num_features
    return int(dims)  # type: ignore[arg-type]  # nn.Module types its attributes as modules
