"""The examples that need no finished project; tests/pipeline/test_commands.py runs the others."""

import json
import re
import runpy

import pytest

from tests.examples.notebooks import EXAMPLES, run_notebook


def test_fuzzy_art_finds_more_clusters_with_more_vigilance(capsys):
    runpy.run_path(str(EXAMPLES / "cluster_vectors.py"))
    told = capsys.readouterr().out
    counts = [int(n) for n in re.findall(r"(\d+) clusters", told)]
    assert len(counts) == 3
    assert counts == sorted(counts)
    assert max(float(n) for n in re.findall(r"Rand index (\S+)", told)) > 0.8


def test_a_head_of_ones_own_learns(capsys):
    runpy.run_path(str(EXAMPLES / "head_on_maps.py"))
    told = capsys.readouterr().out
    before, after = map(float, re.search(r"loss (\S+) to (\S+)", told).groups())
    assert after < before / 2
    assert float(re.search(r"right: (\S+)%", told)[1]) > 90


def test_scores_of_ones_own_are_judged_with_intervals(capsys):
    runpy.run_path(str(EXAMPLES / "metric_with_intervals.py"))
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("mAP: 0.")
    for line in lines:
        value, low, high, gain = map(
            float, re.search(r": (\S+) \[(\S+), (\S+)\], gain (\S+) \[", line).groups()
        )
        assert low < value < high
        assert gain > 0


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of jupyter's own
def test_the_notebook_on_fuzzy_art_runs(tmp_path, root, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(root))
    shown = run_notebook("fuzzy_art", tmp_path)
    assert shown[0] == "(178, 13)"
    assert "Rand index" in shown[1]
    assert "array([-1]" in shown[2]  # what is like nothing is in no cluster


def test_there_are_six_programs_and_two_notebooks_and_the_page_lists_them():
    names = {p.name for p in EXAMPLES.iterdir() if p.suffix in (".py", ".ipynb")}
    assert sum(name.endswith(".py") for name in names) == 6
    listed = set(re.findall(r"\]\((\S+)\)", (EXAMPLES / "README.md").read_text(encoding="utf-8")))
    assert listed == names


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.ipynb")), ids=lambda path: path.stem)
def test_notebooks_are_committed_without_outputs(path):
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] == "code":
            assert cell["outputs"] == []
            assert cell["execution_count"] is None
