"""One fixed graph whose nodes are the labels: its normalisations, and convolution over it."""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from pipeline_lib.errors import InputError
from pipeline_lib.nn.knowledge import refuse_without
from pipeline_lib.nn.placebo import lot
from pipeline_lib.nn.shapes import Float


@dataclass(frozen=True)
class LabelGraph:
    """What is known of the labels before training: the artifacts of two stages."""

    adjacency: Float[Tensor, "labels labels"]  # 0…1, row i: how strongly i speaks for j; no loops
    exclusion: Float[Tensor, "labels labels"]  # 0…1, row i: how strongly i speaks against j
    embeddings: Float[Tensor, "labels words"]  # of the names

    @classmethod
    def of(cls, arrays: Mapping[str, Tensor], labels: int) -> "LabelGraph":
        """Read the tensors.

        Raises:
            InputError: they are another stage's, or describe another number of labels.
        """
        names = ("adjacency", "exclusion", "embeddings")
        refuse_without(arrays, *names[:2], stage="category_graph")
        refuse_without(arrays, names[2], stage="text")
        for name, stage in zip(names[::2], ("category_graph", "text"), strict=True):
            if len(arrays[name]) != labels:
                raise InputError(
                    f"training: '{name}' is of {len(arrays[name])} labels, expected {labels}, "
                    f"those of the targets; re-run `dvc repro {stage}`"
                )
        return cls(*(arrays[name].float() for name in names))

    def by_lot(self) -> "LabelGraph":
        """Return the graph in which every label stands in another one's place, and keeps its name.

        A placebo: as many edges of the same strengths, hubs and lonely labels, and what each edge
        says is of two other labels.
        """
        order = lot(len(self.adjacency))
        speaks_for, against = (one[order][:, order] for one in (self.adjacency, self.exclusion))
        return LabelGraph(speaks_for, against, self.embeddings)


def row_normalised(
    adjacency: Float[Tensor, "labels labels"],
) -> Float[Tensor, "labels labels"]:
    """Divide P + I by its row sums, so that a label takes a mean of itself and its neighbours."""
    looped = adjacency + torch.eye(len(adjacency), dtype=adjacency.dtype)
    return looped / looped.sum(1, keepdim=True)


def rows_to_one(
    adjacency: Float[Tensor, "labels labels"],
) -> Float[Tensor, "labels labels"]:
    """Divide each row by its sum and add no loop; a row without edges stays 0."""
    total = adjacency.sum(1, keepdim=True)
    return adjacency / torch.where(total > 0, total, 1.0)


def reweighted(
    adjacency: Float[Tensor, "labels labels"], *, tau: float, p: float
) -> Float[Tensor, "labels labels"]:
    """Keep edges of at least τ; they share p, and the label itself keeps 1 − p.

    ML-GCN (Chen et al., CVPR 2019), Eqs. 7 and 8. A label without an edge keeps 1 − p all the same.
    """
    edges = (adjacency >= tau).to(adjacency.dtype).fill_diagonal_(0)
    return p * rows_to_one(edges) + (1 - p) * torch.eye(len(edges), dtype=edges.dtype)


class LabelConvolution(nn.Module):
    """Two graph convolutions over the labels, Σ_r Â_r σ(Σ_r Â_r E W_r⁰) W_r¹.

    Each relation r (speaks for, speaks against) has weights of its own. There is no σ after the
    second layer, whose output is compared with features of either sign, but where ``activated``
    asks for it (DLSA, Eq. 2 as printed). Relations and embeddings are kept with the weights, so
    that these alone give the labels' vectors.
    """

    relations: Tensor
    embeddings: Tensor

    def __init__(
        self,
        relations: Float[Tensor, "relations labels labels"],
        embeddings: Float[Tensor, "labels words"],
        *,
        hidden: int,
        dims: int,
        slope: float,
        activated: bool = False,
    ) -> None:
        super().__init__()
        self.register_buffer("relations", relations)
        self.register_buffer("embeddings", embeddings)
        words = embeddings.shape[1]
        self.inner = nn.ModuleList(nn.Linear(words, hidden, bias=False) for _ in relations)
        self.outer = nn.ModuleList(nn.Linear(hidden, dims, bias=False) for _ in relations)
        self.activation = nn.LeakyReLU(slope)
        self.activated = activated

    def forward(self) -> Float[Tensor, "labels dims"]:
        """Return one vector per label."""
        return self._over(self.relations)

    def without_graph(self) -> Float[Tensor, "labels dims"]:
        """Return what the same weights make of each name alone: Â_0 = I, no other relation."""
        alone = torch.zeros_like(self.relations)
        alone[0].fill_diagonal_(1)
        return self._over(alone)

    def _over(self, relations: Tensor) -> Tensor:
        hidden = self.activation(self._layer(relations, self.embeddings, self.inner))
        vectors = self._layer(relations, hidden, self.outer)
        return self.activation(vectors) if self.activated else vectors

    def _layer(self, relations: Tensor, nodes: Tensor, weights: nn.ModuleList) -> Tensor:
        terms = [graph @ layer(nodes) for graph, layer in zip(relations, weights, strict=True)]
        return torch.stack(terms).sum(0)
