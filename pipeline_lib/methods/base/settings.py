"""Settings of Base."""

from dataclasses import dataclass

from pipeline_lib.training.settings import ImageSettings


@dataclass(frozen=True, kw_only=True)
class Settings(ImageSettings):
    """A backbone and a linear classifier."""
