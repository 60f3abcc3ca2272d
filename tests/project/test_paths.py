"""Missing files of the user's own: the data set is looked for where stages look for it."""

import pytest

from pipeline_lib.datasets.location import DATA, note
from pipeline_lib.project.paths import missing_files, outside_files
from tests.presets import default_document

OWN = "data/raw/images"


@pytest.fixture
def missing(tmp_path, monkeypatch):
    monkeypatch.delenv(DATA, raising=False)
    document = default_document()
    document["dataset"]["path"] = OWN

    def ask():
        return [str(m) for m in missing_files(document, tmp_path) if m.key == "dataset.path"]

    return ask


@pytest.fixture
def elsewhere(tmp_path_factory):
    return tmp_path_factory.mktemp("photographs")


def test_a_data_set_that_is_nowhere_is_missing(missing):
    assert missing() == [f"{OWN} (dataset.path)"]


def test_a_data_set_that_the_environment_names_is_there(missing, elsewhere, monkeypatch):
    monkeypatch.setenv(DATA, str(elsewhere))
    assert missing() == []


def test_a_data_set_that_was_noted_is_there_until_its_folder_goes(missing, elsewhere, tmp_path):
    note(OWN, elsewhere, tmp_path)
    assert missing() == []
    elsewhere.rmdir()
    assert missing() == [f"{OWN} (dataset.path)"]


@pytest.mark.parametrize(
    ("weights", "outside"),
    [("data/raw/w.safetensors", False), ("../w.safetensors", True), ("/mnt/w.safetensors", True)],
)
def test_files_that_a_colleague_will_not_find_are_named(tmp_path, weights, outside):
    document = default_document()
    document["dataset"]["path"] = "/mnt/photos"  # may lie anywhere
    document["maps"]["weights"] = weights
    expected = f"{weights} (maps.weights) lies outside the checkout, where `dvc repro` of a"
    found = outside_files(document, tmp_path)
    assert [line.startswith(expected) for line in found] == [True] * outside
