"""The nouns of WordNet that come with the project, and how they are cut from the whole."""

import hashlib
import lzma
import re
from pathlib import Path

import pytest

from pipeline_lib.wordnet import read_lexicon
from tests.tiny_wordnet import lmf
from tools.wordnet_nouns import main, nouns_of

FOLDER = Path(__file__).parents[1] / "data" / "wordnet"
NOUNS = FOLDER / "nouns.xml.xz"


@pytest.fixture(scope="module")
def nouns():
    return read_lexicon(NOUNS, "paths.wordnet")


def first(lexicon, name):
    return lexicon.label[lexicon.of(name, 1)[0]]


def test_known_nouns_are_related_as_one_knows(nouns):
    assert len(nouns.synsets) == 97_644
    kinds = {nouns.label[s] for s in nouns.ancestors(nouns.of("dogs", 1), 5)}
    assert {"dog", "canine", "carnivore", "domestic animal"} <= kinds
    parts = nouns.parts[nouns.of("car wheel", 1)[0]]
    assert {nouns.label[s] for s in parts} >= {"hub", "hubcap"}


@pytest.mark.parametrize("name", ["cat", "crab", "goat", "book", "turkey", "person"])
def test_a_common_noun_is_no_abbreviation_or_proper_name(nouns, name):
    assert first(nouns, name) == name


def test_the_readme_names_the_digest_of_the_file():
    digest = hashlib.sha256(NOUNS.read_bytes()).hexdigest()
    assert f"this file | SHA-256 `{digest}`" in (FOLDER / "README.md").read_text()


def test_the_whole_wordnet_reads_as_its_nouns_do(nouns, shared_data):
    source = shared_data / "semantics" / "oewn-2026.xml.xz"
    digest = hashlib.sha256(source.read_bytes()).hexdigest()
    assert digest in (FOLDER / "README.md").read_text()
    assert read_lexicon(source, "paths.wordnet") == nouns


@pytest.fixture
def source(tmp_path):
    """A small WordNet with a verb and an example, which are not wanted."""
    verb = (
        '<LexicalEntry id="t-bark-v"><Lemma writtenForm="bark" partOfSpeech="v"/>'
        '<Sense id="t-bark-1" synset="t-bark"/></LexicalEntry>'
    )
    bark = '<Synset id="t-bark" ili="" partOfSpeech="v"><Definition>to bark</Definition></Synset>'
    text = lmf().replace("<Synset ", f"{verb}\n<Synset ", 1)
    text = text.replace("</Lexicon>", f"{bark}\n</Lexicon>")
    (tmp_path / "all.xml").write_text(text)
    return tmp_path / "all.xml"


def test_a_cut_wordnet_reads_as_the_whole(source, tmp_path):
    main([str(source), str(tmp_path / "nouns.xml.xz")])
    whole, cut = (read_lexicon(p, "wordnet") for p in (source, tmp_path / "nouns.xml.xz"))
    assert cut == whole
    assert "dog" in cut.synsets
    assert "bark" not in cut.synsets


def test_only_what_is_read_is_left(source):
    text = lzma.decompress(nouns_of(source)).decode()
    assert "Definition" in source.read_text()
    assert not re.search("Definition|bark", text)
    assert 'version="1-nouns"' in text
    assert nouns_of(source) == nouns_of(source)


def test_the_library_builds_a_database_of_a_cut_wordnet(source, tmp_path, monkeypatch):
    import wn

    (tmp_path / "cut.xml.xz").write_bytes(nouns_of(source))
    monkeypatch.setattr(wn.config, "data_directory", tmp_path / "wn")
    wn.add(tmp_path / "cut.xml.xz", progress_handler=None)
    (dog,) = wn.Wordnet("t:1-nouns").synsets("dog")
    assert [above.lemmas() for above in dog.hypernyms()] == [["animal"]]
    wn._db.connect().close()


def test_a_file_without_a_lexicon_is_refused(tmp_path):
    (tmp_path / "ili.tsv").write_text("ILI\tDefinition\n")
    with pytest.raises(SystemExit, match=r"ili\.tsv: holds no lexicon"):
        nouns_of(tmp_path / "ili.tsv")
