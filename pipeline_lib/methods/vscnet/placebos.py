"""What stands in the place of what L, K, G, C and F know, at equal cost (nn/placebo.py)."""

from collections.abc import Mapping

import torch
from torch import Tensor

from pipeline_lib.methods.vscnet.image_graph import Graph
from pipeline_lib.methods.vscnet.masks import Masks
from pipeline_lib.methods.vscnet.settings import Placebos
from pipeline_lib.nn.placebo import replaced
from pipeline_lib.nn.shapes import Bool, Float

EXEMPLARS = ("matched", "prototype_tag", "prototypes")  # arrays of the regions' exemplars


def on_lattice(inputs: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return the arrays of a batch, with those of the lattice for those of CSNet's boxes."""
    names = {"regions": "lattice", "tags": "lattice_tags", "raw": "lattice_raw"}
    return {**inputs, **{name: inputs[other] for name, other in names.items()}}


def averaged(inputs: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return the arrays of a batch, with the mean of an image's regions for each of them."""
    return {**inputs, "regions": replaced(inputs["regions"], "mean", dim=1)}


def others(inputs: Mapping[str, Tensor], placebo: Placebos) -> dict[str, Tensor]:
    """Return the arrays of a batch with another image's exemplars, or P_k alone.

    What is left of refinement without them is the raw tags.
    """
    found = dict(inputs)
    if placebo.knowledge == "another":
        found |= {name: replaced(inputs[name], "another", dim=1) for name in EXEMPLARS}
        found["refined"] = inputs["raw"]
    if "another" in (placebo.knowledge, placebo.fusion):
        found["beliefs"] = replaced(inputs["beliefs"], "another", dim=1)
    return found


def edges_by_lot(graph: Graph) -> Graph:
    """Return each graph with as many edges, between nodes that are there, drawn once by lot."""
    count = graph.adjacency.shape[1]
    row, column = torch.triu_indices(count, count, 1, device=graph.mask.device)
    drawn = torch.rand(len(row), generator=torch.Generator().manual_seed(count)).to(row.device)
    pairs = graph.mask[:, row] & graph.mask[:, column]
    rank = torch.where(pairs, drawn, -1.0).argsort(1, descending=True).argsort(1)
    edges = graph.adjacency[:, row, column].sum(1, keepdim=True)
    upper = torch.zeros_like(graph.adjacency)
    upper[:, row, column] = (rank < edges).to(upper.dtype)
    return Graph(graph.tags, graph.scores, upper + upper.transpose(1, 2), graph.mask)


def even(masks: Masks, graph: Graph) -> Masks:
    """Return masks that are, for all nodes and for all edges of an image, their mean."""
    nodes = _mean(masks.nodes, graph.mask)[:, None].expand_as(masks.nodes)
    edges = _mean(masks.edges.flatten(1), graph.adjacency.flatten(1) > 0)
    return Masks(nodes, edges[:, None, None].expand_as(masks.edges))


def _mean(
    values: Float[Tensor, "batch n"], there: Bool[Tensor, "batch n"]
) -> Float[Tensor, " batch"]:
    total: Tensor = (values * there).sum(1) / there.sum(1).clamp(min=1)
    return total
