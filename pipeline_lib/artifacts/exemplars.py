"""What ``exemplars`` writes: prototypes, and what every region was matched with."""

import dataframely as dy

from pipeline_lib.artifacts.arrays import MORE, Array
from pipeline_lib.artifacts.shards import POOLED, Shards
from pipeline_lib.artifacts.table import Table
from pipeline_lib.artifacts.tensors import Tensors


class Prototypes(dy.Schema):
    """One row per cluster of the regions of a tag."""

    prototype = dy.Int32(primary_key=True, min=0)
    tag = dy.Int32(min=0)
    name = dy.String(min_length=1)  # of the tag
    size = dy.Int64(min=1)  # members
    retained = dy.Bool()  # large and pure enough to be an exemplar
    majority = dy.Int32(min=-1)  # the commonest class among the members; -1 without classes
    share = dy.Float64(min=0, max=1)  # of the members whose image carries it
    members = dy.List(  # the nearest, nearest first
        dy.Struct({"sample_id": dy.String(), "region": dy.Int32(min=0)})
    )


PROTOTYPES = Table(Prototypes, stage="exemplars")
# Header: params (of section exemplars). steps/exemplars/match.py reads it.
VSE = Tensors(
    "exemplars",
    stage="exemplars",
    file="{item}/exemplars.safetensors",
    arrays=(
        Array("mean", "float64", ("prototypes", "dims"), "of the members' scaled descriptors"),
        Array("tag", "int32", ("prototypes",), "whose regions they are"),
        Array("size", "int64", ("prototypes",), "members"),
        Array("retained", "bool", ("prototypes",), "large and pure enough to be an exemplar"),
        Array("counts", "int32", ("prototypes", "classes"), "members whose image carries it"),
        Array("low", "", ("dims",), "what is scaled to 0 …"),
        Array("high", "", ("dims",), "… and to 1"),
        Array("{learned}", "", ("prototypes", MORE), "by the clusterer: Fuzzy ART's boxes"),
    ),
    version=2,  # all that matching needs
)
BY_REGION, BY_TAG = ("images", "regions"), ("images", "regions", "likely")
GRAPHS = Shards(
    "graphs",
    stage="exemplars",
    arrays=(
        Array("regions", "float16", (*BY_REGION, "dims"), "descriptors, scaled to 0…1"),
        Array("prototypes", "float16", (*BY_REGION, "dims"), "those of the matched prototypes"),
        Array("matched", "int32", BY_REGION, "a prototype, or -1"),
        Array("prototype_tag", "int32", BY_REGION, "its tag"),
        Array("similarity", "float16", BY_REGION, "of a region and its prototype"),
        Array("tags", "int32", BY_TAG, "the likeliest, and the prototype's"),
        Array("raw", "float32", BY_TAG, "their probabilities"),
        Array("refined", "float32", BY_TAG, "the same after refinement"),
        Array("beliefs", "float32", ("images", "classes"), "P_k"),
        # of a fixed lattice of boxes, where ``regions`` looked at one; it is not matched
        Array("lattice", "float16", (*BY_REGION, "dims"), "descriptors, scaled", optional=True),
        Array("lattice_tags", "int32", BY_TAG, "the likeliest", optional=True),
        Array("lattice_raw", "float32", BY_TAG, "their probabilities", optional=True),
        POOLED,
    ),
    version=2,  # says what made it
)
