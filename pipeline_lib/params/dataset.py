"""Section ``dataset``: which images, and how they are split."""

from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from pipeline_lib.params.section import NOTHING, Section
from pipeline_lib.settings.only import Only, only, only_if

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
    boxes: str  # Parquet: lists of (x, y, w, h), or structs with them and their tags …
    box_tags: str  # … and the tag of each
    separator: str  # between the labels of a text; auto: told from the whole column


class NusWide(Section):
    """What the labels of NUS-WIDE are."""

    # the 81 concepts that people judged, the 1,000 most frequent tags that users wrote, or the
    # zero-shot protocol: the 925 of those tags that are no concept, and the concepts unseen
    vocabulary: Literal["concepts_81", "tags_1000", "seen_925_unseen_81"]


class OpenImages(Section):
    """Which labels of Open Images count."""

    labels: Literal["human", "machine", "both"]  # verified by people, generated, or either
    confidence: Annotated[float, Field(gt=0, le=1)]  # least one of a generated label
    unseen: Literal["top_400", "none"]  # LESA's 400 labels beside the trainable ones


class Unseen(Section):
    """Tags whose labels are taken out of train and val, whatever the layout."""

    names: str  # text file, one tag a line, or data/none
    share: Share  # of the tags that are seen so far, drawn at random
    seed: int

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if self.names != NOTHING and self.share > 0:
            raise ValueError("names and share both say which; set share to 0 or names to data/none")
        return self


class SinglePositive(Section):
    """Whether every training image keeps one of its tags only (Cole et al., CVPR 2021)."""

    enabled: bool
    seed: int


WITH_COLUMNS = ("parquet", "image_folder", "auto")
BOXES = ("boxes", "box_tags")
DRAWN = {  # by the default preset
    "train": 1600,
    "val": 400,
    "test": 800,
    "test_shift": 800,
    "size": 64,
    "background_match": 0.85,
    "seed": 0,
}


class Dataset(Section):
    """The data set and its splits."""

    format: Literal[
        "auto",
        "scenes",
        "cifar",
        "voc",
        "coco",
        "nuswide",
        "openimages",
        "parquet",
        "image_folder",
        "food101",
        "yolo",
        "flickr",
    ]
    path: Annotated[
        str, Field(min_length=1)
    ]  # folder of the data set, relative to the repository or absolute
    storage: Literal["auto", "pixels", "references"]
    val_share: Share  # held out of train where the data set ships no val split
    test_share: Share  # held out of everything where it ships no test split
    max_rejected: Annotated[float, Field(ge=0, le=1)]  # share of bad items above which ingest stops
    # pictures to test on that lie in train or val too: stop, leave them out of these, or count them
    duplicates: Literal["refuse", "drop", "report"]
    max_pixels: Annotated[int, Field(gt=0, le=178_956_970)]  # larger images are rejected, unread
    seed: int
    columns: Columns
    tag_matrix: str  # class × tag matrix (npz), or data/none
    nuswide: NusWide
    openimages: OpenImages
    unseen: Unseen
    single_positive: SinglePositive
    scenes: Scenes

    ONLY: ClassVar[tuple[Only, ...]] = (
        *only_if(
            {"val_share": 0.1, "test_share": 0.2, "seed": 0},
            lambda s: s.format != "scenes",
            "format is another than scenes, which draws its own splits",
        ),
        *only({f"scenes.{key}": rest for key, rest in DRAWN.items()}, "format", "scenes", "auto"),
        *only({f"columns.{key}": "auto" for key in Columns.model_fields}, "format", *WITH_COLUMNS),
        *only({f"columns.{key}": "auto" for key in BOXES}, "format", "parquet", "auto"),
        *only({"nuswide.vocabulary": "seen_925_unseen_81"}, "format", "nuswide", "auto"),
        *only(
            {"openimages.labels": "human", "openimages.unseen": "top_400"},
            "format", "openimages", "auto",
        ),
        *only_if(
            {"openimages.confidence": 0.5},
            lambda s: s.format in ("openimages", "auto") and s.openimages.labels != "human",
            "format is openimages and openimages.labels machine or both",
        ),
        *only({"tag_matrix": NOTHING}, "format", "food101", "auto"),
        *only_if({"unseen.seed": 0}, lambda s: s.unseen.share > 0, "unseen.share is above 0"),
        *only({"single_positive.seed": 1200}, "single_positive.enabled", True),
    )  # fmt: skip
