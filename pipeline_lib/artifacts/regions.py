"""What ``csnet`` and ``regions`` write beside the sharded arrays: networks, and boxes."""

import dataframely as dy

from pipeline_lib.artifacts.arrays import MORE, Array
from pipeline_lib.artifacts.table import Table
from pipeline_lib.artifacts.tensors import Tensors

FOLDS = "folds"
OF_FOLDS = Array(f"{FOLDS}/{{fold}}/{{parameter}}", "", (MORE,), "of one trained without a fold")
# Header: settings (of methods/vscnet), dims, tags, classes. steps/regions/finder.py reads it.
CSNET = Tensors(
    "csnet",
    stage="csnet",
    file="{item}/network.safetensors",
    arrays=(
        Array("fold", "int32", ("train",), "which fold a training image is in", optional=True),
        OF_FOLDS,
        Array("{parameter}", "", (MORE,), "of CSNet"),
    ),
    version=3,  # 2: all that finding regions needs; 3: its settings say how many folds there are
)
HEAD_FILE = "head.safetensors"
# Header: image_size (pixels of a cut-out), batch_size, recipe. steps/regions/naming.py reads it.
TAG_HEAD = Tensors(
    "tag head",
    stage="regions",
    file=f"{{item}}/{HEAD_FILE}",  # where regions are of pixels
    arrays=(
        OF_FOLDS,
        Array("mean", "float32", ("dims",), "of the training regions, which is taken off"),
        Array("deviation", "float32", ("dims",), "what is divided by"),
        Array("tags.weight", "float32", ("tags", "dims"), "from there to logits"),
        Array("tags.bias", "float32", ("tags",), "added to them"),
    ),
)


class Boxes(dy.Schema):
    """One row per region: where it is, and what it shows."""

    sample_id = dy.String(primary_key=True, min_length=1)
    region = dy.Int32(primary_key=True, min=0)  # 0 … J-1, in the order CSNet looked
    x = dy.Float32()  # of the upright hull, in fractions of the image; may lie outside it
    y = dy.Float32()
    w = dy.Float32(min=0)
    h = dy.Float32(min=0)
    angle = dy.Float32(min=-180, max=180)  # degrees by which the box is turned
    tag = dy.Int32(min=0)  # the likeliest
    probability = dy.Float32(min=0, max=1)  # of that tag
    assigned = dy.Int32(min=-1)  # the tag that supervised it; -1: none, or no training image


BOXES = Table(Boxes, stage="regions")
