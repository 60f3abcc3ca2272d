"""Equal pixels: across splits, with other labels, and where the lot would part them."""

import numpy as np
import polars as pl
import pytest

from pipeline_lib.artifacts.samples import DUPLICATES
from pipeline_lib.datasets.duplicates import DuplicatesFound
from pipeline_lib.datasets.reader import Item
from pipeline_lib.datasets.registry import open_reader
from pipeline_lib.errors import InputError
from pipeline_lib.progress import silent
from pipeline_lib.steps.ingest import ingest
from tests.steps.test_ingest import InMemory


def item(key, split="train", name="cat"):
    return Item(key, split, path=key, classes=(name,))


def pictures(**numbers):
    return {key: np.full((2, 3, 3), number, np.uint8) for key, number in numbers.items()}


LEAK = InMemory(
    [
        item("a"),
        item("b", name="dog"),
        item("c"),
        item("d", name="dog"),
        item("t", "test"),
        item("v", "val", "dog"),
    ],
    pictures(a=1, b=2, c=3, d=4, t=1, v=2),
)


def run(reader, dataset, **changes):
    found = ingest(reader, dataset("in memory", **changes), track=silent)
    DUPLICATES.check(found.duplicates, "frame")
    return found


def test_test_pictures_in_train_are_refused_with_the_pairs(dataset):
    with pytest.raises(DuplicatesFound, match=r"2 pictures lie in several splits") as caught:
        run(LEAK, dataset, duplicates="refuse")
    assert "'a' (train) and 't' (test); 'b' (train) and 'v' (val); expected" in str(caught.value)
    assert caught.value.table["sample_id"].to_list() == ["a", "t", "b", "v"]
    assert caught.value.table["across_splits"].all()


def test_dropped_copies_leave_training_and_the_tested_picture_stays(dataset):
    found = run(LEAK, dataset, duplicates="drop", storage="pixels")
    splits = {"c": "train", "d": "train", "t": "test", "v": "val"}
    assert dict(found.samples["sample_id", "split"].rows()) == splits
    np.testing.assert_array_equal(found.pixels[:, 0, 0, 0], [3, 4, 1, 2])
    assert found.ignored.rows() == [
        ("a", "equal to an image of test", 1, "t"),
        ("b", "equal to an image of val", 1, "v"),
    ]
    assert found.account.text().startswith("held 6 = used 4 + rejected 0 + ignored 2")
    assert found.duplicates.filter("dropped")["sample_id"].to_list() == ["a", "b"]


def test_reported_copies_stay_and_are_counted(dataset):
    found = run(LEAK, dataset, duplicates="report")
    assert len(found.samples) == 6
    assert list(found.remarks.lines()) == [
        "2 pictures lie in train or val and in a test split with equal pixels (duplicates.parquet)"
    ]


def test_two_test_splits_may_share_pictures(dataset):
    listed = [item("a"), item("b", name="dog"), item("t", "test"), item("s", "test_shift")]
    found = run(InMemory(listed, pictures(a=1, b=2, t=3, s=3)), dataset, duplicates="refuse")
    assert found.duplicates["sample_id", "across_splits"].rows() == [("s", False), ("t", False)]


def test_equal_pictures_with_other_labels_are_listed_within_a_split_too(dataset):
    listed = [item("a"), item("b", name="dog"), item("c"), item("t", "test")]
    found = run(InMemory(listed, pictures(a=1, b=1, c=1, t=2)), dataset, duplicates="refuse")
    assert found.duplicates["sample_id", "classes", "labels_differ"].rows() == [
        ("a", ["cat"], True),
        ("b", ["dog"], True),
        ("c", ["cat"], True),
    ]
    assert list(found.remarks.lines()) == [
        "1 pictures are there with different labels (duplicates.parquet)"
    ]


@pytest.mark.parametrize("shipped", [None, "train"])
def test_what_is_held_out_by_lot_takes_its_copies_along(dataset, shipped):
    listed = [
        item(f"{n:03}{copy}", shipped, ["cat", "dog"][n % 2]) for n in range(80) for copy in "xy"
    ]
    images = pictures(**{one.key: int(one.key[:3]) for one in listed})
    found = run(
        InMemory(listed, images), dataset, duplicates="refuse", val_share=0.3, test_share=0.3
    )
    splits = found.samples.group_by(pl.col("sample_id").str.head(3)).agg(pl.col("split").n_unique())
    assert splits["split"].max() == 1
    assert set(found.samples["split"]) == {"train", "val", "test"}


def test_copies_in_class_folders_are_refused(tmp_path, dataset, encoded):
    for split in ("train", "test"):
        for number, name in enumerate(("cat", "dog")):
            path = tmp_path / split / name / "1.png"
            path.parent.mkdir(parents=True)
            path.write_bytes(encoded(number))
    params = dataset(tmp_path, duplicates="refuse")
    with pytest.raises(
        DuplicatesFound, match=r"'train/cat/1\.png' \(train\) and 'test/cat/1\.png'"
    ):
        ingest(open_reader(params)[1], params, track=silent)


def test_a_training_set_of_nothing_but_copies_is_refused_with_their_number(dataset):
    reader = InMemory([item("a"), item("b", name="dog"), item("t", "test"), item("u", "test")],
                      pictures(a=1, b=2, t=1, u=2))  # fmt: skip
    with pytest.raises(
        InputError, match=r"'train' is empty, found test 2 after .* dropped 2 copies"
    ):
        run(reader, dataset, duplicates="drop")
