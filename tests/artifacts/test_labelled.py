import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline_lib.artifacts.labelled import CategoryTable, Labelled, SampleTable, multi_hot
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


@pytest.fixture
def table():
    """Four images of three classes and two tags; the categories in no order."""
    samples = pl.DataFrame(
        {
            "sample_id": list("wxyz"),
            "split": ["test", "train", "test_shift", "train"],
            "classes": lists([0], [2], [1], [0, 1]),
            "tags": lists([1], [0], [], [1]),
            "difficult": lists([0], None, [1], []),
            "all_tags": lists(None, [0, 1], None, [1]),
            "unknown": lists(None, [], [0], None),
        }
    )
    categories = pl.DataFrame(
        {
            "kind": ["tag", "class", "class", "class", "tag"],
            "index": [0, 2, 0, 1, 1],
            "name": ["sea", "c", "a", "b", "boat"],
        }
    )
    return Labelled(samples=samples, categories=categories)


def test_names_come_in_the_order_of_their_indices(table):
    assert table.names("classes") == table.class_names == ["a", "b", "c"]
    assert table.names("tags") == table.tag_names == ["sea", "boat"]
    assert table.predicted_names("tags") == ["sea", "boat"]
    assert table.of("classes")["index"].to_list() == [0, 1, 2]


def test_images_have_rows_keys_and_splits(table):
    assert (len(table), table.ids) == (4, ["w", "x", "y", "z"])
    assert table.train.tolist() == table.rows("train").tolist() == [1, 3]
    assert table.in_training.tolist() == [False, True, False, True]
    assert table.ids_of(table.train) == ["x", "z"]
    assert table.rows("val").tolist() == []
    assert table.splits == ["test", "test_shift", "train"]
    assert table.evaluation_splits == ["test", "test_shift"]


def test_targets_are_multi_hot_in_the_order_of_names(table):
    assert table.targets("classes", table.train).tolist() == [[0, 0, 1], [1, 1, 0]]
    assert table.targets("tags").tolist() == [[0, 1], [1, 0], [0, 0], [0, 1]]
    assert table.targets("tags", table.rows("val")).shape == (0, 2)


def test_only_tags_are_difficult_or_unknown(table):
    rows = np.arange(4)
    assert table.difficult("tags", rows).tolist() == [[1, 0], [0, 0], [0, 1], [0, 0]]
    assert table.unknown("tags", rows).tolist() == [[0, 0], [0, 0], [1, 0], [0, 0]]
    for found in (table.difficult, table.unknown):
        assert not found("classes", rows).any()
        assert found("classes", rows).shape == (4, 3)


def test_an_oracle_is_told_what_was_left_out_where_all_of_it_is_known(table):
    oracle = table.all_targets("tags", table.train)
    assert oracle is not None
    assert oracle.tolist() == [[1, 1], [0, 1]]
    assert table.all_targets("tags", np.arange(4)) is None
    assert table.all_targets("classes", table.train) is None


def test_labels_in_words(table):
    assert [table.label(3), table.label(0, "tags")] == ["a, b", "boat"]
    assert table.label(2, "tags") == "no tag"


def test_a_data_set_without_what_is_to_be_predicted_is_refused(table):
    bare = CategoryTable(categories=table.of("classes"))
    assert bare.names("tags") == []
    expected = "the data set has no tags, expected some to predict; disable the runs and shared"
    with pytest.raises(InputError, match=expected):
        bare.predicted("tags")


def test_training_for_labels_that_no_test_image_has_is_refused():
    samples = pl.DataFrame(
        {"split": ["train", "test", "test"], "classes": [[0], [1], [0]], "tags": [[0], [], []]}
    )
    table = SampleTable(samples=samples)
    table.check_tested("classes")
    with pytest.raises(InputError, match="none of the 2 images of split 'test' has tags, expected"):
        table.check_tested("tags")
