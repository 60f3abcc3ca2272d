"""Labels against the category graph."""

import pytest

from pipeline_lib.errors import InputError
from pipeline_lib.steps.quality.contradictions import believed, contradictions
from tests.steps.quality.toy import edges, table

IMAGES = table([[0]] * 4, [[0, 1], [0, 2], [0, 1, 2], []], splits=["train", "train", "val", "test"])


def test_images_with_both_ends_of_an_excluding_edge_are_named():
    graph = edges(("tag1", "tag0", -1, 0.9), ("tag2", "tag0", 1, 1.0), ("tag1", "tag2", -1, 0.4))
    found = contradictions(IMAGES, graph, at_least=0.5)
    assert found.rows() == [
        ("00", "tag0", "tag1", "train", 0.9, "file", "tag1 and tag0"),
        ("02", "tag0", "tag1", "val", 0.9, "file", "tag1 and tag0"),
    ]
    weaker = contradictions(IMAGES, graph, at_least=0.4)
    assert ("02", "tag1", "tag2") in weaker.select("sample_id", "first", "second").rows()


def test_a_pair_is_told_once_by_its_strongest_edge():
    graph = edges(("tag1", "tag0", -1, 0.6), ("tag0", "tag1", -1, 0.8))
    assert believed(graph, 0.5).rows() == [("tag0", "tag1", 0.8, "file", "tag0 and tag1")]


def test_a_graph_without_exclusions_contradicts_nothing():
    assert contradictions(IMAGES, edges(("tag1", "tag0", 1, 1.0)), at_least=0.5).is_empty()
    assert contradictions(IMAGES, edges(), at_least=0.5).is_empty()


def test_a_graph_of_classes_is_one_too():
    several = table([[0, 1], [0]])
    found = contradictions(several, edges(("class0", "class1", -1, 1.0)), at_least=0.5)
    assert found["sample_id"].to_list() == ["00"]


def test_a_graph_of_other_categories_is_refused():
    message = (
        "quality.graph: its category 'dog' is none of the 3 tags and 1 classes, expected a graph "
        "of this data set; re-run `dvc repro category_graph`"
    )
    with pytest.raises(InputError, match=message):
        contradictions(IMAGES, edges(("tag1", "dog", -1, 1.0)), at_least=0.5)
