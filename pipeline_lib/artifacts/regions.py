"""What ``csnet`` and ``regions`` write beside the sharded arrays: the network, and boxes."""

import dataframely as dy

from pipeline_lib.artifacts.arrays import MORE, Array
from pipeline_lib.artifacts.table import Table
from pipeline_lib.artifacts.tensors import Tensors

# Header: settings (of methods/vscnet), dims, tags, classes. steps/regions.py reads it.
CSNET = Tensors(
    "csnet",
    stage="csnet",
    file="{item}/network.safetensors",
    arrays=(Array("{parameter}", "", (MORE,), "of CSNet"),),
    version=2,  # all that finding regions needs
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
