"""The few numbers that DVC's tables show."""

import pytest

from pipeline_lib.evaluation.brief import MOST, brief


def of(value, metric):
    return {metric: value, f"{metric}_low": value - 0.1, f"{metric}_high": value + 0.1, "other": 1}


def test_test_has_its_interval_and_other_splits_their_value():
    metrics = {name: of(i / 10, "m") for i, name in enumerate(("test", "test_shift", "val"), 1)}
    found = brief(metrics, "m")
    assert list(found) == ["test", "test_low", "test_high", "val", "test_shift"]
    assert found == pytest.approx(
        {"test": 0.1, "test_low": 0.0, "test_high": 0.2, "val": 0.3, "test_shift": 0.2}
    )


def test_unseen_tags_are_a_column_of_their_own_and_no_view_of_all_tags_is():
    views = ("test", "test@zsl", "test@zsl_without_twins", "test@gzsl", "val", "val@zsl")
    found = brief({name: of(0.5, "m") for name in views}, "m")
    columns = ("test", "unseen")
    assert set(found) == {f"{c}{end}" for c in columns for end in ("", "_low", "_high")} | {"val"}


def test_no_data_set_has_so_many_splits_that_a_table_grows_wider():
    metrics = {name: of(0.5, "m") for name in ("test", "test@zsl", "val", *map(str, range(20)))}
    assert len(brief(metrics, "m")) == MOST == 8
