"""What always runs: the list of the data set, and a look at params.yaml as a whole."""

import re

import pytest

import stages.listing
from pipeline_lib.errors import InputError
from pipeline_lib.params.section import read_yaml
from pipeline_lib.project.crossing import crossing_faults
from tests.stages.project import Project


@pytest.fixture
def project(tmp_path, root, monkeypatch):
    made = Project(tmp_path, root)
    made.document["text"]["path"] = "data/artifacts/vlp/towers"
    monkeypatch.chdir(tmp_path)
    return made


def listed(project):
    stages.listing.main(project.folder / "files.jsonl", project.params, project.folder / "dvc.lock")
    return (project.folder / "files.jsonl").read_text()


def test_the_files_of_the_data_set_are_listed(project):
    assert '["catalogue.yaml", ' in listed(project)


def test_what_sections_say_of_each_other_is_refused_in_the_words_of_the_doctor(project):
    project.document["dlsa"]["prior"]["exclusion"] = True
    (fault,) = crossing_faults(read_yaml(project.params), project.params)
    assert "exclusion is true, and category_graph.exclusion none" in fault
    with pytest.raises(InputError, match=re.escape(fault)):
        listed(project)


def test_every_fault_of_a_file_that_was_edited_by_hand_is_named_before_anything_runs(project):
    project.document["report"]["sheet_columns"] = "many"
    project.document["methods"]["csrms"]["target"] = "tags"
    project.document["mine"] = {}
    with pytest.raises(InputError) as caught:
        listed(project)
    for said in (
        "report.sheet_columns is 'many'",
        "does not predict 'tags'",
        "section 'mine' is unknown",
    ):
        assert said in str(caught.value)
    assert not (project.folder / "files.jsonl").exists()
