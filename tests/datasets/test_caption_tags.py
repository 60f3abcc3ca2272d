import pytest

from pipeline_lib.datasets import caption_tags
from pipeline_lib.datasets.caption_tags import with_caption_tags
from pipeline_lib.datasets.reader import Item, Vocabulary
from pipeline_lib.errors import InputError
from pipeline_lib.params.dataset import Captions
from tests.datasets.toy_lexicon import LEXICON

NONE, NOBODY = "data/none", Vocabulary(())
LIST = {"name": "list", "least": 2, "images": 2}
TEXTS = [
    ("train", ("a dog", "dogs", "a ball")),
    ("train", ("a dog and a ball", "a dog", "a ball")),
    ("train", ("a puppy", "a puppy")),
    ("test", ("the dog", "a man", "men")),
    ("test", None),
]


@pytest.fixture(autouse=True)
def wordnet(monkeypatch):
    """Read the small WordNet in place of any file."""
    monkeypatch.setattr(caption_tags, "read_lexicon", lambda path, parameter: LEXICON)


def items(*tags):
    own = [*tags, *[()] * len(TEXTS)]
    return [
        Item(str(n), split, "", tags=own[n], captions=texts)
        for n, (split, texts) in enumerate(TEXTS)
    ]


def tagged(tags, *own, names=None, wordnet="w.xml", vocabulary=NOBODY, tmp=None):
    file = NONE
    if names is not None:
        file = str(tmp / "names.txt")
        (tmp / "names.txt").write_text("\n".join(names))
    params = Captions.model_validate({"tags": tags, "names": file, "wordnet": wordnet})
    splits = [split for split, _ in TEXTS]
    return with_caption_tags(vocabulary, items(*own), splits, params)


def test_what_several_captions_name_is_a_tag_and_what_one_hints_at_is_unknown(tmp_path):
    found = tagged(LIST, names=["dog", "ball", "man"], tmp=tmp_path)
    assert found.vocabulary.tags == ("dog",)  # two captions say ball of one training image alone
    assert [(item.tags, item.unknown) for item in found.items] == [
        (("dog",), ()),
        (("dog",), ()),
        ((), ("dog",)),  # a puppy
        ((), ("dog",)),  # one caption says it
        ((), ("dog",)),  # nobody wrote anything
    ]
    assert found.vocabulary.remarks == (
        "tags are the 1 names that 2 captions of an image say, in 2 training images at least: what "
        "no caption says counts as absent, and 3 tags of 3 images are unknown (dataset.captions)",
        "2 names are said of fewer than 2 training images and are no tags: ball 1, man 0",
    )


def test_nouns_are_those_of_the_training_captions(monkeypatch):
    monkeypatch.setattr(caption_tags, "nouns", lambda texts, lexicon: {
        word: sum(word in text for text in texts) for texts in [list(texts)]
        for word in ("dog", "hound", "ball", "man")
    })  # fmt: skip
    found = tagged({"name": "nouns", "least": 2, "images": 1})
    assert found.vocabulary.tags == ("ball", "dog")  # hound means dog; men are tested on alone


def test_tags_of_its_own_stay_and_captions_leave_others_open():
    own = Vocabulary((), ("ball", "dog", "man"))
    found = tagged({"name": "given"}, ("dog",), ("man",), vocabulary=own)
    assert found.vocabulary.tags == own.tags
    assert [(item.tags, item.unknown) for item in found.items] == [
        (("dog",), ("ball",)),
        (("man",), ("ball", "dog")),
        ((), ("dog",)),
        ((), ("dog", "man")),
        ((), ()),
    ]
    assert found.vocabulary.remarks == (
        "captions leave 6 tags of 4 images unknown, which their tags do not name "
        "(dataset.captions)",
    )


def test_nothing_is_read_where_captions_make_no_tags():
    found = tagged("none", wordnet=NONE)
    assert (found.vocabulary, found.items) == (NOBODY, items())


@pytest.mark.parametrize(
    ("tags", "vocabulary", "said"),
    [
        ({"name": "given"}, NOBODY, "is given, and the data set has no tags, expected some; cho"),
        (
            LIST,
            Vocabulary((), ("dog",)),
            "list, and the data set has 1 tags of its own, expected n",
        ),
        (
            LIST | {"least": 4},
            NOBODY,
            "least is 4, and no image has more than 3 captions, expected",
        ),
        (LIST | {"images": 3}, NOBODY, "none of 3 names is said by 2 captions of each of 3 train"),
    ],
)
def test_captions_that_fit_no_tags_are_refused(tmp_path, tags, vocabulary, said):
    names = ["dog", "ball", "man"] if tags["name"] == "list" else None
    with pytest.raises(InputError, match=said):
        tagged(tags, names=names, vocabulary=vocabulary, tmp=tmp_path)


def test_a_data_set_without_captions_is_refused(monkeypatch, tmp_path):
    monkeypatch.setattr("tests.datasets.test_caption_tags.TEXTS", [("train", None)] * 2)
    with pytest.raises(InputError, match="tags is list, and no image has a caption, expected some"):
        tagged(LIST, names=["dog"], tmp=tmp_path)
