"""Settings of ML-GCN: classifiers from a graph convolution over word vectors."""

from dataclasses import dataclass, field
from typing import Literal

from pipeline_lib.families.dense_head.settings import HeadSettings
from pipeline_lib.settings.numbers import BelowOne, Count, Share
from pipeline_lib.settings.recipe import ImageRecipe, Sgd, Step


@dataclass(frozen=True, kw_only=True)
class Settings(HeadSettings):
    """Recognition with graph convolutional networks."""

    recipe: ImageRecipe = field(
        default_factory=lambda: ImageRecipe(  # Sec. 4.1
            epochs=100,
            batch_size=32,
            optimizer=Sgd(lr=0.01, momentum=0.9, weight_decay=1e-4),
            schedule=Step(factor=0.1, every=40),
        )
    )
    pool: Literal["max", "mean"] = "max"  # of the map, over positions (Sec. 3.2)
    hidden: Count = 1024  # Sec. 4.1
    slope: BelowOne = 0.2  # of the LeakyReLU (Sec. 4.1)
    tau: Share = 0.4  # edges below are dropped (Sec. 4.1)
    p: Share = 0.2  # what the neighbours of a label weigh together (Sec. 4.1)
