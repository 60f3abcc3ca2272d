"""A trained run on pictures of one's own: found, decoded beside the network, written as a table."""

from pipeline_lib.prediction.run import Options, Prediction
from pipeline_lib.prediction.sources import find_pictures

__all__ = ["Options", "Prediction", "find_pictures"]
