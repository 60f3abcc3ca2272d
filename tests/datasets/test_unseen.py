import numpy as np
import pytest

from pipeline_lib.datasets.reader import Box, Item, Vocabulary
from pipeline_lib.datasets.sample_tables import Sample
from pipeline_lib.datasets.unseen import take_out
from pipeline_lib.datasets.unseen import with_unseen as choose
from pipeline_lib.errors import InputError
from pipeline_lib.params.dataset import Unseen

TAGS = Vocabulary((), tuple(f"tag {number:02d}" for number in range(20)), frozenset({"tag 07"}))
NONE = "data/none"


def by(name, **settings):
    return Unseen.model_validate({"by": {"name": name, **settings}, "names": NONE, "wordnet": NONE})


def unseen(share=0.0, seed=0, names=NONE):
    if share:
        return by("share", share=share, seed=seed)
    chosen = "none" if names == NONE else {"name": "list"}
    return Unseen.model_validate({"by": chosen, "names": str(names), "wordnet": NONE})


def with_unseen(vocabulary, params, items=(), splits=()):
    return choose(vocabulary, items, splits, params)


def listed(path, text):
    path.write_bytes(text.encode())
    return unseen(names=path)


def sample(split, tags=(), boxes=None, difficult=None):
    item = Item("a", split, "a", tags=tags, boxes=boxes, difficult=difficult)
    return Sample(item, split, 0, 1, 1, "0" * 64)


def test_without_names_and_share_only_the_readers_tags_are_unseen():
    assert with_unseen(TAGS, unseen()) == TAGS


def test_listed_tags_are_unseen_beside_those_of_the_reader(tmp_path):
    found = with_unseen(TAGS, listed(tmp_path / "names", "\ufefftag 03\r\n\r\ntag 11 \n"))
    assert found.unseen == {"tag 03", "tag 07", "tag 11"}
    assert found.tags == TAGS.tags


def test_a_share_of_the_seen_tags_is_drawn(tmp_path):
    found = with_unseen(TAGS, unseen(0.25)).unseen
    assert len(found) == 1 + 5  # a quarter of 19
    assert found != with_unseen(TAGS, unseen(0.25, seed=1)).unseen
    assert len(with_unseen(TAGS, unseen(0.001)).unseen) == 1 + 1


def test_the_draw_does_not_depend_on_the_order_of_the_tags():
    turned = Vocabulary((), TAGS.tags[::-1], TAGS.unseen)
    assert with_unseen(turned, unseen(0.3)).unseen == with_unseen(TAGS, unseen(0.3)).unseen


def test_an_unknown_name_is_refused_with_the_nearest_one(tmp_path):
    with pytest.raises(
        InputError, match=r"'tag 3' is none of the 20 tags .*; did you mean 'tag [0-9]3'\?"
    ):
        with_unseen(TAGS, listed(tmp_path / "names", "tag 01\ntag 3\n"))


def test_a_list_that_is_no_text_is_refused(tmp_path):
    with pytest.raises(
        InputError, match=r"names \(dataset.unseen.names\): missing, expected a text"
    ):
        with_unseen(TAGS, unseen(names=tmp_path / "names"))
    (tmp_path / "names").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match=r"is no text in UTF-16, expected UTF-8; save the file"):
        with_unseen(TAGS, unseen(names=tmp_path / "names"))


def test_some_tag_has_to_stay_seen(tmp_path):
    with pytest.raises(InputError, match="leaves none of 19 tags seen"):
        with_unseen(TAGS, listed(tmp_path / "names", "\n".join(TAGS.tags)))
    with pytest.raises(InputError, match="leaves none of 1 tags seen"):
        with_unseen(Vocabulary((), ("one",)), unseen(0.9))


def train(*tags):
    return [Item(str(n), "train", "", tags=own) for n, own in enumerate(tags)]


def test_the_rarest_tags_of_the_training_images_are_unseen():
    items = [*train("ab", "abc", "ad", "ad"), Item("t", "test", "", tags=("b", "c", "d"))]
    splits, tags = [item.split for item in items], Vocabulary((), tuple("dcba"))
    found = with_unseen(tags, by("rarest", count=2), items, splits)
    assert found.unseen == {"b", "c"}  # a 4, d 2, b 2, c 1: of equally rare ones by name
    assert with_unseen(tags, by("below", images=2), items, splits).unseen == {"c"}
    assert with_unseen(tags, by("below", images=4), items, splits).unseen == {"b", "c", "d"}


def test_a_choice_that_finds_no_tag_is_refused():
    items = train("ab", "ab")
    with pytest.raises(InputError, match="by: below makes none of 2 tags unseen, expected some; c"):
        with_unseen(Vocabulary((), ("a", "b")), by("below", images=2), items, ["train"] * 2)
    with pytest.raises(InputError, match="share makes none of 0 tags unseen"):
        with_unseen(Vocabulary(("cat", "dog")), unseen(0.5, seed=3))


@pytest.mark.parametrize("split", ["train", "val"])
def test_labels_boxes_and_doubts_about_unseen_tags_leave_train_and_val(split):
    box = {name: Box(name, 0.0, 0.0, 1.0, 1.0) for name in ("tag 01", "tag 07")}
    full = sample(split, ("tag 07", "tag 01"), (box["tag 07"], box["tag 01"]), ("tag 07", "tag 02"))
    (found,) = take_out([full], TAGS)
    assert found.item.tags == ("tag 01",)
    assert found.item.boxes == (box["tag 01"],)
    assert found.item.difficult == ("tag 02",)
    (bare,) = take_out([sample(split, ("tag 07",))], TAGS)
    assert (bare.item.tags, bare.item.boxes, bare.item.difficult) == ((), None, None)


def test_the_truth_about_unseen_tags_leaves_train_as_the_tags_do():
    item = Item("a", "train", "a", tags=("tag 01",), all_tags=("tag 01", "tag 07", "tag 02"))
    (left,) = take_out([Sample(item, "train", 0, 1, 1, "0" * 64)], TAGS)
    assert (left.item.tags, left.item.all_tags) == (("tag 01",), ("tag 01", "tag 02"))


@pytest.mark.parametrize("split", ["test", "test_shift"])
def test_test_images_keep_every_label(split):
    full = sample(split, ("tag 07", "tag 01"), (), ())
    assert take_out([full], TAGS) == [full]


def test_unseen_labels_of_training_images_change_nothing():
    """However they are permuted, dropped or added: training data stay the same."""
    rng = np.random.default_rng(0)
    names = with_unseen(TAGS, unseen(0.4))
    kept = {name for name in TAGS.tags if name not in names.unseen}
    carried = [
        tuple(name for name in TAGS.tags if name in kept and rng.random() < 0.3) for _ in range(50)
    ]
    outcomes = []
    for _ in range(3):
        others = [
            tuple(name for name in sorted(names.unseen) if rng.random() < 0.5) for _ in range(50)
        ]
        samples = [sample("train", own + more) for own, more in zip(carried, others, strict=True)]
        outcomes.append(take_out(samples, names))
    assert outcomes[0] == outcomes[1] == outcomes[2]


def test_names_are_read_as_other_lists_are(tmp_path):
    cafe = Vocabulary((), ("caf\u00e9", "b"))
    (tmp_path / "names").write_bytes("cafe\u0301\r\n".encode("utf-16"))
    assert with_unseen(cafe, unseen(names=tmp_path / "names")).unseen == {"caf\u00e9"}
    with pytest.raises(InputError, match=r"dataset.unseen.names\): is empty, expected one tag"):
        with_unseen(cafe, listed(tmp_path / "names", "\n"))
