"""Pictures of the documents: what is cut, what is drawn, and what is refused."""

import io

import pytest
from PIL import Image
from ruamel.yaml import YAML

from pipeline_lib.errors import InputError
from tools import pictures
from tools.stage_graph import after, stage_graph


def test_a_part_that_the_report_lacks_is_named():
    with pytest.raises(InputError, match=r"index\.html: no part 'gone', expected one; see its hea"):
        pictures.part_of('<body><h3 id="there">Here</h3></body>', "gone")


def test_a_part_of_the_report_finds_its_pictures_from_another_folder(tmp_path):
    (tmp_path / "index.html").write_text('<img src="pictures/a.png" alt="pictures of a">')
    page = pictures.from_anywhere(tmp_path / "index.html")
    assert page == f'<img src="{tmp_path.as_uri()}/pictures/a.png" alt="pictures of a">'


def test_without_a_report_it_says_what_makes_one(tmp_path):
    with pytest.raises(InputError, match=r"index\.html: missing; run `dvc repro`"):
        pictures.main(tmp_path)


def test_without_a_browser_it_says_which_would_do(monkeypatch):
    monkeypatch.setattr(pictures.shutil, "which", lambda name: None)
    with pytest.raises(InputError, match=r"no browser found, expected one of chromium, .*; in"):
        pictures._shot("<p>")


def test_a_picture_that_is_too_large_is_refused(monkeypatch, tmp_path):
    noise = Image.effect_noise((300, 300), 90).convert("RGB")
    monkeypatch.setattr(pictures, "_shot", lambda page: noise)
    monkeypatch.setattr(pictures, "PICTURES", tmp_path)
    with pytest.raises(InputError, match=r"big: \d+ bytes, expected at most 60000; cut less of"):
        pictures._write("big", "<p>")
    assert list(tmp_path.iterdir()) == []


def test_empty_margins_are_cut_off():
    page = Image.new("RGB", (90, 60), "white")
    page.paste("black", (30, 20, 50, 25))
    assert Image.open(io.BytesIO(pictures._png(page))).size == (20, 5)


@pytest.fixture
def graph(tmp_path):
    """The stages of a checkout, each with the files it reads, and its results."""
    stages = {
        "ingest": (["data/none"], "ingest"),
        "relations@classes": (["ingest/samples"], "relations/classes"),
        "train@csrms": (["ingest/samples", "relations/classes/knowledge"], "train/csrms"),
        "evaluate@csrms": (["train/csrms/scores"], "evaluate/csrms"),
        "train@base": (["ingest/samples"], "train/base"),
        "report": (["evaluate"], "report"),
    }
    lock = {
        name: {"deps": [{"path": path} for path in deps], "outs": [{"path": out}]}
        for name, (deps, out) in stages.items()
    }
    YAML(typ="safe").dump({"stages": lock}, tmp_path / "dvc.lock")
    return stage_graph(tmp_path)


def test_an_edge_leads_from_who_writes_to_who_reads_and_what_follows_anyway_is_left_out(graph):
    assert sorted(graph.graph.edges) == [
        ("ingest", "relations@classes"),
        ("ingest", "train@base"),
        ("relations@classes", "train@csrms"),
        ("train@base", "report"),
        ("train@csrms", "report"),
    ]


def test_what_runs_after_a_change_is_what_rests_on_it(graph, tmp_path):
    coloured, _ = after(graph, tmp_path)
    assert coloured == {"relations@classes", "train@csrms", "report"}
    assert graph.drawn((coloured, {})).count("#dcecf8") == 3
