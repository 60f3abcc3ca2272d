import numpy as np
import pytest

from pipeline_lib.artifacts.category_graph import EDGES
from pipeline_lib.errors import InputError
from pipeline_lib.knowledge.categories.cooccurrence import count
from pipeline_lib.steps.category_graph import mine
from tests.knowledge.categories.conftest import categories, lists
from tests.knowledge.categories.test_edges import edges

NAMES = "abcd"
LABELS = lists([[0, 1], [0, 1, 2], [0], [1, 2], [3], [3]])
ALIKE = np.array([[1, 0], [0.9, 0.1], [0, 1], [0.1, 0.9]])


def mined(section, unseen=(), told=None, labels=LABELS, **changes):
    known = categories(NAMES, unseen, ALIKE)
    return mine(known, labels, section(**changes), told=told)


def test_cooccurrence_alone_gives_equation_1(section):
    found = mined(section)
    counts = count(LABELS, 4).toarray()
    expected = counts / counts.diagonal()[:, None] * (1 - np.eye(4))
    np.testing.assert_allclose(found.graph["adjacency"], expected, rtol=1e-6)
    assert not found.graph["exclusion"].any()
    assert found.neighbours["neighbours"][0].tolist() == [1, 2, -1]
    assert found.facts["edges.cooccurrence"] == 6
    assert found.facts["without_neighbours"] == 1  # d


def test_the_tensors_are_of_the_types_that_training_expects(section):
    found = mined(section)
    kinds = {n: (a.dtype, a.shape) for n, a in (found.graph | found.neighbours).items()}
    assert kinds == {
        "adjacency": (np.float32, (4, 4)),
        "exclusion": (np.float32, (4, 4)),
        "neighbours": (np.int32, (4, 3)),
        "neighbours.cooccurrence": (np.int32, (4, 3)),
    }


def test_several_sources_are_merged_and_keep_their_names(section):
    found = mined(section, sources=["cooccurrence", "similarity"])
    assert EDGES.check(found.edges, "t").height == len(found.edges)
    alone = mined(section).graph["adjacency"]
    other = mined(section, sources=["similarity"]).graph["adjacency"]
    np.testing.assert_allclose(found.graph["adjacency"], (alone + other) / 2, rtol=1e-6)
    most = mined(section, sources=["cooccurrence", "similarity"], merge="max")
    np.testing.assert_allclose(most.graph["adjacency"], np.maximum(alone, other), rtol=1e-6)
    assert set(found.edges["provenance"]) == {"cooccurrence", "similarity"}


def test_a_source_beside_the_graph_only_gives_a_list_of_its_own(section):
    found = mined(section, beside=["similarity"])
    alone = mined(section)
    for name, array in (alone.graph | alone.neighbours).items():
        np.testing.assert_array_equal((found.graph | found.neighbours)[name], array)
    similar = mined(section, sources=["similarity"]).neighbours["neighbours"]
    np.testing.assert_array_equal(found.neighbours["neighbours.similarity"], similar)
    assert found.facts["edges.similarity"] > 0
    assert set(found.edges["provenance"]) == {"cooccurrence", "similarity"}


def test_exclusion_is_mined_only_when_asked_for(section):
    found = mined(section, exclusion={"enabled": True, "expected": 0.5})
    # a and d: chance 3 * 2 / 6 = 1, together 0
    assert found.graph["exclusion"][0, 3] == found.graph["exclusion"][3, 0] == 1
    assert found.facts["edges.negative"] == (found.edges["sign"] == -1).sum() > 0
    np.testing.assert_array_equal(found.graph["adjacency"], mined(section).graph["adjacency"])


@pytest.mark.parametrize("sources", [["cooccurrence"], ["similarity"], ["random"]])
def test_unseen_categories_inform_no_other(section, sources):
    found = mined(section, unseen="b", sources=sources)
    assert "b" not in found.edges["source"].to_list()
    assert not (found.neighbours["neighbours"] == 1).any()
    assert not found.graph["adjacency"][:, 1].any()


def test_labels_of_unseen_categories_change_nothing(section):
    everything = ["cooccurrence", "similarity"]
    with_labels = mined(section, unseen="d", sources=everything)
    labels = lists([[0, 1, 3], [0, 1, 2], [0, 3], [1, 2], [], []])
    without = mined(section, unseen="d", sources=everything, labels=labels)
    assert without.edges.equals(with_labels.edges)
    for name, array in (with_labels.graph | with_labels.neighbours).items():
        np.testing.assert_array_equal((without.graph | without.neighbours)[name], array)


def test_what_a_language_model_said_is_a_source(section):
    told = edges(("a", "d", 1.0), provenance="llm"), {"llm.answers": 4}
    found = mined(section, sources=["llm"], told=told)
    assert found.graph["adjacency"][0].tolist() == [0, 0, 0, 1]
    assert found.facts["llm.answers"] == 4


def test_a_file_is_a_source_and_may_be_negative(section, tmp_path):
    path = tmp_path / "e.csv"
    path.write_text("target,source,strength,sign\na,b,0.5,1\na,c,0.25,-1\n")
    with pytest.raises(InputError, match=r"e\.csv: 1 edges have sign -1, .*exclusion\.enabled"):
        mined(section, sources=["file"], file={"path": str(path)})
    asked = {"enabled": True, "expected": 1.0}
    found = mined(section, sources=["file"], file={"path": str(path)}, exclusion=asked)
    assert found.graph["adjacency"][0].tolist() == [0, 0.5, 0, 0]
    assert found.graph["exclusion"][0].tolist() == [0, 0, 0.25, 0]


def test_a_source_without_its_file_is_named(section):
    with pytest.raises(InputError, match=r"category_graph\.file\.path is data/none"):
        mined(section, sources=["file"])
    with pytest.raises(InputError, match=r"category_graph\.wordnet\.path"):
        mined(section, sources=["wordnet"])


def test_a_source_named_twice_is_refused(section):
    with pytest.raises(ValueError, match="each source should be named once"):
        section(sources=["random", "random"])
