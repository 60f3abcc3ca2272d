"""The stages ``ingest``, ``text`` and ``category_graph`` on a small set of scenes."""

import json
import os
import re
import subprocess
import sys

import numpy as np
import polars as pl
import pytest
from ruamel.yaml import YAML

import stages.category_graph
import stages.ingest
import stages.text
from pipeline_lib.artifacts.category_graph import ANSWERS, EDGES
from pipeline_lib.artifacts.knowledge import GRAPH, NEIGHBOURS, read_knowledge
from pipeline_lib.artifacts.labelled import read_categories, read_labelled
from pipeline_lib.artifacts.samples import CATEGORIES, SAMPLES, TRAIN
from pipeline_lib.artifacts.text import read_text
from pipeline_lib.errors import InputError
from pipeline_lib.knowledge.categories.llm import endpoint
from pipeline_lib.knowledge.categories.llm.miner import MODE
from pipeline_lib.methods.registry import METHODS
from tests.knowledge.categories.llm.server import Script, Server, related
from tests.presets import BY_LABELS, LLM, NGRAMS, default_document


class Project:
    """A small project in a folder."""

    def __init__(self, folder, root):
        self.folder, self.document = folder, default_document()
        sizes = {"train": 60, "val": 5, "test": 10, "test_shift": 5, "size": 32}
        self.document["dataset"]["scenes"] |= sizes
        self.document["dataset"]["path"] = str(root / "data" / "raw" / "scenes")
        self.document["text"] |= {"source": NGRAMS, "path": "data/none"}
        self.set(**BY_LABELS)
        ingest = folder / "ingest"
        self.samples, self.categories = ingest / "samples.parquet", ingest / "categories.parquet"

    def set(self, **changes):
        self.document["category_graph"] |= changes

    @property
    def params(self):
        path = self.folder / "params.yaml"
        YAML(typ="safe").dump(self.document, path)
        return path

    def ingest(self):
        stages.ingest.main(self.samples.parent, self.params)
        stages.text.main("tags", self.categories, self.folder / "text", self.params)

    def graph(self, target="tags", out="graph"):
        stages.category_graph.main(
            target, self.samples, self.categories, self.folder / "text", self.folder / "llm",
            self.folder / out, self.params,
        )  # fmt: skip
        return self.folder / out


@pytest.fixture
def project(tmp_path, root, monkeypatch):
    monkeypatch.delenv(MODE, raising=False)
    project = Project(tmp_path, root)
    project.ingest()
    return project


def test_the_graph_is_that_of_the_training_labels(project):
    folder = project.graph()
    table = read_labelled(project.samples, project.categories)
    tags = table.tag_names
    carried = table.targets("tags", table.train).astype(float)
    counts = carried.T @ carried
    ids = table.ids_of(table.train)
    adjacency = read_knowledge(GRAPH, folder / "graph.safetensors", ids)["adjacency"]
    lists = read_knowledge(NEIGHBOURS, folder / "neighbours.safetensors", ids)["neighbours"]
    own = np.maximum(counts.diagonal(), 1)[:, None]
    expected = counts / own * (1 - np.eye(len(tags)))
    np.testing.assert_allclose(adjacency, expected, rtol=1e-6)
    seen = table.of("tags")["seen"].to_numpy()
    assert not seen.all()
    told = read_text(project.folder / "text" / "embeddings.safetensors", tags)
    np.testing.assert_array_equal(told["seen"], seen)
    assert seen[lists[lists >= 0]].all()
    assert ANSWERS.read(folder / "answers.parquet").is_empty()
    assert json.loads((folder / "metrics.json").read_text())["categories"] == len(tags)


def test_test_labels_change_no_byte(project):
    project.set(
        sources=["cooccurrence", "similarity"],
        exclusion={"expected": 1.0},
        similarity={"most": 16, "at_least": 0.0},
    )
    before = project.graph()
    samples = SAMPLES.read(project.samples)
    moved = samples.with_columns(
        tags=pl.when(pl.col("split") == TRAIN)
        .then("tags")
        .otherwise(pl.col("tags").shift(1, fill_value=[]))
    )
    assert not moved["tags"].equals(samples["tags"])
    SAMPLES.write(moved, project.samples)
    after = project.graph(out="again")
    for path in sorted(before.iterdir()):
        assert path.read_bytes() == (after / path.name).read_bytes(), path.name


