"""All that CSRMS derives offline, in one call, as the artifacts take it."""

from pathlib import Path

import numpy as np
import pytest

from pipeline_lib.artifacts.relations import CLASS_PAIRS, CLUSTER_CLASSES, GRAPH_EDGES
from pipeline_lib.clustering.result import NOISE
from pipeline_lib.knowledge.relations.patterns import MIXED
from pipeline_lib.knowledge.relations.sampling import Sampler
from pipeline_lib.steps.relations import Related, relate


@pytest.fixture
def related(labelled, relations) -> Related:
    features, patterns = labelled
    return relate(
        features,
        patterns.labels,
        len(patterns.sizes),
        patterns.classes,
        relations(),
        class_names=list("abcd"),
        sample_ids=[f"s{i:02d}" for i in range(len(features))],
    )


def test_tables_keep_the_contract(related):
    CLUSTER_CLASSES.check(related.cluster_classes, Path("clusters"))
    CLASS_PAIRS.check(related.pairs, Path("pairs"))
    GRAPH_EDGES.check(related.edges, Path("graph"))


def test_clusters_are_described_by_their_commonest_class(related):
    patterns = related.patterns
    for cluster, size, dominant, share in related.cluster_classes.iter_rows():
        members = patterns.classes[patterns.labels == cluster]
        expected = members.mean(0) if len(members) else np.zeros(4)
        assert size == len(members)
        assert share == pytest.approx(expected.max())
        assert dominant == (int(expected.argmax()) if expected.max() > 0.5 else None)


def test_facts_count_clusters_levels_and_sources(related):
    facts = related.facts
    dominant, sizes = related.patterns.dominant, related.patterns.sizes
    assert facts["dominated_clusters"] == sum(d != MIXED for d in dominant)
    mixed = sum(d == MIXED and s > 0 for d, s in zip(dominant, sizes, strict=True))
    assert facts["mixed_clusters"] == mixed == len(sizes) - 1 - facts["dominated_clusters"]
    for level in ("easy", "medium", "hard"):
        assert facts[level] == related.difficulty.tolist().count(level) > 0
    assert facts["served.positives.itself"] == 1
    assert facts["served.negatives.nearest_dominated"] > 0
    noise = int((related.patterns.labels == NOISE).sum())
    assert facts.get("noise", 0) == noise
    for kind in ("positives", "negatives"):
        assert facts[f"distinct.{kind}"] == len(set(getattr(related, kind).ravel().tolist())) > 0


def test_knowledge_holds_what_training_reads(labelled, relations, related):
    features, patterns = labelled
    knowledge = related.knowledge
    assert {array.dtype for array in knowledge.values()} == {np.dtype(np.int32)}
    codes = {"easy": 0, "medium": 1, "hard": 2}
    assert knowledge["difficulty"].tolist() == [codes[level] for level in related.difficulty]
    np.testing.assert_array_equal(knowledge["cluster"], patterns.labels)
    np.testing.assert_array_equal(knowledge["dominant"], patterns.dominant)
    sampler = Sampler(features, patterns, relations())
    np.testing.assert_array_equal(knowledge["positives"], sampler.positives())
    np.testing.assert_array_equal(knowledge["negatives"], sampler.negatives())
    assert knowledge.keys() == {"difficulty", "cluster", "dominant", "positives", "negatives"}


def test_thresholds_are_those_of_the_parameters(labelled, relations):
    features, patterns = labelled
    names, ids = list("abcd"), [str(i) for i in range(len(features))]

    def facts(**changes: float) -> dict[str, int]:
        return relate(
            features,
            patterns.labels,
            len(patterns.sizes),
            patterns.classes,
            relations(**changes),
            class_names=names,
            sample_ids=ids,
        ).facts

    assert facts(rho_1=0.99)["easy"] < facts(rho_1=0.5)["easy"]
    assert facts(rho_2=0.99)["dominated_clusters"] < facts(rho_2=0.5)["dominated_clusters"]
