"""Splits as data sets spell them, and images held out where a data set ships none."""

import pytest

from pipeline_lib.datasets.splits import (
    fill_splits,
    is_split,
    split_name,
    split_names,
    split_of_file,
)

KEYS = [f"image {i}" for i in range(400)]
SHIPPED = ["train"] * 300 + ["val"] * 100


@pytest.mark.parametrize(
    ("split", "spellings"),
    [
        ("train", "Train training_set trainset seg_train train_images TRAINING-DATA train2017"),
        ("train", "trainval trainval2017 images.train train_01 valminusminival2014"),
        ("val", "val validation Validation_Set validate valset dev Dev-Images val2014 minival2014"),
        ("test", "test testing test_set testset seg_test test_images eval evaluation hold-out"),
        ("test", "holdout testdata test_2 test\u00a0"),
    ],
)
def test_usual_spellings_are_known(split, spellings):
    assert {split_name(spelling) for spelling in spellings.split(" ")} == {split}


@pytest.mark.parametrize("spelling", ["unlabeled", "dataset", "images", "2017", "latest", "trains"])
def test_other_words_are_no_split(spelling):
    assert not is_split(spelling)


def test_a_test_split_of_its_own_stays():
    assert split_name("Test-Shift") == "test_shift"
    assert is_split("test_shift")


def test_numbers_of_folds_stay_part_of_their_names():
    assert [split_name(f"fold_{i}") for i in (1, 2)] == ["fold_1", "fold_2"]


@pytest.mark.parametrize(
    ("file", "split"),
    [
        ("train-00000-of-00003.parquet", "train"),
        ("test-00000-of-00001-f0e719df791966ff.parquet", "test"),
        ("test-00001-of-00002-abcdefabcdefabcd.parquet", "test"),
        ("data/validation-00000-of-00001-0123456789abcdef.parquet", "val"),
        ("test-b42a9ce2a6b3c1c4.parquet", "test"),
        ("test-550e8400-e29b-41d4-a716-446655440000.parquet", "test"),
        ("test.snappy.parquet", "test"),
        ("test_shift-00000-of-00001-f0e719df791966ff.parquet", "test_shift"),
        ("test_shift_2.parquet", "test_shift"),
        ("test_facade.parquet", "test_facade"),  # letters a to f, and no hash
        ("cifar_train.parquet", "train"),
        ("training_set-00001-of-00002.parquet", "train"),
        ("part-00000-36b4b4e2-1111-2222-3333-0123456789ab-c000.snappy.parquet", None),
        ("0000.parquet", None),
        ("images.parquet", None),
    ],
)
def test_a_file_name_says_its_split_without_its_shard(file, split):
    assert split_of_file(file) == split


@pytest.mark.parametrize(
    ("spellings", "expected"),
    [
        ("train eval", {"train": "train", "eval": "test"}),
        ("train eval test", {"train": "train", "eval": "val", "test": "test"}),
        ("train evaluation_set test", {"train": "train", "evaluation_set": "val", "test": "test"}),
        ("intel_train intel_test", {"intel_train": "train", "intel_test": "test"}),
        ("train unlabeled", {"train": "train", "unlabeled": None}),
        ("test test_shift", {"test": "test", "test_shift": "test_shift"}),
        ("cat", {"cat": None}),
    ],
)
def test_splits_that_belong_together_are_told_together(spellings, expected):
    assert split_names(spellings.split()) == expected


def test_images_without_a_split_never_enter_a_shipped_test_split():
    shipped = ["test"] * 100 + [None] * 300
    found = fill_splits(KEYS, shipped, val_share=0.2, test_share=0.2, seed=0)
    assert found[:100] == ["test"] * 100
    assert set(found[100:]) == {"train", "val"}


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
