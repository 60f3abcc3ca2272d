from pipeline_lib.datasets.caption_nouns import nouns
from tests.datasets.toy_lexicon import LEXICON

DOGS = ["a dog runs in a field"] * 8 + ["the white dog"] * 4 + ["two men"] * 3 + ["a man"] * 7


def test_nouns_are_told_from_other_words_by_where_they_stand():
    found = nouns(DOGS, LEXICON)
    assert found == {"dog": 12, "man": 10}  # white stands before one, run after one; field 8 times
    assert "field" in nouns(DOGS + ["a field"] * 2, LEXICON)


def test_words_between_count_if_they_are_no_nouns_themselves():
    texts = ["in a white ball"] * 12
    assert nouns(texts, LEXICON) == {"ball": 12}
    # a ball is a noun by "a ball", so that "a ball run" says nothing of run
    assert nouns([*["a ball run ."] * 12, *["a ball ."] * 9], LEXICON) == {"ball": 21}


def test_a_share_of_the_places_is_enough():
    texts = ["a man in play"] * 30
    assert "play" not in nouns([*texts, *["a play"] * 9], LEXICON)
    assert "play" in nouns([*texts, *["a play"] * 10], LEXICON)
