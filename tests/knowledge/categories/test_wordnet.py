"""On a small file in the genuine format WN-LMF, as Open English WordNet is published."""

import gzip
import sys

import pytest

from pipeline_lib.errors import InputError
from pipeline_lib.knowledge.categories.wordnet import read_lexicon, related
from tests.knowledge.categories.conftest import categories

# entity > animal > dog > puppy; animal > cat; entity > artifact > car, whose part a wheel is
SYNSETS = {
    "entity": (), "animal": ("entity",), "dog": ("animal",), "puppy": ("dog",), "cat": ("animal",),
    "artifact": ("entity",), "car": ("artifact",), "wheel": ("artifact",),
    "traffic-light": ("artifact",),
}  # fmt: skip
WORDS = {
    "entity": ["entity"], "animal": ["animal"], "dog": ["dog"], "hound": ["dog"],
    "puppy": ["puppy"], "cat": ["cat"], "artifact": ["artifact"], "car": ["car", "cat"],
    "wheel": ["wheel"], "traffic light": ["traffic-light"],
}  # fmt: skip
PARTS = {"car": [("mero_part", "wheel")], "wheel": [("holo_part", "car")]}


def lmf():
    entries, synsets = [], []
    for word, meanings in WORDS.items():
        senses = "".join(
            f'<Sense id="t-{word.replace(" ", "_")}-{m}" synset="t-{m}"/>' for m in meanings
        )
        entries.append(
            f'<LexicalEntry id="t-{word.replace(" ", "_")}-n">'
            f'<Lemma writtenForm="{word}" partOfSpeech="n"/>{senses}</LexicalEntry>'
        )
    for synset, above in SYNSETS.items():
        relations = [("hypernym", a) for a in above] + PARTS.get(synset, [])
        inside = "".join(f'<SynsetRelation relType="{r}" target="t-{t}"/>' for r, t in relations)
        synsets.append(
            f'<Synset id="t-{synset}" ili="in" partOfSpeech="n"><Definition>d</Definition>'
            f"{inside}</Synset>"
        )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE LexicalResource SYSTEM '
        '"http://globalwordnet.github.io/schemas/WN-LMF-1.1.dtd">\n'
        '<LexicalResource xmlns:dc="https://globalwordnet.github.io/schemas/dc/">\n'
        '<Lexicon id="t" label="Tiny" language="en" email="a@b.c" license="none" version="1">\n'
        + "\n".join([*entries, *synsets])
        + "\n</Lexicon>\n</LexicalResource>\n"
    )


@pytest.fixture
def lexicon(tmp_path):
    (tmp_path / "tiny.xml").write_text(lmf())
    return read_lexicon(tmp_path / "tiny.xml")


def pairs(names, lexicon, column="strength", unseen=(), at_least=0.2, senses=1):
    edges, missing = related(categories(names, unseen), lexicon, senses=senses, at_least=at_least)
    return {(t, s): v for t, s, v in edges["target", "source", column].iter_rows()}, missing


def test_strength_is_path_similarity_over_hypernyms(lexicon):
    found, missing = pairs(["dog", "puppy", "cat", "animal", "car"], lexicon)
    # dog and cat are two steps apart: over animal
    assert found["dog", "cat"] == found["cat", "dog"] == pytest.approx(1 / 3)
    assert found["puppy", "dog"] == pytest.approx(1 / 2)
    assert found["puppy", "cat"] == pytest.approx(1 / 4)
    assert found["dog", "car"] == pytest.approx(1 / 5)  # dog, animal, entity, artifact, car
    assert ("puppy", "car") not in found  # 1/6 is below at_least
    assert missing == []


def test_equals_the_similarity_of_the_library(lexicon, tmp_path, monkeypatch):
    import wn
    from wn import similarity

    monkeypatch.setattr(wn.config, "data_directory", tmp_path / "wn")
    wn.add(tmp_path / "tiny.xml", progress_handler=None)
    net = wn.Wordnet("t:1")
    names = ["dog", "puppy", "cat", "animal", "wheel", "traffic light"]
    found, _ = pairs(names, lexicon, at_least=0.01)
    for a in names:
        for b in names:
            if a != b:
                expected = similarity.path(net.synsets(a)[0], net.synsets(b)[0])
                assert found[a, b] == pytest.approx(expected)
    wn._db.connect().close()


def test_relations_are_named(lexicon):
    names = ["dog", "puppy", "cat", "hound", "car", "wheel"]
    found, _ = pairs(names, lexicon, "relation")
    assert found["dog", "hound"] == "synonymy"
    assert found["puppy", "dog"] == found["dog", "puppy"] == "is-a"
    assert found["dog", "cat"] == "similarity"
    assert found["car", "wheel"] == found["wheel", "car"] == "part-whole"
    texts, _ = pairs(names, lexicon, "explanation")
    assert texts["dog", "cat"] == "both are kinds of animal"
    assert texts["wheel", "car"] == "one is a part of the other: car"


def test_a_part_outweighs_a_longer_path(lexicon):
    found, _ = pairs(["car", "wheel"], lexicon)
    assert found["car", "wheel"] == pytest.approx(1 / 2)  # by hypernyms 1/3


def test_further_senses_are_looked_at_when_asked_for(lexicon):
    first, _ = pairs(["car", "cat"], lexicon)
    second, _ = pairs(["car", "cat"], lexicon, senses=2)
    assert first["car", "cat"] == pytest.approx(1 / 5)
    assert second["car", "cat"] == 1  # the second sense of car is cat


def test_plurals_underscores_and_case_are_understood(lexicon):
    found, missing = pairs(["Dogs", "traffic_light", "car"], lexicon)
    assert missing == []
    assert found["Dogs", "car"] == pytest.approx(1 / 5)


def test_unseen_categories_receive_and_do_not_inform(lexicon):
    found, _ = pairs(["dog", "cat", "car", "wheel"], lexicon, unseen={"cat", "wheel"})
    assert ("cat", "dog") in found
    assert ("wheel", "car") in found
    assert not {source for _, source in found} & {"cat", "wheel"}


def test_unknown_names_are_reported(lexicon):
    assert pairs(["dog", "flibber"], lexicon) == ({}, ["flibber"])


def test_compressed_files_and_folders_are_read(tmp_path, lexicon):
    with gzip.open(tmp_path / "tiny.xml.gz", "wt") as file:
        file.write(lmf())
    assert read_lexicon(tmp_path / "tiny.xml.gz") == lexicon
    folder = tmp_path / "package"
    folder.mkdir()
    (folder / "tiny.xml").write_text(lmf())
    assert read_lexicon(folder) == lexicon


@pytest.mark.parametrize("text", [None, "no xml", "<a/>"])
def test_a_file_that_is_no_wordnet_is_refused(tmp_path, text):
    path = tmp_path / "w.xml"
    if text is not None:
        path.write_text(text)
    with pytest.raises(InputError, match=r"w\.xml \(category_graph\.paths\.wordnet\): .*WN-LMF"):
        read_lexicon(path)


def test_without_a_path_the_parameter_is_named():
    with pytest.raises(InputError, match=r"None \(category_graph\.paths\.wordnet\): is not there"):
        read_lexicon(None)


def test_without_the_library_the_extra_is_named(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "wn", None)
    with pytest.raises(InputError, match=r"needs the package wn.*pip install -e '\.\[wordnet\]'"):
        read_lexicon(tmp_path)
