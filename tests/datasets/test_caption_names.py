import pytest

from pipeline_lib.datasets.caption_names import Names
from tests.datasets.toy_lexicon import LEXICON

NAMES = ("dog", "bat", "ball", "Man", "animal", "traffic_light")


def said(*captions, names=NAMES, lexicon=LEXICON):
    found = Names(names, lexicon).said(captions)
    return dict(found.captions), set(found.left_open)


@pytest.mark.parametrize(
    ("caption", "says", "leaves"),
    [
        ("Two DOGS run.", {"dog"}, {"animal"}),
        ("A hound.", {"dog"}, {"animal"}),  # the same meaning
        ("A puppy", set(), {"dog", "animal"}),  # a kind of it
        ("men , men", {"Man"}, set()),
        ("a boy", set(), {"Man"}),
        ("a tennis ball", {"ball"}, {"ball"}),  # WordNet knows it for a ball …
        ("a baseball bat", set(), {"bat"}),  # … and this for no animal
        ("A traffic light's traffic lights", {"traffic_light"}, set()),
        ("a dog-like dogma", set(), set()),
        ("", set(), set()),
    ],
)
def test_a_caption_says_a_name_or_leaves_it_open(caption, says, leaves):
    assert said(caption) == (dict.fromkeys(says, 1), leaves)


def test_captions_are_counted_not_words():
    assert said("a dog and a dog", "a hound", "a cat")[0] == {"dog": 2}


def test_without_a_wordnet_words_are_taken_as_they_are():
    found, left_open = said(
        "a hound", "puppies", "tennis balls", "two traffic lights", lexicon=None
    )
    assert (found, left_open) == ({"ball": 1, "traffic_light": 1}, set())


def test_the_longest_name_of_a_list_is_said_and_its_last_word_left_open():
    found, left_open = said("a tennis ball", names=("ball", "tennis ball"), lexicon=None)
    assert (found, left_open) == ({"tennis ball": 1}, {"ball"})


def test_a_name_may_be_a_word_of_a_closed_class():
    assert said("a van in the street", names=("in",), lexicon=None)[0] == {"in": 1}
    assert said("a van in the street", names=("wheel",))[0] == {}
