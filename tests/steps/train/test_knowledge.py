"""What a run learns from is what its method says, or an error that names the right file."""

import numpy as np
import polars as pl
import pytest

from pipeline_lib.artifacts.arrays import FREE
from pipeline_lib.artifacts.knowledge import GRAPH, NEIGHBOURS, RELATIONS, write_knowledge
from pipeline_lib.artifacts.labelled import Labelled
from pipeline_lib.artifacts.tensors import Tensors
from pipeline_lib.artifacts.text import write_text
from pipeline_lib.errors import InputError
from pipeline_lib.steps.train.knowledge import Reads, read_kinds
from tests.artifacts.filled import filled

TABLE = Labelled(
    samples=pl.DataFrame({"sample_id": list("abc"), "split": ["train", "train", "test"]}),
    categories=pl.DataFrame({"kind": ["tag", "tag"], "index": [1, 0], "name": ["sea", "boat"]}),
)
SQUARE = np.zeros((2, 2), np.float32)


@pytest.fixture
def files(tmp_path):
    """A file of each of four kinds, for the training images a and b and two tags."""
    for kind in (GRAPH, NEIGHBOURS, RELATIONS):
        arrays = filled(kind, categories=2, train=2)
        write_knowledge(kind, tmp_path / kind.artifact, ["a", "b"], arrays)
    arrays = {"embeddings": SQUARE, "seen": np.ones(2, bool)}
    write_text(tmp_path, ["boat", "sea"], arrays, source="ngrams", prompts=[], missing=[])
    (tmp_path / "embeddings.safetensors").rename(tmp_path / "text")
    return tmp_path


def read(*kinds, text=None, knowledge=None, table=TABLE):
    return read_kinds(Reads("mine", "toy", kinds, text, knowledge), table, "tags")


def test_the_tensors_of_all_kinds_come_together(files):
    found = read("text", "category graph", text=files / "text", knowledge=files / "category graph")
    assert found.keys() == {"embeddings", "seen", "adjacency", "exclusion"}
    assert read("text", text=files / "text").keys() == {"embeddings", "seen"}
    assert read() == {}


def test_a_wrong_file_is_named_with_the_right_one_and_what_writes_it(files):
    expected = (
        r"methods\.mine\.knowledge is .*/category graph, which holds 'category graph', and method "
        r"toy learns from 'relations'; name data/artifacts/relations/tags/knowledge\.safetensors, "
        r"which `dvc repro relations` writes"
    )
    with pytest.raises(InputError, match=expected):
        read("relations", knowledge=files / "category graph")
    with pytest.raises(InputError, match=r"methods\.mine\.text is .*which holds 'neighbours', and"):
        read("text", text=files / "neighbours")


def test_a_file_of_an_older_version_is_named_with_what_writes_the_new_ones(tmp_path):
    Tensors("knowledge", "", FREE).write(tmp_path / "knowledge.safetensors", {"adjacency": SQUARE})
    expected = r"holds 'knowledge', .* name data/artifacts/category_graph/tags/graph\.safetensors"
    with pytest.raises(InputError, match=expected):
        read("category graph", knowledge=tmp_path / "knowledge.safetensors")


def test_a_missing_file_is_named(files):
    with pytest.raises(InputError, match=r"knowledge is data/none, and .*'neighbours'; name data/"):
        read("text", "neighbours", text=files / "text")
    with pytest.raises(InputError, match=r"gone: missing; run `dvc repro relations`"):
        read("relations", knowledge=files / "gone")


def test_a_file_that_the_method_does_not_read_is_refused(files):
    with pytest.raises(
        InputError, match=r"methods\.mine\.text is .*text, which method toy does not"
    ):
        read("relations", text=files / "text", knowledge=files / "relations")


def test_vectors_of_other_names_are_refused(files):
    other = TABLE.categories.with_columns(name=pl.Series(["sea", "ship"]))
    with pytest.raises(
        InputError, match=r"text: holds vectors of 2 other categories than the 2 of"
    ):
        read("text", text=files / "text", table=Labelled(samples=TABLE.samples, categories=other))
