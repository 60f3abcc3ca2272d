"""What runs cost, from their artifacts and this machine's log."""

import json

import pytest

from pipeline_lib.artifacts.encoded import mean_parts
from pipeline_lib.artifacts.scores import SCORES
from pipeline_lib.errors import InputError
from pipeline_lib.project.cost import costs


@pytest.fixture
def project(tmp_path):
    """Two runs, of which one is trained."""
    (tmp_path / "params.yaml").write_text("methods: {csrms: {}, base: {}}\n")
    seeds = [{"training": 100.0, "baseline@classes": 60.0}, {"training": 140.0}]
    path = tmp_path / "data/artifacts/train/csrms/scores.safetensors"
    SCORES.write(path, {}, encoded=seeds)
    log = tmp_path / ".protoweave/log"
    log.mkdir(parents=True)
    records = [{"status": "done", "seconds": s} for s in (9.0, 7.5)]
    (log / "train@csrms.jsonl").write_text("\n".join(map(json.dumps, records)))
    return tmp_path


def test_images_are_means_over_seeds_and_seconds_those_of_the_last_time(project):
    csrms, base = costs(project)
    assert (csrms.run, csrms.parts) == ("csrms", {"training": 120, "baseline@classes": 30})
    assert (csrms.images, csrms.seconds) == (150, 7.5)
    assert (base.run, base.parts, base.images, base.seconds) == ("base", {}, 0, None)


def test_the_command_prints_a_row_for_every_run(project, monkeypatch, capsys):
    from pipeline_lib import cli

    monkeypatch.setattr(cli, "ROOT", project)
    cli.cost()
    printed = " ".join(capsys.readouterr().out.split())
    assert "csrms 150 baseline@classes 30, training 120 8 s" in printed
    assert "base not trained yet" in printed


def test_without_params_the_remedy_is_named(tmp_path):
    with pytest.raises(InputError, match=r"params\.yaml: missing; run `protoweave use PRESET`"):
        list(costs(tmp_path))


def test_no_seeds_have_no_parts():
    assert mean_parts([]) == {}
