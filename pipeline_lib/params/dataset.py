"""Section ``dataset``: which images, and how they are split."""

from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from pipeline_lib.params.scenes import DRAWN, Scenes
from pipeline_lib.params.section import NOTHING, Section
from pipeline_lib.settings.markers import OrNone
from pipeline_lib.settings.only import Only, only, only_if

Share = Annotated[float, Field(ge=0, lt=1)]
Least = Annotated[int, Field(ge=1)]


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


class GivenTags(Section):
    """The data set's own tags stay; what captions say beside them is unknown."""

    name: Literal["given"]


class ListedTags(Section):
    """Those of the names at ``captions.names`` that captions say."""

    name: Literal["list"]
    least: Least  # captions of an image that say a tag of it
    images: Least  # training images of a name; rarer ones are no tags


class NounTags(Section):
    """Nouns that WordNet knows and captions say."""

    name: Literal["nouns"]
    least: Least
    images: Least


CaptionTags = Annotated[GivenTags | ListedTags | NounTags, Field(discriminator="name")]


class Captions(Section):
    """Whether captions say what images show."""

    tags: Annotated[CaptionTags | None, OrNone()]
    names: str  # text file, one name a line, or data/none
    wordnet: str  # WN-LMF: which names mean the same, and which are kinds of others; or data/none

    @model_validator(mode="after")
    def _has_what_it_reads(self) -> Self:
        if isinstance(self.tags, ListedTags) and self.names == NOTHING:
            raise ValueError("tags is list, and names is data/none; name a file, one name a line")
        if isinstance(self.tags, NounTags) and self.wordnet == NOTHING:
            raise ValueError(
                "tags is nouns, and wordnet is data/none; name a WordNet, as "
                "data/wordnet/nouns.xml.xz, or choose tags list"
            )
        return self

    ONLY: ClassVar[tuple[Only, ...]] = (
        *only({"names": NOTHING}, "tags.name", "list"),
        *only_if({"wordnet": NOTHING}, lambda s: s.tags is not None, "tags is not none"),
    )


class ListedUnseen(Section):
    """The tags of the text file at ``unseen.names``."""

    name: Literal["list"]


class DrawnUnseen(Section):
    """A share of the tags that are seen so far, drawn at random."""

    name: Literal["share"]
    share: Annotated[float, Field(gt=0, lt=1)]
    seed: int


class RarestUnseen(Section):
    """The tags of the fewest training images."""

    name: Literal["rarest"]
    count: Annotated[int, Field(ge=1)]  # of tags


class RareUnseen(Section):
    """The tags of fewer training images than a number."""

    name: Literal["below"]
    images: Annotated[int, Field(ge=2)]


class FarUnseen(Section):
    """The tags that are no class of ImageNet, nor above or below one in ``unseen.wordnet``."""

    name: Literal["wordnet"]


Withheld = Annotated[
    ListedUnseen | DrawnUnseen | RarestUnseen | RareUnseen | FarUnseen, Field(discriminator="name")
]


class Unseen(Section):
    """Tags whose labels are taken out of train and val, whatever the layout."""

    by: Annotated[Withheld | None, OrNone()]
    names: str  # text file, one tag a line, or data/none
    wordnet: str  # WN-LMF: also tells unseen tags that are far from ImageNet's classes; data/none

    @model_validator(mode="after")
    def _has_what_it_reads(self) -> Self:
        if isinstance(self.by, ListedUnseen) and self.names == NOTHING:
            raise ValueError("by is list, and names is data/none; name a file, one tag a line")
        if isinstance(self.by, FarUnseen) and self.wordnet == NOTHING:
            raise ValueError(
                "by is wordnet, and wordnet is data/none; name a WordNet, as "
                "data/wordnet/nouns.xml.xz"
            )
        return self

    ONLY: ClassVar[tuple[Only, ...]] = only({"names": NOTHING}, "by.name", "list")


class SinglePositive(Section):
    """Whether every training image keeps one of its tags only (Cole et al., CVPR 2021)."""

    enabled: bool
    seed: int


WITH_COLUMNS = ("parquet", "image_folder", "auto")
BOXES = ("boxes", "box_tags")


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
    captions: Captions
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
        *only({"single_positive.seed": 1200}, "single_positive.enabled", True),
    )  # fmt: skip
