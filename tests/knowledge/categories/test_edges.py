import numpy as np
import polars as pl
import pytest

from pipeline_lib.artifacts.category_graph import EDGES
from pipeline_lib.knowledge.categories.edges import edge_frame, matrix, nearest
from pipeline_lib.knowledge.categories.similarity import drawn, similar
from tests.knowledge.categories.conftest import categories


def edges(*triples, provenance="file", sign=1, names="abcd"):
    targets, sources, strengths = zip(*triples, strict=True)
    place = {name: i for i, name in enumerate(names)}
    ends = (np.array([place[name] for name in side]) for side in (targets, sources))
    return edge_frame(list(names), *ends, np.array(strengths), provenance=provenance,
                      relation="r", explanation="", sign=sign)  # fmt: skip


TWO = pl.concat(
    [
        edges(("a", "b", 0.8), ("a", "c", 0.2)),
        edges(("a", "b", 0.4), ("b", "a", 1.0), provenance="random"),
        edges(("c", "d", 0.9), sign=-1),
    ]
)


def test_the_mean_counts_a_source_that_does_not_know_a_pair_as_zero():
    found = matrix(TWO, list("abcd"), sign=1, merge="mean", sources=2)
    assert found.dtype == np.float32
    assert found[0] == pytest.approx([0, 0.6, 0.1, 0])
    assert found[1] == pytest.approx([0.5, 0, 0, 0])
    assert not found[2:].any()


def test_the_maximum_takes_the_strongest_source():
    found = matrix(TWO, list("abcd"), sign=1, merge="max", sources=2)
    assert found[0] == pytest.approx([0, 0.8, 0.2, 0])


def test_negative_edges_are_a_matrix_of_their_own():
    found = matrix(TWO, list("abcd"), sign=-1, merge="max", sources=1)
    assert found[2, 3] == pytest.approx(0.9)
    assert np.count_nonzero(found) == 1


def test_neighbours_are_the_strongest_seen_categories():
    adjacency = np.array([[0, 0.2, 0.9, 0.5], [0, 0, 0, 0], [1, 0, 0, 0], [0.1, 0.1, 0, 0]])
    found = nearest(adjacency, categories("abcd", unseen="c"), 2)
    assert found.tolist() == [[3, 1], [-1, -1], [0, -1], [0, 1]]
    assert found.dtype == np.int32


def test_ties_are_broken_by_text_then_by_name():
    adjacency = np.zeros((5, 5))
    adjacency[0, 1:] = 0.5
    vectors = [[1, 0], [0, 1], [0.6, 0.8], [0, 2], [0.6, 0.8]]
    # the cosines with the first are 0, 0.6, 0, 0.6
    found = nearest(adjacency, categories("xdcba", embeddings=vectors), 4)
    assert found[0].tolist() == [4, 2, 3, 1]


def test_the_nearest_by_cosine_are_found():
    vectors = np.array([[1, 0], [0.8, 0.6], [0.6, 0.8], [-1, 0]])
    found = similar(categories("abcd", embeddings=vectors), most=2, at_least=0.7)
    rows = {(t, s): v for t, s, v in found["target", "source", "strength"].iter_rows()}
    assert rows == pytest.approx(
        {("a", "b"): 0.8, ("b", "a"): 0.8, ("b", "c"): 0.96, ("c", "b"): 0.96}
    )


def test_similarity_equals_a_sort_of_all_cosines():
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(40, 6)).astype(np.float32)
    unseen = {f"n{i}" for i in range(0, 40, 5)}
    names = [f"n{i}" for i in range(40)]
    found = similar(categories(names, unseen, vectors), most=5, at_least=0.1)
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    for i, name in enumerate(names):
        cosine = {
            names[j]: unit[i] @ unit[j] for j in range(40) if j != i and names[j] not in unseen
        }
        best = sorted((n for n in cosine if cosine[n] >= 0.1), key=lambda n: -cosine[n])[:5]
        assert set(found.filter(target=name)["source"]) == set(best)


def test_equal_cosines_are_settled_by_name():
    vectors = np.ones((4, 2))
    found = similar(categories("dcba", embeddings=vectors), most=1, at_least=0)
    assert dict(found["target", "source"].iter_rows()) == {"d": "a", "c": "a", "b": "a", "a": "b"}


def test_a_name_without_a_vector_has_no_similar_ones():
    vectors = [[0, 0], [1, 0], [1, 0]]
    found = similar(categories("abc", embeddings=vectors), most=2, at_least=0)
    assert set(found["target"]) == {"b", "c"}


def test_random_sources_are_seen_distinct_and_of_the_seed():
    many = categories([f"n{i}" for i in range(30)], unseen={"n0", "n1"})
    found = drawn(many, most=4, seed=1)
    assert EDGES.check(found, "t").equals(found)
    assert found.group_by("target").len()["len"].unique().to_list() == [4]
    assert not set(found["source"]) & {"n0", "n1"}
    assert found.equals(drawn(many, most=4, seed=1))
    assert not found.equals(drawn(many, most=4, seed=2))
    assert len(drawn(categories("ab"), most=4, seed=0)) == 2


def test_ten_thousand_categories_are_mined_within_a_minute():
    import time

    rng = np.random.default_rng(0)
    many = categories([f"n{i}" for i in range(10_000)],
                      embeddings=rng.normal(size=(10_000, 512)).astype(np.float32))  # fmt: skip
    start = time.perf_counter()
    found = similar(many, most=16, at_least=0.0)
    adjacency = matrix(found, many.names, sign=1, merge="mean", sources=1)
    neighbours = nearest(adjacency, many, 16)
    assert time.perf_counter() - start < 60
    assert len(found) == 160_000
    assert (neighbours >= 0).all()
