import json
from typing import get_args

import numpy as np
import pytest

from pipeline_lib.artifacts.category_graph import ANSWERS, EDGES
from pipeline_lib.errors import InputError
from pipeline_lib.knowledge.categories.cooccurrence import count
from pipeline_lib.knowledge.categories.llm.question import questions
from pipeline_lib.knowledge.categories.llm.store import AnswerStore
from pipeline_lib.knowledge.categories.sources import SOURCES, Asked
from pipeline_lib.params.category_graph import Source
from pipeline_lib.progress import silent
from pipeline_lib.steps.category_graph import mine
from tests.knowledge.categories.conftest import categories, lists

NAMES = "abcd"
LABELS = lists([[0, 1], [0, 1, 2], [0], [1, 2], [3], [3]])
ALIKE = np.array([[1, 0], [0.9, 0.1], [0, 1], [0.1, 0.9]])


@pytest.fixture
def mined(section, tmp_path):
    """Mine a graph of four categories."""

    def mined(unseen=(), labels=LABELS, **changes):
        known = categories(NAMES, unseen, ALIKE)
        return mine(Asked(known, labels, section(**changes), tmp_path / "llm", silent))

    return mined


def test_cooccurrence_alone_gives_equation_1(mined):
    found = mined()
    counts = count(LABELS, 4).toarray()
    expected = counts / counts.diagonal()[:, None] * (1 - np.eye(4))
    np.testing.assert_allclose(found.graph["adjacency"], expected, rtol=1e-6)
    assert not found.graph["exclusion"].any()
    assert found.neighbours["neighbours"][0].tolist() == [1, 2, -1]
    assert found.facts["edges.cooccurrence"] == 6
    assert found.facts["without_neighbours"] == 1  # d


def test_the_tensors_are_of_the_types_that_training_expects(mined):
    found = mined()
    kinds = {n: (a.dtype, a.shape) for n, a in (found.graph | found.neighbours).items()}
    assert kinds == {
        "adjacency": (np.float32, (4, 4)),
        "exclusion": (np.float32, (4, 4)),
        "neighbours": (np.int32, (4, 3)),
        "neighbours.cooccurrence": (np.int32, (4, 3)),
    }


def test_several_sources_are_merged_and_keep_their_names(mined):
    found = mined(sources=["cooccurrence", "similarity"])
    assert EDGES.check(found.edges, "t").height == len(found.edges)
    alone = mined().graph["adjacency"]
    other = mined(sources=["similarity"]).graph["adjacency"]
    np.testing.assert_allclose(found.graph["adjacency"], (alone + other) / 2, rtol=1e-6)
    most = mined(sources=["cooccurrence", "similarity"], merge="max")
    np.testing.assert_allclose(most.graph["adjacency"], np.maximum(alone, other), rtol=1e-6)
    assert set(found.edges["provenance"]) == {"cooccurrence", "similarity"}


def test_a_source_beside_the_graph_only_gives_a_list_of_its_own(mined):
    found = mined(beside=["similarity"])
    alone = mined()
    for name, array in (alone.graph | alone.neighbours).items():
        np.testing.assert_array_equal((found.graph | found.neighbours)[name], array)
    similar = mined(sources=["similarity"]).neighbours["neighbours"]
    np.testing.assert_array_equal(found.neighbours["neighbours.similarity"], similar)
    assert found.facts["edges.similarity"] > 0
    assert set(found.edges["provenance"]) == {"cooccurrence", "similarity"}


def test_exclusion_is_mined_only_when_asked_for(mined):
    found = mined(exclusion={"expected": 0.5})
    # a and d: chance 3 * 2 / 6 = 1, together 0
    assert found.graph["exclusion"][0, 3] == found.graph["exclusion"][3, 0] == 1
    assert found.facts["edges.negative"] == (found.edges["sign"] == -1).sum() > 0
    np.testing.assert_array_equal(found.graph["adjacency"], mined().graph["adjacency"])


