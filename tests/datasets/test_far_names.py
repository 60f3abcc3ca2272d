import pytest

from pipeline_lib.datasets import unseen
from pipeline_lib.datasets.far_names import class_words, far_names
from pipeline_lib.datasets.reader import Vocabulary
from pipeline_lib.params.dataset import Unseen
from tests.datasets.toy_lexicon import LEXICON


def test_the_classes_are_those_of_imagenet():
    words = class_words()
    assert len(words) == 1000
    assert words[0] == ("tench", "Tinca tinca")
    assert ("crane",) in words


def test_a_name_is_near_that_is_a_class_or_above_or_below_one():
    # classes that this WordNet knows: tench, both cranes, tennis ball, …; animal is above one
    near = {"tench", "crane", "animal", "tennis ball", "ball"}
    names = {*near, "dog", "man", "field", "unheard of"}
    assert far_names(names, LEXICON) == {"dog", "man", "field"}


@pytest.mark.parametrize("chosen", ["none", {"name": "wordnet"}])
def test_far_names_are_told_and_may_be_those_unseen(monkeypatch, chosen):
    monkeypatch.setattr(unseen, "read_lexicon", lambda path, parameter: LEXICON)
    params = Unseen.model_validate({"by": chosen, "names": "data/none", "wordnet": "w.xml"})
    found = unseen.with_unseen(Vocabulary((), ("dog", "man", "ball")), [], [], params)
    assert found.far == {"dog", "man"}
    assert found.unseen == (found.far if chosen != "none" else frozenset())
