"""Reading what WordNets hold."""

import gzip

import pytest

from pipeline_lib.errors import InputError
from pipeline_lib.wordnet import read_lexicon
from tests.tiny_wordnet import lmf


@pytest.fixture
def lexicon(tmp_path):
    (tmp_path / "tiny.xml").write_text(lmf())
    return read_lexicon(tmp_path / "tiny.xml", "wordnet")


def test_compressed_files_and_folders_are_read(tmp_path, lexicon):
    with gzip.open(tmp_path / "tiny.xml.gz", "wt") as file:
        file.write(lmf())
    assert read_lexicon(tmp_path / "tiny.xml.gz", "wordnet") == lexicon
    folder = tmp_path / "package"
    folder.mkdir()
    (folder / "tiny.xml").write_text(lmf())
    assert read_lexicon(folder, "wordnet") == lexicon


def test_small_letters_come_first_and_a_synset_is_called_by_its_first_member(tmp_path):
    capitals = (
        '<LexicalEntry id="t-CAT-n"><Lemma writtenForm="CAT" partOfSpeech="n"/>'
        '<Sense id="t-CAT-1" synset="t-artifact"/></LexicalEntry>'
    )
    text = lmf().replace("<LexicalEntry ", f"{capitals}\n<LexicalEntry ", 1)
    text = text.replace('id="t-dog" ili="in"', 'id="t-dog" ili="in" members="t-hound-n t-dog-n"')
    (tmp_path / "w.xml").write_text(text)
    found = read_lexicon(tmp_path / "w.xml", "wordnet")
    assert found.of("Cat", 3) == ["t-cat", "t-artifact"]
    assert found.label["t-dog"] == "hound"


@pytest.mark.parametrize("text", [None, "no xml", "<a/>"])
def test_a_file_that_is_no_wordnet_is_refused(tmp_path, text):
    path = tmp_path / "w.xml"
    if text is not None:
        path.write_text(text)
    with pytest.raises(InputError, match=r"w\.xml \(some\.wordnet\): .*WN-LMF"):
        read_lexicon(path, "some.wordnet")


def test_without_a_path_the_parameter_is_named():
    with pytest.raises(InputError, match=r"None \(some\.wordnet\): is not there"):
        read_lexicon(None, "some.wordnet")
