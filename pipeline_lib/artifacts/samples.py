"""What ``ingest`` writes: samples, categories, images, and the items that it had to reject."""

import dataframely as dy

from pipeline_lib.artifacts.arrays import Array
from pipeline_lib.artifacts.table import Table
from pipeline_lib.artifacts.tensors import Tensors

TRAIN, VAL, TEST = "train", "val", "test"


class Samples(dy.Schema):
    """One row per image. Row i of the sorted table is row i of the image tensor."""

    sample_id = dy.String(primary_key=True, min_length=1)
    split = dy.String(regex=r"^[a-z][a-z0-9_]*$")  # train, val, test, test_shift, …
    classes = dy.List(dy.Int32(min=0))  # indices of Categories of kind "class", ascending
    tags = dy.List(dy.Int32(min=0))  # indices of Categories of kind "tag", ascending
    difficult = dy.List(  # tags that occur only as objects hard to see, ascending, never in tags;
        dy.Int32(min=0),
        nullable=True,  # null where the data set does not say
    )
    all_tags = dy.List(  # of a training image whose tags are known to be too few or wrong: the true
        dy.Int32(min=0),  # ones, ascending; oracles alone may read it
        nullable=True,  # null where tags are what is known
    )
    unknown = dy.List(  # tags of which nothing is known here, neither present nor absent,
        dy.Int32(min=0),  # ascending, never in tags
        nullable=True,  # null where the data set does not say
    )
    captions = dy.List(
        dy.String(min_length=1), nullable=True
    )  # as listed; null where there is none
    boxes = dy.List(  # fractions of width and height, origin top left; null where unknown
        dy.Struct(
            {
                "tag": dy.Int32(min=0),
                "x": dy.Float32(min=0, max=1),
                "y": dy.Float32(min=0, max=1),
                "w": dy.Float32(min=0, max=1),
                "h": dy.Float32(min=0, max=1),
            }
        ),
        nullable=True,
    )
    width = dy.Int32(min=1)  # pixels of the decoded image
    height = dy.Int32(min=1)
    sha256 = dy.String(regex=r"^[0-9a-f]{64}$")  # of the decoded RGB pixels and their shape
    path = dy.String()  # file inside the data set
    row = dy.Int64(min=0, nullable=True)  # row inside that file, where it holds many images


class Categories(dy.Schema):
    """One row per class and per tag."""

    kind = dy.String(primary_key=True, regex=r"^(class|tag)$")
    index = dy.Int32(primary_key=True, min=0)  # 0 … n-1 within its kind
    name = dy.String(min_length=1)
    seen = dy.Bool()  # False: never labelled in train or val (zero-shot)
    train_count = dy.Int64(min=0)  # training images that are labelled with it
    far = dy.Bool(nullable=True)  # no class of ImageNet, nor above or below one; null: unasked


class Rejected(dy.Schema):
    """One row per item that was left out, and why."""

    item = dy.String(primary_key=True, min_length=1)
    reason = dy.String(
        primary_key=True, min_length=1
    )  # short and countable, e.g. "truncated image"
    split = dy.String(nullable=True)
    detail = dy.String()


class Ignored(dy.Schema):
    """One row per file or image that no stage sees though nothing is wrong with it, and why."""

    item = dy.String(primary_key=True, min_length=1)  # a path or a key; "folder/" for all in it
    reason = dy.String(primary_key=True, min_length=1)  # countable, e.g. "not an image: .txt"
    count = dy.Int64(min=1)  # of files; above 100 of a folder they share a row
    detail = dy.String()


class Duplicates(dy.Schema):
    """One row per image whose pixels another image has too."""

    sha256 = dy.String(primary_key=True, regex=r"^[0-9a-f]{64}$")  # equal in a group
    sample_id = dy.String(primary_key=True, min_length=1)
    split = dy.String()
    classes = dy.List(dy.String())
    tags = dy.List(dy.String())
    across_splits = dy.Bool()  # of its group: something learns from what is tested on
    labels_differ = dy.Bool()  # of its group
    dropped = dy.Bool()  # left out of samples, as dataset.duplicates says


SAMPLES = Table(Samples, stage="ingest", version=4)  # 4: unknown, captions
CATEGORIES = Table(Categories, stage="ingest", version=2)  # 2: far
REJECTED = Table(Rejected, stage="ingest")
IGNORED = Table(Ignored, stage="ingest")
DUPLICATES = Table(Duplicates, stage="ingest")

# No rows where images are large, or not of one size.
# Header: storage ("pixels" or "references") and dataset (the section of params.yaml that was read).
IMAGES = Tensors(
    "images",
    stage="ingest",
    file="images.safetensors",
    arrays=(Array("pixels", "uint8", ("images", "height", "width", 3), "RGB"),),
)
