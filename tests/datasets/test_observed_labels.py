from dataclasses import replace

import numpy as np

from pipeline_lib.datasets.observed_labels import observed, one_tag_each
from pipeline_lib.datasets.reader import Box, Item, Vocabulary
from pipeline_lib.datasets.sample_tables import Sample, category_frame, sample_frame

TAGS = Vocabulary((), tuple("abcdefgh"), frozenset("h"))


def sample(number, tags, split="train", **rest):
    item = Item(f"{number:03d}", split, "p", tags=tuple(tags), **rest)
    return Sample(item, split, number, 1, 1, "0" * 64)


def some(count, seed=0):
    rng = np.random.default_rng(seed)
    return [
        sample(number, [name for name in "abcdefg" if rng.random() < 0.4])
        for number in range(count)
    ]


def test_the_draws_are_those_of_the_papers_program():
    """As in generate_observed_labels.py: a matrix of -1 and 1, both shuffled, num_neg is 0."""
    samples = some(200)
    matrix = np.array([[1 if n in s.item.tags else -1 for n in "abcdefg"] for s in samples])
    rng, expected = np.random.RandomState(1200), []
    for row in matrix:
        positive = np.nonzero(row == 1.0)[0]
        rng.shuffle(positive)
        expected.append(["abcdefg"[i] for i in positive[:1]])
        rng.shuffle(np.nonzero(row == -1.0)[0])
    assert [list(s.item.tags) for s in one_tag_each(samples, TAGS, seed=1200)] == expected


def test_one_of_the_tags_is_kept_and_all_are_remembered():
    before = some(100)
    for old, new in zip(before, one_tag_each(before, TAGS, seed=1200), strict=True):
        assert len(new.item.tags) == min(1, len(old.item.tags))
        assert set(new.item.tags) <= set(old.item.tags)
        assert new.item.all_tags == old.item.tags


def test_the_truth_of_faulty_tags_is_remembered_rather_than_the_tags():
    (reduced,) = one_tag_each([sample(0, "ab", all_tags=("a", "c"))], TAGS, seed=0)
    assert reduced.item.all_tags == ("a", "c")
    assert set(reduced.item.tags) < {"a", "b"}


def test_every_positive_is_kept_equally_often():
    rng = np.random.RandomState(1200)
    carried = np.array([True, False, True, True])
    kept = [observed(carried, rng)[0] for _ in range(6000)]
    counts = np.bincount(kept, minlength=4)
    assert counts[1] == 0
    assert np.abs(counts[[0, 2, 3]] - 2000).max() < 150  # four standard deviations


def test_val_and_test_stay_fully_labelled():
    others = [sample(1, "abc", "val"), sample(2, "abch", "test")]
    assert one_tag_each(others, TAGS, seed=1200) == others


def test_the_other_splits_do_not_move_the_draws():
    train = some(40)
    mixed = [part for s in train for part in (s, sample(500, "abc", "test"))]
    reduced = [s for s in one_tag_each(mixed, TAGS, seed=7) if s.split == "train"]
    assert reduced == one_tag_each(train, TAGS, seed=7)
    assert reduced != one_tag_each(train, TAGS, seed=8)


def test_boxes_of_dropped_tags_are_dropped_and_doubts_stay():
    boxes = tuple(Box(name, 0.0, 0.0, 1.0, 1.0) for name in "abca")
    (found,) = one_tag_each([sample(0, "abc", boxes=boxes, difficult=("d",))], TAGS, seed=1200)
    assert {box.tag for box in found.item.boxes} == set(found.item.tags)
    assert found.item.difficult == ("d",)


def test_tables_hold_what_is_observed_and_beside_it_everything():
    samples = [*one_tag_each([sample(0, "abc"), sample(1, "")], TAGS, seed=1200)]
    samples.append(sample(2, "ch", "test"))
    table = sample_frame(samples, TAGS)
    assert table["all_tags"].to_list() == [[0, 1, 2], [], None]
    assert table["tags"].list.len().to_list() == [1, 0, 2]
    assert category_frame(samples, TAGS)["train_count"].sum() == 1
    assert category_frame(samples, TAGS)["far"].is_null().all()
    looked = replace(TAGS, far=frozenset(TAGS.tags[:1]))
    assert category_frame(samples, looked)["far"].to_list() == [
        n == TAGS.tags[0] for n in TAGS.tags
    ]
