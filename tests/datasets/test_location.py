"""Where a data set lies on this machine."""

from pathlib import Path

import pytest

from pipeline_lib.datasets.location import DATA, NOTES, locate, note, place, private
from pipeline_lib.errors import InputError

PATH = "data/raw/images"


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    monkeypatch.delenv(DATA, raising=False)
    (tmp_path / "checkout").mkdir()
    (tmp_path / "photos").mkdir()
    monkeypatch.chdir(tmp_path / "checkout")
    return Path()


def test_it_lies_where_dataset_path_says(checkout):
    assert locate(PATH) == Path(PATH)


def test_what_is_noted_for_a_path_holds_for_that_path_alone(checkout, tmp_path):
    note(PATH, tmp_path / "photos")
    assert locate(PATH) == tmp_path / "photos"
    assert locate("data/raw/scenes") == Path("data/raw/scenes")
    note("data/raw/more", Path("../photos"))
    assert locate(PATH) == tmp_path / "photos"
    assert locate("data/raw/more").resolve() == tmp_path / "photos"
    note(PATH, None)
    assert locate(PATH) == Path(PATH)


def test_the_environment_comes_first(checkout, tmp_path, monkeypatch):
    note(PATH, tmp_path / "elsewhere")
    monkeypatch.setenv(DATA, str(tmp_path / "photos"))
    assert locate(PATH) == tmp_path / "photos"


def test_a_place_that_is_not_there_is_named(checkout, tmp_path, monkeypatch):
    note(PATH, tmp_path / "gone")
    expected = rf"^{NOTES}: {PATH}: .*gone: there is no such folder, .*; mend it, or remove it"
    with pytest.raises(InputError, match=expected):
        locate(PATH)
    monkeypatch.setenv(DATA, "nowhere")
    with pytest.raises(InputError, match=rf"^{DATA}='nowhere': there is no such folder"):
        locate(PATH)


def test_notes_of_another_form_are_refused(checkout):
    NOTES.parent.mkdir()
    NOTES.write_text("data: photos\n")
    with pytest.raises(InputError, match=r"local\.yaml: data is 'photos', expected pairs of"):
        locate(PATH)


@pytest.mark.parametrize("below", ["standalone/tmp1", "tmp2"])
def test_an_experiment_of_dvc_looks_into_the_checkout_it_was_copied_from(
    tmp_path, monkeypatch, below
):
    monkeypatch.delenv(DATA, raising=False)
    copy = tmp_path / "checkout/.dvc/tmp/exps" / below
    copy.mkdir(parents=True)
    monkeypatch.chdir(copy)
    (tmp_path / "checkout" / PATH).mkdir(parents=True)
    (tmp_path / "photos").mkdir()
    original = tmp_path / "checkout"
    assert locate(PATH) == original / PATH
    assert locate("../photos").resolve() == tmp_path / "photos"
    note(PATH, Path("../photos"), original)
    assert locate(PATH).resolve() == tmp_path / "photos"
    assert private() == original / ".protoweave"


def test_a_folder_of_the_checkout_is_a_path_for_everybody_and_another_is_not(checkout, tmp_path):
    assert place(Path("data/raw/mine")) == ("data/raw/mine", None)
    assert place(tmp_path / "checkout/pictures") == ("pictures", None)
    assert place(Path("../photos")) == (None, tmp_path / "photos")