@pytest.mark.parametrize("sources", [["cooccurrence"], ["similarity"], ["random"]])
def test_unseen_categories_inform_no_other(mined, sources):
    found = mined(unseen="b", sources=sources)
    assert "b" not in found.edges["source"].to_list()
    assert not (found.neighbours["neighbours"] == 1).any()
    assert not found.graph["adjacency"][:, 1].any()


def test_labels_of_unseen_categories_change_nothing(mined):
    everything = ["cooccurrence", "similarity"]
    with_labels = mined(unseen="d", sources=everything)
    labels = lists([[0, 1, 3], [0, 1, 2], [0, 3], [1, 2], [], []])
    without = mined(unseen="d", sources=everything, labels=labels)
    assert without.edges.equals(with_labels.edges)
    for name, array in (with_labels.graph | with_labels.neighbours).items():
        np.testing.assert_array_equal((without.graph | without.neighbours)[name], array)


def test_what_a_language_model_answered_is_a_source(mined, section, tmp_path):
    wanted = questions(list(NAMES), list(NAMES), section(sources=["llm"]).llm)
    store = AnswerStore(tmp_path / "llm")
    for question in wanted:
        close = {"a": [{"category": "d", "relation": "Co-occurrence", "strength": "High"}]}
        store.put(question, json.dumps({"related": close.get(question.category, [])}))
    found = mined(sources=["llm"])
    assert found.graph["adjacency"][0].tolist() == [0, 0, 0, 1]
    assert found.facts["llm.answers"] == len(wanted) == 8
    assert len(found.answers) == 8


def test_without_an_answer_a_language_model_is_no_source(mined):
    with pytest.raises(InputError, match=r"llm: 8 of 8 answers are not stored, first about 'a'"):
        mined(sources=["llm"])


def test_without_a_language_model_there_are_no_answers(mined):
    assert mined().answers.schema == ANSWERS.dtypes
    assert mined().answers.is_empty()


def test_a_file_is_a_source_and_may_be_negative(mined, tmp_path):
    path = tmp_path / "e.csv"
    path.write_text("target,source,strength,sign\na,b,0.5,1\na,c,0.25,-1\n")
    paths = {"wordnet": "data/none", "file": str(path)}
    with pytest.raises(InputError, match=r"e\.csv: 1 edges have sign -1, .*exclusion to {expected"):
        mined(sources=["file"], paths=paths)
    asked = {"expected": 5.0}
    found = mined(sources=["file"], paths=paths, exclusion=asked)
    assert found.graph["adjacency"][0].tolist() == [0, 0.5, 0, 0]
    assert found.graph["exclusion"][0].tolist() == [0, 0, 0.25, 0]


def test_a_source_without_its_file_is_named(mined):
    with pytest.raises(InputError, match=r"category_graph\.paths\.file is data/none"):
        mined(sources=["file"])
    with pytest.raises(InputError, match=r"category_graph\.paths\.wordnet"):
        mined(sources=["wordnet"])


def test_a_source_named_twice_is_refused(section):
    with pytest.raises(ValueError, match="each source should be named once"):
        section(sources=["random", "random"])


def test_every_source_of_the_parameters_is_known():
    assert set(SOURCES) == set(get_args(Source))


def test_recorded_answers_are_a_source_without_a_model(mined, tmp_path):
    near = [{"category": "d", "relation": "Co-occurrence", "strength": "High", "explanation": ""}]
    lines = [{"model": "m", "date": "2026-11", "question": "q"}]
    for name in NAMES:
        lines.append({"category": name, "query": 0, "related": near if name == "a" else []})
    path = tmp_path / "answers.jsonl"
    path.write_text("\n".join(map(json.dumps, lines)))
    paths = {"wordnet": "data/none", "file": "data/none", "answers": str(path)}
    found = mined(sources=["llm"], llm={"name": "recorded", "queries": 1}, paths=paths)
    assert found.graph["adjacency"][0].tolist() == [0, 0, 0, 1]
    assert found.answers["model"].unique().to_list() == ["m"]
