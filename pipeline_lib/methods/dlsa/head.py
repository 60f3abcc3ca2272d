"""DLSA from feature maps to logits. Every row of the paper's Table 2 is a set of switches."""

import torch
from torch import Tensor, nn

from pipeline_lib.errors import InputError
from pipeline_lib.families.dense_head.decoupling import pooled_by, sigmoid_attention
from pipeline_lib.families.dense_head.label_classifier import LabelClassifier
from pipeline_lib.families.dense_head.label_graph import (
    LabelConvolution,
    LabelGraph,
    reweighted,
    row_normalised,
    rows_to_one,
)
from pipeline_lib.methods.dlsa.reasoning import Reasoning
from pipeline_lib.methods.dlsa.settings import Decoupling, Prior, Settings
from pipeline_lib.nn.placebo import replaced
from pipeline_lib.nn.shapes import Float

Scored = tuple[Float[Tensor, "batch labels"], Float[Tensor, "batch dims"]]


def relations_of(
    graph: LabelGraph, settings: Prior | None
) -> Float[Tensor, "relations labels labels"]:
    """Return M̂ (Eq. 1, row-normalised), and the exclusion graph where it is wanted.

    Deviation: without the prior (Table 2, rows 1 and 3) labels have vectors of their own, from
    the same two layers without a graph, M̂ = I.

    Raises:
        InputError: the exclusion graph is wanted, and nothing excludes anything.
    """
    if settings is None:
        return torch.eye(len(graph.adjacency))[None]
    if settings.placebo == "lot":
        graph = graph.by_lot()
    if settings.reweight is not None:
        own = settings.reweight
        speaks_for = reweighted(graph.adjacency, tau=own.tau, p=own.p)
    else:
        speaks_for = row_normalised(graph.adjacency)
    if not settings.exclusion:
        return speaks_for[None]
    if not graph.exclusion.any():
        raise InputError(
            "training: dlsa's `prior.exclusion` is true, and the category graph knows no labels "
            "that exclude each other, so it would change nothing; expected some; set "
            "`category_graph.exclusion` to {expected: 5.0}, or `prior.exclusion` to false"
        )
    return torch.stack([speaks_for, rows_to_one(graph.exclusion)])


class DlsaHead(nn.Module):
    """LSPL (Eq. 2), SD (Eq. 3), SAR (Eqs. 4-6) and the classifier, each a switch.

    none        pooled features, one linear classifier per label: the plain backbone
    LSPL        pooled features; the labels' vectors from the graph are the classifiers (ML-GCN's
                way: without decoupling nothing else lets a prior meet the image)
    SD          decoupling guided by the labels' vectors, which know no graph
    LSPL+SD     … which come from the graph
    +SAR        self-attention over the decoupled vectors
    """

    def __init__(self, dims: int, graph: LabelGraph, settings: Settings) -> None:
        super().__init__()
        labels, own = len(graph.adjacency), settings.labels
        self.settings = settings
        self.project: nn.Module = nn.Identity()
        if own is not None and own.width:
            self.project = nn.Conv2d(dims, own.width, 1)
            dims = own.width
        if own is not None:
            relations = relations_of(graph, settings.prior)
            self.labels = LabelConvolution(
                relations,
                graph.embeddings,
                hidden=own.hidden,
                dims=dims,
                slope=own.slope,
                activated=own.output == "paper",
            )
        if settings.reasoning is not None:
            self.reasoning = Reasoning(dims, settings.reasoning)
        if settings.decoupling is not None and settings.decoupling.head == "per_label":
            self.classifier: nn.Module = LabelClassifier(labels, dims)
        elif settings.decoupling is not None or settings.prior is None:
            self.classifier = nn.Linear(dims, labels)
        else:
            self.bias = nn.Parameter(torch.zeros(labels))

    def forward(self, maps: Float[Tensor, "batch channels height width"]) -> Scored:
        """Return the logits and what they were read from, averaged over labels."""
        maps = self.project(maps)
        if self.settings.decoupling is not None:
            return self._from_vectors(self.vectors(maps), self.settings.decoupling)
        pooled = maps.mean((2, 3))
        if self.settings.prior is not None:
            return pooled @ self.labels().T + self.bias, pooled
        return self.classifier(pooled), pooled

    def vectors(
        self, maps: Float[Tensor, "batch dims height width"]
    ) -> Float[Tensor, "batch labels dims"]:
        """Return v_c of every label: Eq. 3, and Eqs. 4-6 where reasoning is on."""
        vectors = self.decoupled(maps, self.settings.decoupling or Decoupling())
        return vectors if self.settings.reasoning is None else self.reasoning(vectors)

    def decoupled(
        self, maps: Float[Tensor, "batch dims height width"], settings: Decoupling
    ) -> Float[Tensor, "batch labels dims"]:
        """Return v_c of every label (Eq. 3)."""
        normalise = settings.normalise == "attention"
        attention = sigmoid_attention(maps, self.labels(), normalise=normalise)
        return pooled_by(replaced(attention, settings.placebo, dim=1), maps)

    def _from_vectors(
        self, vectors: Float[Tensor, "batch labels dims"], settings: Decoupling
    ) -> Scored:
        """Eq. 7. Deviation: a classifier per label; ``mean_fc`` is the printed text.

        The text averages the labels' vectors before one classifier, which forgets what belongs to
        which label.
        """
        mean = vectors.mean(1)
        return self.classifier(mean if settings.head == "mean_fc" else vectors), mean
