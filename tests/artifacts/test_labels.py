import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline_lib.artifacts.labels import check_tested, evaluation_splits, multi_hot, names, rows_of
from pipeline_lib.errors import InputError


def lists(*rows):
    return pl.Series(rows, dtype=pl.List(pl.Int32))


def test_lists_of_labels_by_hand():
    found = multi_hot(lists([1], [], [0, 2]), 4)
    assert found.dtype == bool
    assert found.astype(int).tolist() == [[0, 1, 0, 0], [0, 0, 0, 0], [1, 0, 1, 0]]


@settings(deadline=None, max_examples=30)
@given(st.lists(st.lists(st.integers(0, 4), max_size=4), max_size=6))
def test_lists_of_labels_equal_a_loop(rows):
    expected = np.zeros((len(rows), 5), bool)
    for i, row in enumerate(rows):
        for j in row:
            expected[i, j] = True
    np.testing.assert_array_equal(multi_hot(lists(*rows), 5), expected)


def test_no_rows_give_no_rows():
    assert multi_hot(lists(), 3).shape == (0, 3)


def test_a_label_outside_the_vocabulary_is_an_error():
    with pytest.raises(IndexError, match="3 is out of bounds"):
        multi_hot(lists([3]), 3)


def test_names_come_in_the_order_of_their_indices():
    categories = pl.DataFrame(
        {"kind": ["tag", "class", "class", "class"], "index": [0, 2, 0, 1], "name": list("tcab")}
    )
    assert names(categories, "class") == ["a", "b", "c"]
    assert names(categories, "tag") == ["t"]
    assert names(categories, "none") == []


def test_rows_and_names_of_splits():
    samples = pl.DataFrame({"split": ["test", "train", "val", "train", "test_shift", "test"]})
    assert rows_of(samples, "train").tolist() == [1, 3]
    assert rows_of(samples, "test").tolist() == [0, 5]
    assert rows_of(samples, "none").tolist() == []
    assert evaluation_splits(samples) == ["test", "test_shift", "val"]


def test_training_for_labels_that_no_test_image_has_is_refused():
    table = pl.DataFrame(
        {"split": ["train", "test", "test"], "classes": [[0], [1], [0]], "tags": [[0], [], []]}
    )
    check_tested(table, "classes")
    with pytest.raises(InputError, match="none of the 2 images of split 'test' has tags, expected"):
        check_tested(table, "tags")
