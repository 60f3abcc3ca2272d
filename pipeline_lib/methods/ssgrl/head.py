"""SSGRL from feature maps to logits."""

import torch
from torch import Tensor, nn

from pipeline_lib.families.dense_head.decoupling import pooled_by
from pipeline_lib.families.dense_head.label_classifier import LabelClassifier
from pipeline_lib.families.dense_head.label_graph import LabelGraph
from pipeline_lib.methods.ssgrl.bilinear_attention import LowRankBilinearAttention
from pipeline_lib.methods.ssgrl.gated_graph import GatedGraph
from pipeline_lib.methods.ssgrl.settings import Settings
from pipeline_lib.nn.shapes import Float

Scored = tuple[Float[Tensor, "batch labels"], Float[Tensor, "batch dims"]]


class SsgrlHead(nn.Module):
    """Semantic decoupling (Eqs. 2-5), semantic interaction (Eq. 6) and classifiers (Eqs. 7-8)."""

    embeddings: Tensor

    def __init__(self, dims: int, graph: LabelGraph, settings: Settings) -> None:
        super().__init__()
        self.register_buffer("embeddings", graph.embeddings)
        self.project: nn.Module = nn.Identity()
        if settings.width:
            self.project, dims = nn.Conv2d(dims, settings.width, 1), settings.width
        words = graph.embeddings.shape[1]
        self.attention = LowRankBilinearAttention(
            dims, words, settings.hidden, chunk=settings.chunk
        )
        self.interaction = GatedGraph(graph.adjacency, dims=dims, steps=settings.steps)
        self.output = nn.Linear(2 * dims, settings.outputs)
        self.classifier = LabelClassifier(len(graph.adjacency), settings.outputs)

    def forward(self, maps: Float[Tensor, "batch channels height width"]) -> Scored:
        """Return the logits and o_c averaged over labels."""
        maps = self.project(maps)
        vectors = pooled_by(self.attention(maps, self.embeddings), maps)
        states = self.interaction(vectors)
        outputs = self.output(torch.cat([states, vectors], 2)).tanh()  # Eq. 7
        return self.classifier(outputs), outputs.mean(1)
