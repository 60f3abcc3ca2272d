"""ML-GCN from feature maps to logits."""

from torch import Tensor, nn

from pipeline_lib.families.dense_head.label_graph import LabelConvolution, LabelGraph, reweighted
from pipeline_lib.methods.ml_gcn.settings import Settings
from pipeline_lib.nn.shapes import Float

Scored = tuple[Float[Tensor, "batch labels"], Float[Tensor, "batch dims"]]


class MlGcnHead(nn.Module):
    """ŷ = W x: pooled features, and classifiers that a graph convolution makes of word vectors."""

    def __init__(self, dims: int, graph: LabelGraph, settings: Settings) -> None:
        super().__init__()
        self.pool = settings.pool
        adjacency = reweighted(graph.adjacency, tau=settings.tau, p=settings.p)
        self.classifiers = LabelConvolution(
            adjacency[None],
            graph.embeddings,
            hidden=settings.hidden,
            dims=dims,
            slope=settings.slope,
        )

    def forward(self, maps: Float[Tensor, "batch dims height width"]) -> Scored:
        """Return the logits and the pooled features."""
        pooled = maps.amax((2, 3)) if self.pool == "max" else maps.mean((2, 3))
        return pooled @ self.classifiers().T, pooled
