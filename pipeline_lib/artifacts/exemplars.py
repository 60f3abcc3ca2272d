"""What ``exemplars`` writes: prototypes, and what every region was matched with."""

import dataframely as dy

from pipeline_lib.artifacts.shards import Shards
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
# "mean" (prototypes, dims) of the scaled descriptors, float32; "counts" (prototypes, classes)
# int32; "low" and "high" (dims,), the range that is scaled to 0…1; with Fuzzy ART "weights"
# (prototypes, 2 dims) float32, the box (u, 1 - v) of each.
VSE = Tensors("exemplars", stage="exemplars")
# Of every image: "regions" and "prototypes" (rows, J, dims) float16, scaled to 0…1; "matched"
# (rows, J) int32, a prototype or -1, and "prototype_tag" its tag; "similarity" (rows, J) float16;
# "tags" (rows, J, K) int32, the likeliest of each region and its prototype's, with "raw" and
# "refined" probabilities float32; "beliefs" (rows, classes) float32, P_k; "pooled" (rows, pooled)
# float16.
GRAPHS = Shards("graphs", stage="exemplars")
