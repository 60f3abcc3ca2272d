"""Answers that somebody recorded, as a source without a model."""

import json

import pytest

from pipeline_lib.artifacts.category_graph import ANSWERS
from pipeline_lib.datasets.registry import open_reader
from pipeline_lib.errors import InputError
from pipeline_lib.knowledge.categories.llm.answer import read_answer
from pipeline_lib.knowledge.categories.llm.miner import to_edges
from pipeline_lib.knowledge.categories.llm.question import subjects
from pipeline_lib.knowledge.categories.llm.recorded import Recording
from pipeline_lib.params.dataset import Dataset
from tests.presets import default_document

SOURCE = {"model": "m", "date": "2026-11", "question": "C2SRT, B.3"}


def entry(category, strength="High"):
    return {"category": category, "relation": "Co-occurrence", "strength": strength,
            "explanation": f"{category} is near"}  # fmt: skip


def answer(category, *related, query=0):
    return {"category": category, "query": query, "related": list(related)}


@pytest.fixture
def recorded(tmp_path):
    def write(*lines):
        path = tmp_path / "answers.jsonl"
        path.write_text("\n".join(json.dumps(line) for line in lines))
        return path

    return write


def test_strengths_are_means_over_the_queries_and_names_of_no_category_are_counted(recorded):
    path = recorded(
        SOURCE,
        answer("a", entry("b"), entry("elsewhere")),
        answer("a", entry("b", "Low"), query=1),
        answer("b"),
        answer("b", entry("a", "Medium"), query=1),
    )
    recording, wanted = Recording.read(path), subjects("ab", "ab", 2)
    recording.check(wanted)
    edges, facts = to_edges(wanted, recording.get, "ab", 2)
    values = {(row["target"], row["source"]): row["value"] for row in edges.to_dicts()}
    assert values == {("a", "b"): (3 + 1) / 2, ("b", "a"): (0 + 2) / 2}
    assert (facts["llm.answers"], facts["llm.unknown_names"]) == (4, 1)
    table = recording.table(wanted)
    ANSWERS.check(table, path)
    assert table["model"].unique().to_list() == ["m"]
    assert read_answer(table["answer"][1], ["b"]).related[0].score == 1


def test_a_category_without_an_answer_is_named(recorded):
    recording = Recording.read(recorded(SOURCE, answer("a", entry("b"))))
    with pytest.raises(InputError, match=r"3 of 4 answers are not there, first query 1 about a, b"):
        recording.check(subjects("ab", "ab", 2))


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ([], "it is empty|not enough values"),
        ([{"model": "m"}], "date: Field required; expected recorded answers"),
        ([SOURCE, {"category": "a"}], "line 2: query: Field required; expected category"),
        ([SOURCE, answer("a"), answer("a")], "line 3: query 0 about 'a' is answered before"),
        ([SOURCE, answer("a") | {"more": 1}], "line 2: more: Extra inputs are not permitted"),
    ],
)
def test_what_is_no_recording_is_refused_with_its_line(recorded, lines, message):
    with pytest.raises(InputError, match=message):
        Recording.read(recorded(*lines))


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(InputError, match=r"none.jsonl: No such file.*category_graph.paths.answers"):
        Recording.read(tmp_path / "none.jsonl")


@pytest.mark.parametrize("name", ["scenes", "voc", "coco", "nuswide", "flickr8k"])
def test_every_shipped_answer_can_be_read(root, name):
    recording = Recording.read(root / f"data/answers/{name}.jsonl")
    names = sorted({category for category, _ in recording.answers})
    for (category, _), text in recording.answers.items():
        assert read_answer(text, names, about=category).broken == 0


def test_the_shipped_answers_are_about_every_tag_of_the_default_data(root):
    section = default_document()["dataset"] | {"path": str(root / "data/raw/scenes")}
    _, reader = open_reader(Dataset.model_validate(section))
    tags = reader.vocabulary().tags
    Recording.read(root / "data/answers/scenes.jsonl").check(subjects(tags, tags, 3))
