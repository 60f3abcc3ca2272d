"""All that CSRMS derives offline from clusters and classes, in one call."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from pipeline_lib.clustering.result import NOISE
from pipeline_lib.knowledge.relations.patterns import MIXED, Patterns
from pipeline_lib.knowledge.relations.relations import (
    EASY,
    HARD,
    MEDIUM,
    difficulty,
    graph_edges,
    pair_counts,
)
from pipeline_lib.knowledge.relations.sampling import Sampler
from pipeline_lib.params.relations import Relations

LEVELS = (EASY, MEDIUM, HARD)


@dataclass(frozen=True)
class Related:
    """The relations of the training images."""

    patterns: Patterns
    difficulty: np.ndarray  # strings (train,)
    positives: np.ndarray  # int32 (train, n)
    negatives: np.ndarray  # int32 (train, m)
    pairs: pl.DataFrame
    edges: pl.DataFrame
    facts: dict[str, int]  # counts for metrics.json

    @property
    def knowledge(self) -> dict[str, np.ndarray]:
        """The tensors that training reads."""
        return {
            "positives": self.positives,
            "negatives": self.negatives,
            "difficulty": np.stack([self.difficulty == level for level in LEVELS])
            .argmax(0)
            .astype(np.int32),
            "cluster": self.patterns.labels.astype(np.int32),
            "dominant": self.patterns.dominant.astype(np.int32),
        }

    def anchors(self, sample_ids: list[str]) -> pl.DataFrame:
        """Return one row per training image, as ANCHORS."""
        columns = {"cluster": self.knowledge["cluster"], "difficulty": self.difficulty}
        return pl.DataFrame({"sample_id": sample_ids, **columns})

    @property
    def cluster_classes(self) -> pl.DataFrame:
        """One row per cluster: its size, and the class that dominates it."""
        dominant = pl.Series(self.patterns.dominant.astype(np.int32))
        return pl.DataFrame(
            {
                "cluster": np.arange(len(self.patterns.sizes), dtype=np.int32),
                "size": self.patterns.sizes,
                "dominant": dominant.replace({MIXED: None}),
                "share": self.patterns.shares.max(1),
            }
        )


def relate(
    features: np.ndarray,
    labels: np.ndarray,
    clusters: int,
    classes: np.ndarray,
    params: Relations,
    *,
    class_names: list[str],
    sample_ids: list[str],
) -> Related:
    """Relate the training images.

    Args:
        features: (train, dimensions), as the backbone gives them, whatever was clustered.
        labels: cluster of each training image, or NOISE.
        clusters: number of clusters.
        classes: multi-hot bool (train, classes).
        params: thresholds and strategies.
        class_names: in index order.
        sample_ids: in the order of ``features``.
    """
    patterns = Patterns.of(labels, classes, clusters, rho_2=params.rho_2)
    sampler = Sampler(features, patterns, params)
    positives, negatives = sampler.positives(), sampler.negatives()
    levels = difficulty(patterns, rho_1=params.rho_1)
    facts = {
        "dominated_clusters": int((patterns.dominant != MIXED).sum()),
        "mixed_clusters": int(((patterns.dominant == MIXED) & (patterns.sizes > 0)).sum()),
        **{level: int((levels == level).sum()) for level in LEVELS},
        **{f"served.{source}": count for source, count in sampler.served.items()},
        # what concentrates on few images teaches those few: methods/csrms/README.md
        "distinct.positives": len(np.unique(positives)),
        "distinct.negatives": len(np.unique(negatives)),
    }
    if (labels == NOISE).any():
        facts["noise"] = int((labels == NOISE).sum())
    return Related(
        patterns=patterns,
        difficulty=levels,
        positives=positives,
        negatives=negatives,
        pairs=pair_counts(patterns),
        edges=graph_edges(patterns, class_names, sample_ids),
        facts=facts,
    )
