"""Edges of a small WordNet."""

import pytest

from pipeline_lib.knowledge.categories.wordnet import related
from pipeline_lib.wordnet import read_lexicon
from tests.knowledge.categories.conftest import categories
from tests.tiny_wordnet import lmf


@pytest.fixture
def lexicon(tmp_path):
    (tmp_path / "tiny.xml").write_text(lmf())
    return read_lexicon(tmp_path / "tiny.xml", "wordnet")


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
