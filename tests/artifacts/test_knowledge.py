import dataframely as dy
import numpy as np
import polars as pl
import pytest

from pipeline_lib.artifacts.json_file import read_json
from pipeline_lib.artifacts.knowledge import GRAPH, RELATIONS, read_knowledge, write_knowledge
from pipeline_lib.artifacts.relations import (
    ANCHORS,
    CLASS_PAIRS,
    CLUSTER_CLASSES,
    GRAPH_EDGES,
    write_relations,
)
from pipeline_lib.errors import InputError
from tests.artifacts.filled import filled

ARRAYS = filled(RELATIONS, train=2) | {
    "positives": np.array([[1], [0]], np.int32),
    "cluster": np.array([3, 4], np.int32),
}


def test_tensors_come_back(tmp_path):
    write_knowledge(RELATIONS, tmp_path / "k", ["a", "b"], ARRAYS)
    found = read_knowledge(RELATIONS, tmp_path / "k", ["a", "b"])
    assert found.keys() == ARRAYS.keys()
    assert (found["positives"].tolist(), found["cluster"].tolist()) == ([[1], [0]], [3, 4])


@pytest.mark.parametrize("ids", [["b", "a"], ["a", "b", "c"], ["ab"]])
def test_knowledge_of_another_training_set_is_refused(tmp_path, ids):
    write_knowledge(RELATIONS, tmp_path / "k", ["a", "b"], ARRAYS)
    expected = f"k: belongs to another training set than the {len(ids)} images of samples.parquet"
    with pytest.raises(InputError, match=expected):
        read_knowledge(RELATIONS, tmp_path / "k", ids)


def test_knowledge_of_another_kind_is_refused(tmp_path):
    write_knowledge(RELATIONS, tmp_path / "k", ["a", "b"], ARRAYS)
    expected = r"k: holds artifact 'relations' version 1, expected 'category graph' version 1; re-"
    with pytest.raises(InputError, match=expected):
        read_knowledge(GRAPH, tmp_path / "k", ["a", "b"])


def test_relations_are_written_for_people_and_for_training(tmp_path):
    anchors = {"sample_id": ["a", "b"], "cluster": [3, 4], "difficulty": ["easy", "hard"]}
    clusters = {"cluster": [3], "size": [2], "dominant": [None], "share": [0.5]}
    pairs = {"class_a": [0], "class_b": [1], "intra_diversity": 0, "inter_similarity": 2}
    edges = {"source": ["class:cat"], "target": ["cluster:3"], "kind": ["class-cluster"]}
    write_relations(
        tmp_path,
        pl.DataFrame(anchors, ANCHORS.dtypes),
        pl.DataFrame(clusters, CLUSTER_CLASSES.dtypes),
        pl.DataFrame(pairs | {"mixed": 1}, CLASS_PAIRS.dtypes),
        pl.DataFrame(edges | {"count": 2}, GRAPH_EDGES.dtypes),
        ARRAYS,
        {"easy": 1},
    )
    assert ANCHORS.read(tmp_path / "anchors.parquet").height == 2
    assert CLUSTER_CLASSES.read(tmp_path / "clusters.parquet")["dominant"].to_list() == [None]
    assert CLASS_PAIRS.read(tmp_path / "pairs.parquet")["inter_similarity"].to_list() == [2]
    assert GRAPH_EDGES.read(tmp_path / "graph.parquet")["count"].to_list() == [2]
    # the tensors belong to the anchors of the table, in its order
    assert (
        read_knowledge(RELATIONS, tmp_path / "knowledge.safetensors", ["a", "b"]).keys()
        == ARRAYS.keys()
    )
    assert read_json(tmp_path / "metrics.json") == {"easy": 1}


@pytest.mark.parametrize(
    ("table", "column", "value"),
    [
        (ANCHORS, "difficulty", "simple"),
        (CLUSTER_CLASSES, "share", 1.5),
        (GRAPH_EDGES, "kind", "class-class"),
        (GRAPH_EDGES, "count", 0),
    ],
)
def test_impossible_relations_are_refused(tmp_path, table, column, value):
    sound = table.schema.sample(1, generator=dy.random.Generator(0))
    frame = sound.with_columns(pl.lit(value, table.dtypes[column]).alias(column))
    with pytest.raises(InputError, match=rf"rule '{column}\|\w+' fails in 1 rows"):
        table.write(frame, tmp_path / "t")
