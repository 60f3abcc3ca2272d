"""Section ``dataset``: which images, and how they are split."""

from typing import Annotated, Literal

from pydantic import Field

from pipeline_lib.params.section import Section

Share = Annotated[float, Field(ge=0, lt=1)]
Count = Annotated[int, Field(ge=0)]


class Scenes(Section):
    """How many pictures the ``scenes`` generator draws, and how hard they are."""

    train: Count
    val: Count
    test: Count
    test_shift: Count
    size: Annotated[int, Field(ge=32, le=512)]  # pixels, width = height
    background_match: Annotated[
        float, Field(ge=0, le=1)
    ]  # share of train/val/test backgrounds that fit the class
    seed: int


class Columns(Section):
    """Columns of a Parquet or CSV data set; ``auto`` finds the usual names."""

    id: str
    image: str
    split: str
    classes: str
    tags: str
    caption: str
    boxes: str  # Parquet: lists of (x, y, w, h) in fractions of the image …
    box_tags: str  # … and the tag of each


class Dataset(Section):
    """The data set and its splits."""

    format: Literal["auto", "scenes", "cifar", "voc", "coco", "parquet", "image_folder", "food101"]
    path: str  # folder of the data set, relative to the repository or absolute
    storage: Literal["auto", "pixels", "references"]
    val_share: Share  # held out of train where the data set ships no val split
    test_share: Share  # held out of everything where it ships no test split
    max_rejected: Annotated[float, Field(ge=0, le=1)]  # share of bad items above which ingest stops
    max_pixels: Annotated[int, Field(gt=0, le=178_956_970)]  # larger images are rejected, unread
    seed: int
    columns: Columns
    tag_matrix: str  # class × tag matrix (npz), or data/none
    scenes: Scenes
