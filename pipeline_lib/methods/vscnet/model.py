"""The network of VSCNet's second step: from associations to classes (Sec. "CIM")."""

from collections.abc import Callable, Mapping
from dataclasses import replace

import torch
from torch import Tensor, nn

from pipeline_lib.methods.vscnet.causal import GraphLayer
from pipeline_lib.methods.vscnet.image_graph import Associations, Graph, build
from pipeline_lib.methods.vscnet.liveness import readings
from pipeline_lib.methods.vscnet.masks import Masking, Masks, Normalisation, halves
from pipeline_lib.methods.vscnet.placebos import averaged, edges_by_lot, even, on_lattice, others
from pipeline_lib.methods.vscnet.prediction import Prediction, picked
from pipeline_lib.methods.vscnet.settings import Settings
from pipeline_lib.nn.classification import posterior
from pipeline_lib.nn.shapes import Float, Int
from pipeline_lib.training.data import Data, Pictures
from pipeline_lib.training.liveness import Reading
from pipeline_lib.training.network import Network, Scores

TINY = 1e-8
BATCH = 256  # images scored at a time


class VSCNet(Network):
    """Classify an image by the graph of its regions, tags and prototypes, and as a whole.

    Args:
        settings: the section ``vscnet``.
        dims: of a region's descriptor.
        pooled: of F_v, the features of the whole image.
        tags: number of tags.
        classes: number of classes.
        single_label: whether every image carries exactly one class.
    """

    strata: Tensor  # (strata, width), non-causal halves of training images

    def __init__(
        self,
        settings: Settings,
        *,
        dims: int,
        pooled: int,
        tags: int,
        classes: int,
        single_label: bool,
    ) -> None:
        super().__init__()
        width, modules = settings.width, settings.modules
        self.settings, self.tag_count, self.single_label = settings, tags, single_label
        self.standardise = nn.BatchNorm1d(pooled, affine=False)
        self.dropout = nn.Dropout(settings.dropout)
        behind = modules.causal and settings.masks.removal == "behind"
        if modules.locate:
            self.normalise = None if behind else Normalisation(width)
            only_tags = settings.regions.nodes == "tags"
            self.region = None if only_tags else nn.Linear(dims, width)
            self.tag = nn.Embedding(tags, width)
            self.first = GraphLayer(width, behind=behind)  # δ_c, or the only one
            self.causal_head = nn.Linear(width, classes)  # f_c, or the only one
        if modules.knowledge:
            self.prototype = nn.Linear(dims, width)
        if modules.causal:
            self.masking = Masking(width)
            self.second = GraphLayer(width, behind=behind)  # δ_n
            self.other_head = nn.Linear(width, classes)  # f_n
            self.mixed_head = nn.Linear(width, classes)  # f_m
            self.register_buffer("strata", torch.zeros(settings.masks.strata, width))
        if modules.fusion:
            self.of_graph = nn.Linear(width, width)  # W_c
            self.of_image = nn.Linear(pooled, width)  # W_v
            self.fused = nn.Linear(width, classes)  # φ
        if not modules.locate:
            self.plain = nn.Linear(pooled, classes)

    def forward(
        self, inputs: Mapping[str, Tensor], order: Int[Tensor, " batch"] | None = None
    ) -> Prediction:
        """Predict.

        Args:
            inputs: the arrays of artifacts/exemplars.py GRAPHS.
            order: whose non-causal half each image is joined with; None is its own.
        """
        inputs = self.read(inputs)
        whole = self.standardise(inputs["pooled"])
        if not self.settings.modules.locate:
            logits = self.plain(self.dropout(whole))
            return Prediction(logits, whole, logits)
        graph = self._graph(inputs)
        nodes = self._nodes(inputs, graph)
        if not self.settings.modules.causal:
            features = self.first(nodes, graph.adjacency, graph.mask)
            logits = self.causal_head(self.dropout(features))
            return self._fuse(Prediction(logits, features, logits, graph=graph), whole, inputs)
        masks = self._masks(nodes, graph)
        stand_in = torch.randn_like if self.training else torch.zeros_like
        features, spurious = self._halves(nodes, graph, masks, stand_in)
        mixed = features + (spurious if order is None else spurious[order])  # F_m
        causal = self.causal_head(self.dropout(features))
        logits = self._adjusted(features) if len(self.strata) and not self.training else causal
        found = Prediction(
            logits,
            features,
            logits,
            causal=causal,
            other=self.other_head(self.dropout(spurious)),
            intervened=self.mixed_head(self.dropout(mixed)),
            graph=graph,
            masks=masks,
        )
        return self._fuse(found, whole, inputs)

    def readings(self, data: Data[Mapping[str, Tensor]]) -> list[Reading]:
        """Return what the modules that are on come to."""
        return readings(self, data)

    def by_edges(self, inputs: Mapping[str, Tensor]) -> float:
        """Return the length of what edges change of the (causal) graph's features, by theirs."""
        inputs = self.read(inputs)
        graph = self._graph(inputs)
        nodes = self._nodes(inputs, graph)
        whole = self.first(nodes, graph.adjacency, graph.mask)
        alone = self.first(nodes, torch.zeros_like(graph.adjacency), graph.mask)
        return float((whole - alone).norm() / whole.norm())

    def _halves(
        self, nodes: Tensor, graph: Graph, masks: Masks, noise: Callable[[Tensor], Tensor]
    ) -> tuple[Float[Tensor, "batch width"], Float[Tensor, "batch width"]]:
        """Return F_c and F_n; where masks replace, ``noise`` stands for what they remove."""
        replaces = self.settings.masks.removal == "replace"
        stand_in = noise if replaces else torch.zeros_like
        causal, other = halves(nodes, graph.adjacency, masks, stand_in)
        return self.first(*causal, graph.mask), self.second(*other, graph.mask)

    def _adjusted(self, features: Float[Tensor, "batch width"]) -> Float[Tensor, "batch classes"]:
        """Eq. 12: logits of the mean of P(Y | C, n) over the non-causal halves n of ``strata``."""
        logits = self.mixed_head(features[:, None] + self.strata)  # (batch, strata, classes)
        if self.single_label:
            summed: Tensor = logits.log_softmax(2).logsumexp(1)  # but for a constant, the mean
            return summed
        mean: Tensor = logits.sigmoid().mean(1)
        return mean.logit(TINY)

    @torch.no_grad()
    def stratify(self, pictures: Pictures[Mapping[str, Tensor]], noise: torch.Generator) -> None:
        """Keep the non-causal halves of training images, at even steps, for Eq. 12."""
        if self.settings.modules.causal and len(self.strata):
            places = torch.linspace(0, len(pictures) - 1, len(self.strata)).round().long()
            self.strata.copy_(self.eval().halves_of(pictures.batch(places), noise)[1])

    @torch.no_grad()
    def halves_of(
        self, inputs: Mapping[str, Tensor], noise: torch.Generator
    ) -> tuple[Float[Tensor, "batch width"], Float[Tensor, "batch width"]]:
        """Return F_c and F_n as training sees them: where masks replace, with noise."""
        inputs = self.read(inputs)
        graph = self._graph(inputs)
        nodes = self._nodes(inputs, graph)

        def drawn(like: Tensor) -> Tensor:
            return torch.randn(like.shape, generator=noise).to(like)

        return self._halves(nodes, graph, self._masks(nodes, graph), drawn)

    def _masks(self, nodes: Tensor, graph: Graph) -> Masks:
        masks: Masks = self.masking(nodes)
        return even(masks, graph) if self.settings.placebo.causal == "mean" else masks

    def read(self, inputs: Mapping[str, Tensor]) -> Mapping[str, Tensor]:
        """Return the arrays that stand for the images: a control's in the place of their own."""
        if self.settings.regions.boxes == "lattice":
            inputs = on_lattice(inputs)
        if self.settings.regions.boxes == "mean":
            inputs = averaged(inputs)
        return others(inputs, self.settings.placebo)

    def score(self, pictures: Pictures[Mapping[str, Tensor]]) -> Scores:
        """Score pictures."""
        return self.predictions(pictures).scores

    @torch.inference_mode()
    def predictions(self, pictures: Pictures[Mapping[str, Tensor]]) -> Prediction:
        """Return what the network says of all pictures."""
        self.eval()
        arranged, places = self.arranged(pictures)
        found: Prediction = picked([self(batch) for batch in arranged.batches(BATCH)], places)
        return found

    @property
    def mixes(self) -> bool:
        """Whether K or P_k are another image's."""
        return "another" in (self.settings.placebo.knowledge, self.settings.placebo.fusion)

    def _graph(self, inputs: Mapping[str, Tensor]) -> Graph:
        modules = self.settings.modules
        found = Associations(
            matched=inputs["matched"].long(),
            prototype_tag=inputs["prototype_tag"].long(),
            tags=inputs["tags"].long(),
            probabilities=inputs["refined" if modules.knowledge else "raw"],
        )
        graph = build(
            found,
            tag_count=self.tag_count,
            tag_nodes=self.settings.tag_nodes,
            tags_per_region=self.settings.tags_per_region,
            knowledge=modules.knowledge,
        )
        if modules.graph:
            return edges_by_lot(graph) if self.settings.placebo.graph == "lot" else graph
        mask = graph.mask.clone()
        if self.region is None:
            mask[:, : inputs["regions"].shape[1]] = False
        return Graph(graph.tags, graph.scores, torch.zeros_like(graph.adjacency), mask)

    def _nodes(
        self, inputs: Mapping[str, Tensor], graph: Graph
    ) -> Float[Tensor, "batch nodes width"]:
        """Project regions, tags and prototypes to one width; a tag counts by its probability."""
        tags = self.tag(graph.tags) * graph.scores[:, :, None]
        regions = inputs["regions"]
        if self.region is None:
            parts = [regions.new_zeros(*regions.shape[:2], tags.shape[2]), tags]
        else:
            parts = [self.region(regions), tags]
        if self.settings.modules.knowledge:
            parts.append(self.prototype(inputs["prototypes"]))
        nodes: Tensor = torch.relu(torch.cat(parts, 1)) * graph.mask[:, :, None]
        return nodes if self.normalise is None else self.normalise(nodes, graph.mask)

    def _fuse(self, found: Prediction, whole: Tensor, inputs: Mapping[str, Tensor]) -> Prediction:
        """Eq. 14: F_e = W_c F_c + W_v F_v; P_f = w_e softmax(φ(F_e)) + w_k P_k.

        Without ``knowledge`` there is no P_k. The logits are those whose posterior is P_f, but for
        a constant factor.
        """
        if not self.settings.modules.fusion:
            return found
        features = self.of_graph(found.features) + self.of_image(whole)
        enhanced = self.fused(self.dropout(features))
        logits = enhanced
        if self.settings.modules.knowledge:
            logits = self._with_knowledge(enhanced, inputs["beliefs"])
        return replace(found, logits=logits, features=features, trained=enhanced)

    def _with_knowledge(self, enhanced: Tensor, beliefs: Tensor) -> Tensor:
        weights = self.settings.fusion
        own = posterior(enhanced, single_label=self.single_label)
        return (weights.enhanced * own + weights.knowledge * beliefs).clamp(min=TINY).log()
