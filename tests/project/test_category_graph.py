import csv
import json
import re

import networkx as nx
import polars as pl
import pytest
from ruamel.yaml import YAML
from typer.testing import CliRunner

from pipeline_lib import cli
from pipeline_lib.artifacts.category_graph import ANSWERS, EDGES
from pipeline_lib.artifacts.samples import CATEGORIES
from pipeline_lib.errors import InputError
from pipeline_lib.knowledge.categories.llm import endpoint
from pipeline_lib.project.category_graph import GRAPHS
from tests.knowledge.categories.llm.server import Script, Server, related
from tests.presets import BY_LABELS, LLM, default_document, default_text

ROWS = [
    ("boat", "sea", "llm", 1, 1.0), ("boat", "dock", "llm", 1, 0.5),
    ("boat", "sea", "random", 1, 0.3), ("boat", "cow", "cooccurrence", -1, 0.8),
    ("dock", "boat", "llm", 1, 0.5),
]  # fmt: skip
NAMES = ["boat", "cow", "dock", "sea", "sea [salty]"]


@pytest.fixture
def project(tmp_path, monkeypatch, root):
    """A folder with params.yaml, categories and a graph of the tags."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "params.yaml").write_text(
        default_text()
        .replace("sources: [cooccurrence]", "sources: [llm, random, cooccurrence]")
        .replace("llm: {name: recorded, queries: 3}", f"llm: {json.dumps(LLM | {'queries': 2})}")
        .replace("answers: data/answers/scenes.jsonl", "answers: data/none")
    )
    rows = [
        {"target": t, "source": s, "provenance": p, "sign": g, "strength": v, "value": v,
         "relation": "is-a", "explanation": f"why {s}"}
        for t, s, p, g, v in ROWS
    ]  # fmt: skip
    EDGES.write(pl.DataFrame(rows, EDGES.dtypes), tmp_path / GRAPHS / "tags" / "edges.parquet")
    categories = {
        "kind": "tag",
        "index": range(5),
        "name": NAMES,
        "seen": True,
        "train_count": 1,
        "far": None,
    }
    path = tmp_path / "data/artifacts/ingest/categories.parquet"
    CATEGORIES.write(pl.DataFrame(categories, CATEGORIES.dtypes), path)
    return tmp_path


def run(*arguments):
    result = CliRunner().invoke(cli.app, arguments)
    if isinstance(result.exception, InputError):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result.output


def test_neighbours_are_printed_by_source(project, capsys):
    lines = [re.split(r" {2,}", line.strip()) for line in run("graph", "boat").splitlines()]
    assert lines == [
        ["source", "neighbour", "strength", "relation", "why"],
        ["cooccurrence", "cow", "-0.800", "is-a", "why cow"],
        ["llm", "sea", "1.000", "is-a", "why sea"],
        ["llm", "dock", "0.500", "is-a", "why dock"],
        ["random", "sea", "0.300", "is-a", "why sea"],
    ]
    assert run("graph", "boat", "--most", "1").count("llm") == 1
    assert run("graph", "sea [salty]") == "nothing informs 'sea [salty]'\n"


def test_a_misspelt_category_is_suggested(project):
    with pytest.raises(InputError, match="no category 'baot' in the graph; did you mean 'boat'"):
        run("graph", "baot")


def test_without_a_graph_the_way_to_one_is_named(project):
    with pytest.raises(InputError, match="there is a graph of tags, expected classes; choose one"):
        run("graph", "boat", "--target", "classes")
    (project / GRAPHS / "tags" / "edges.parquet").unlink()
    with pytest.raises(InputError, match=r"a graph of nothing.*docs/category_graphs\.md"):
        run("graph", "boat")
    with pytest.raises(InputError, match="name a category, or a file to write"):
        run("graph")


def test_the_merged_graph_is_written_for_other_tools(project):
    assert run("graph", "--write", "edges.csv") == "edges.csv: 4 edges\n"
    with (project / "edges.csv").open(newline="") as file:
        rows = {(r["target"], r["source"]): r for r in csv.DictReader(file)}
    assert float(rows["boat", "sea"]["strength"]) == pytest.approx(1.3 / 3)  # of three sources
    assert rows["boat", "sea"]["provenance"] == "llm+random"
    run("graph", "--write", "graph.graphml")
    assert set(nx.read_graphml(project / "graph.graphml").nodes) == set(NAMES)


def test_a_dry_run_prints_calls_and_tokens(project):
    found = re.fullmatch(
        r"10 questions, 0 answered; 10 calls with about ([\d,]+) tokens of prompts and at most "
        r"40,960 of answers\n",
        run("mine", "tags", "--dry-run"),
    )
    assert 2_000 < int(found[1].replace(",", "")) < 10_000


def test_answers_are_mined_and_taken_over(project, monkeypatch):
    script = Script(answer=lambda call: related("cow"))
    with Server(script) as server:
        monkeypatch.setenv(endpoint.URL, server.url)
        assert "10 answers are kept" in run("mine", "tags")
        run("mine", "tags")
        assert len(script.calls) == 10
        run("mine", "tags", "--refresh")
        assert len(script.calls) == 20
    assert "10 questions, 10 answered; 0 calls" in run("mine", "tags", "--dry-run")
    rows = {"category": ["x"], "query": [0], "model": ["m"], "key": ["0" * 16], "answer": ["[]"]}
    ANSWERS.write(pl.DataFrame(rows, ANSWERS.dtypes), project / "answers.parquet")
    assert run("mine", "--from", "answers.parquet") == "1 answers of answers.parquet are kept\n"


def test_an_unknown_target_is_named(project):
    with pytest.raises(InputError, match="no target 'tag'; did you mean 'tags'"):
        run("mine", "tag", "--dry-run")


def test_a_language_model_without_settings_is_asked_nothing(project):
    document = default_document()
    document["category_graph"] |= BY_LABELS
    YAML(typ="safe").dump(document, project / "params.yaml")
    with pytest.raises(InputError, match=r"category_graph\.llm is none, expected its settings"):
        run("mine", "tags", "--dry-run")


def recorded(path, *categories):
    """Write answers about some categories, each to one query."""
    lines = [{"model": "m", "date": "2026-11", "question": "q"}]
    lines += [{"category": name, "query": 0, "related": []} for name in categories]
    path.write_text("\n".join(map(json.dumps, lines)))


def test_recorded_answers_are_taken_over_as_answers_to_what_would_be_asked(project):
    recorded(project / "some.jsonl", "boat", "cow", "ship")
    assert run("mine", "--from", "some.jsonl") == "2 answers of some.jsonl are kept\n"
    assert "10 questions, 2 answered; 8 calls" in run("mine", "tags", "--dry-run")
    recorded(project / "none.jsonl", "ship")
    with pytest.raises(InputError, match=r"none.jsonl: no answer is about one of the tags"):
        run("mine", "--from", "none.jsonl")


def test_where_answers_are_recorded_nothing_is_asked(project):
    text = (project / "params.yaml").read_text()
    text = re.sub(r"  llm: {.*}", "  llm: {name: recorded, queries: 1}", text)
    (project / "params.yaml").write_text(
        text.replace("file: data/none, answers: data/none", "file: data/none, answers: a.jsonl")
    )
    with pytest.raises(InputError, match=r"llm is recorded: its answers are read from a\.jsonl"):
        run("mine", "tags", "--dry-run")