def test_lists_of_neighbours_are_a_file_of_their_own(project):
    """So that what C2SRT and SPARC alone read trains nothing else anew."""
    few = project.graph()
    project.set(neighbours=3)
    more = project.graph(out="more")
    same = {p.name for p in few.iterdir() if p.read_bytes() == (more / p.name).read_bytes()}
    assert {p.name for p in few.iterdir()} - same == {"neighbours.safetensors", "metrics.json"}
    assert [n for n, m in METHODS.items() if "/neighbours." in m.knowledge] == ["sparc", "c2srt"]


def test_a_language_model_is_asked_replayed_and_copied(project, monkeypatch):
    project.set(sources=["llm", "cooccurrence"], llm=LLM | {"queries": 1})
    with pytest.raises(InputError, match=f"answers are not stored.*{MODE}=record"):
        project.graph()
    tags = read_categories(project.categories).tag_names
    script = Script(answer=lambda call: related(tags[0], tags[1], "unicorn"))
    with Server(script) as server:
        monkeypatch.setenv(endpoint.URL, server.url)
        monkeypatch.setenv(MODE, "record")
        folder = project.graph()
    assert len(script.calls) == len(tags)
    monkeypatch.delenv(endpoint.URL)
    monkeypatch.delenv(MODE)
    again = project.graph(out="again")
    for path in sorted(folder.iterdir()):
        assert path.read_bytes() == (again / path.name).read_bytes(), path.name
    edges = EDGES.read(folder / "edges.parquet").filter(provenance="llm")
    assert edges.filter(target=tags[0])["source"].to_list() == [tags[1]]
    assert len(ANSWERS.read(folder / "answers.parquet")) == len(tags)
    facts = json.loads((folder / "metrics.json").read_text())
    assert facts["llm.unknown_names"] == len(tags) + 2  # and a category that names itself, twice


def test_the_key_is_in_no_log_no_output_and_no_file(project, root, monkeypatch):
    project.set(sources=["llm"], llm=LLM)
    key = "sk-very-secret-0123456789"
    options = {"samples": project.samples, "categories": project.categories,
               "text": project.folder / "text", "answers": project.folder / "llm",
               "graph": project.folder / "graph", "params": project.params}  # fmt: skip
    command = [sys.executable, "-m", "stages.category_graph", "tags"]
    command += [f"--{name}={path}" for name, path in options.items()]
    script = Script(answer=lambda call: related("boat", strength=f"High, says {call.key}"))
    outcomes = []
    with Server(script) as server:
        environment = os.environ | {
            endpoint.URL: server.url, endpoint.KEY: key, MODE: "record", "PYTHONPATH": str(root),
        }  # fmt: skip
        for faults in ([(401, {}, f"wrong key {key}".encode())] * 99, []):
            script.faults = faults
            run = subprocess.run(
                command, cwd=project.folder, env=environment, capture_output=True, text=True
            )
            outcomes.append(run.returncode)
            assert key not in run.stdout + run.stderr
    assert outcomes == [2, 0]
    answers = "".join(ANSWERS.read(project.folder / "graph" / "answers.parquet")["answer"])
    assert "***" in answers
    assert key not in answers
    files = [path for path in project.folder.rglob("*") if path.is_file()]
    assert any(path.suffix == ".jsonl" for path in files)  # the log
    assert not any(key.encode() in path.read_bytes() for path in files)


def test_text_says_which_names_it_does_not_know(project, tmp_path, capsys):
    tags = read_categories(project.categories).tag_names
    path = tmp_path / "words.txt"
    single = [tag for tag in tags if " " not in tag]
    path.write_text("".join(f"{tag} 1 {i}\n" for i, tag in enumerate(single[1:])))
    project.document["text"] |= {"source": {"name": "words"}, "path": str(path)}
    stages.text.main("tags", project.categories, project.folder / "text", project.params)
    assert re.search(rf"by words, 2-d; unknown: .*{single[0]}", capsys.readouterr().out)
    facts = json.loads((project.folder / "text" / "metrics.json").read_text())
    assert facts["missing"] >= 1


def test_vectors_of_other_categories_are_refused(project):
    stages.text.main("classes", project.categories, project.folder / "text", project.params)
    with pytest.raises(InputError, match=r"vectors of 12 other categories than the 55"):
        project.graph()


def test_a_data_set_without_tags_is_named(project):
    categories = CATEGORIES.read(project.categories).filter(kind="class")
    CATEGORIES.write(categories, project.categories)
    with pytest.raises(InputError, match="the data set has no tags"):
        stages.text.main("tags", project.categories, project.folder / "text", project.params)
