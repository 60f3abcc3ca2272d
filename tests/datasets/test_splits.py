"""Splits that a data set ships, and images held out where it ships none."""

from pipeline_lib.datasets.splits import fill_splits

KEYS = [f"image {i}" for i in range(400)]
SHIPPED = ["train"] * 300 + ["val"] * 100


def test_without_a_test_share_a_shipped_val_split_is_tested_on():
    found = fill_splits(KEYS, SHIPPED, val_share=0.2, test_share=0.0, seed=0)
    assert found[300:] == ["test"] * 100
    assert 40 < found[:300].count("val") < 80
    assert set(found[:300]) == {"train", "val"}


def test_with_a_test_share_a_shipped_val_split_stays():
    found = fill_splits(KEYS, SHIPPED, val_share=0.2, test_share=0.2, seed=0)
    assert found[300:] == ["val"] * 100
    assert set(found[:300]) == {"train", "test"}


def test_shipped_splits_stay_where_a_test_split_is_among_them():
    shipped = [*SHIPPED[:-1], "test"]
    assert fill_splits(KEYS, shipped, val_share=0.2, test_share=0.0, seed=0) == shipped


def test_an_image_keeps_its_place_when_others_join():
    few, many = (
        fill_splits(KEYS[:n], [None] * n, val_share=0.2, test_share=0.2, seed=0) for n in (100, 400)
    )
    assert many[:100] == few
