"""The heterogeneous graph of an image: regions, tags and prototypes (Eqs. 8-9).

    paper     here                          shape
    t_f       tags, probabilities           (batch, J, K), the likeliest tags of each region
    p         matched                       (batch, J), the prototype of each region
    A_h       Graph.adjacency               (batch, nodes, nodes), nodes = J + T + J

Many small graphs are built at once, as dense matrices with a mask of the nodes that are there.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from pipeline_lib.nn.shapes import Bool, Float, Int


@dataclass(frozen=True)
class Associations:
    """What was found in a batch of images, as the stage ``exemplars`` writes it."""

    matched: Int[Tensor, "batch J"]  # a prototype's number, or -1
    prototype_tag: Int[Tensor, "batch J"]  # its tag, or -1
    tags: Int[Tensor, "batch J K"]
    probabilities: Float[Tensor, "batch J K"]  # raw or refined


@dataclass(frozen=True)
class Graph:
    """Nodes in the order regions, tags, prototypes."""

    tags: Int[Tensor, "batch T"]  # which tags are nodes, likeliest first
    scores: Float[Tensor, "batch T"]  # the highest probability that a region gives them
    adjacency: Float[Tensor, "batch nodes nodes"]  # symmetric, 0 or 1, no loops
    mask: Bool[Tensor, "batch nodes"]  # nodes that are there


def build(
    found: Associations, *, tag_count: int, tag_nodes: int, tags_per_region: int, knowledge: bool
) -> Graph:
    """Eqs. 8-9: connect what belongs together.

    A region with each tag predicted from it; two tags predicted from one region; two regions whose
    likeliest tag is the same; and with ``knowledge`` a region with the prototype that it matched,
    and a prototype with its tag. Regions that match the same prototype share its node.

    Args:
        found: regions, tags, prototypes.
        tag_count: number of tags in the data set.
        tag_nodes: T, the likeliest tags of the image that become nodes.
        tags_per_region: M, the likeliest tags of a region that count as predicted from it.
        knowledge: whether prototypes are nodes.
    """
    nodes, scores = likeliest(found.tags, found.probabilities, tag_count=tag_count, count=tag_nodes)
    order = found.probabilities.topk(min(tags_per_region, found.tags.shape[2]), dim=2).indices
    predicted = found.tags.gather(2, order)  # (batch, J, M), likeliest first
    region_tag = (predicted[:, :, :, None] == nodes[:, None, None, :]).any(2)
    tag_tag = _off_diagonal((region_tag.float().transpose(1, 2) @ region_tag.float()) > 0)
    first = predicted[:, :, 0]
    region_region = _off_diagonal(first[:, :, None] == first[:, None, :])
    adjacency = _symmetric(region_region, region_tag, tag_tag)
    mask = torch.ones(adjacency.shape[:2], dtype=torch.bool, device=adjacency.device)
    if knowledge:
        adjacency, mask = _with_prototypes(found, nodes, adjacency)
    return Graph(nodes, scores, adjacency.float(), mask)


def likeliest(
    tags: Int[Tensor, "batch J K"],
    probabilities: Float[Tensor, "batch J K"],
    *,
    tag_count: int,
    count: int,
) -> tuple[Int[Tensor, "batch T"], Float[Tensor, "batch T"]]:
    """Return the image's best tags, each scored by the region that shows it best."""
    flat = probabilities.new_zeros(len(tags), tag_count)
    flat = flat.scatter_reduce(1, tags.flatten(1), probabilities.flatten(1), reduce="amax")
    scores, nodes = flat.topk(min(count, tag_count), dim=1)
    return nodes, scores


def _with_prototypes(
    found: Associations, nodes: Tensor, adjacency: Tensor
) -> tuple[Tensor, Tensor]:
    """Add a node per region; those that repeat an earlier region's prototype are masked."""
    batch, steps = found.matched.shape
    same = found.matched[:, :, None] == found.matched[:, None, :]  # (batch, J, J)
    owner = same.int().argmax(2)  # the first region with this prototype
    there = (found.matched >= 0) & (owner == torch.arange(steps, device=owner.device))
    slots = torch.arange(steps, device=owner.device)
    region_prototype = (owner[:, :, None] == slots) & (found.matched >= 0)[:, :, None]
    prototype_tag = (found.prototype_tag[:, :, None] == nodes[:, None, :]) & there[:, :, None]
    links = torch.cat([region_prototype, prototype_tag.transpose(1, 2)], 1)  # (batch, J + T, J)
    nothing = torch.zeros(batch, steps, steps, dtype=torch.bool, device=owner.device)
    known = torch.ones(adjacency.shape[:2], dtype=torch.bool, device=owner.device)
    return _symmetric(adjacency, links, nothing), torch.cat([known, there], 1)


def _symmetric(upper: Tensor, side: Tensor, lower: Tensor) -> Tensor:
    """Assemble [[upper, side], [sideᵀ, lower]]."""
    top = torch.cat([upper, side], 2)
    return torch.cat([top, torch.cat([side.transpose(1, 2), lower], 2)], 1)


def _off_diagonal(edges: Tensor) -> Tensor:
    return edges & ~torch.eye(edges.shape[1], dtype=torch.bool, device=edges.device)
