"""Files of rows below a folder: which are read, and which splits their paths announce."""

import json
from collections import Counter

import pytest

from pipeline_lib.datasets import parquet
from pipeline_lib.datasets.parquet_layout import find_shards
from pipeline_lib.errors import InputError
from tests.datasets.tables import opened, write

UUID = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"


def splits_of(root):
    return {shard.path.relative_to(root).as_posix(): shard.split for shard in find_shards(root)}


@pytest.mark.parametrize(
    "splits",
    [
        {
            "train-00000-of-00001-b42a9ce2a6b3c1c4": "train",
            "test-00000-of-00001-f0e719df79": "test",
        },
        {"train-00000-of-00002": "train", "validation-00001-of-00002": "val"},
        {"data/train-00000-of-00001": "train", "data/eval-00000-of-00001": "test"},
        {"data/test-00000-of-00001": "test", "data/eval-00000-of-00001": "val"},
        {"plain_text/train-00000-of-00001": "train", "plain_text/test-00000-of-00001": "test"},
        {"default/train/0000": "train", "default/train/0001": "train", "default/test/0000": "test"},
        {"default/partial-train/0000": "train", "default/test/0000": "test"},
        {"training_set/0": "train", "test_set/0": "test"},
        {"train/data-00000-of-00001": "train", "test_shift/data-00000-of-00001": "test_shift"},
        {f"train/part-00000-{UUID}-c000.snappy": "train", f"test/part-00000-{UUID}.gz": "test"},
        {f"train.parquet/part-00000-{UUID}-c000.snappy": "train"},
        {"split=train/part-0": "train", "split=unlabelled/part-0": "unlabelled"},
        {"part-00000-of-00002": None, "part-00001-of-00002": None},
        {"0000": None, "0001": None},
    ],
)
def test_the_path_of_a_file_tells_its_split(tmp_path, splits):
    wanted = {f"{name}.parquet": split for name, split in splits.items()}
    for path in wanted:
        write(tmp_path / path, label=["cat"])
    assert parquet.detect(tmp_path)
    assert splits_of(tmp_path) == wanted


def test_a_split_that_was_converted_in_part_is_said(tmp_path, dataset):
    write(tmp_path / "default" / "partial-train" / "0000.parquet", label=["cat"])
    said = opened(tmp_path, dataset).vocabulary().remarks
    assert said == ("'partial-train' is the first part of a split, as the Hub converted it",)


def test_shards_that_are_missing_are_said(tmp_path, dataset):
    for name in ("train-00000-of-00003-0a1b2c3d", "train-00002-of-00003-4e5f6a7b", "test-0"):
        write(tmp_path / "data" / f"{name}.parquet", label=["cat"])
    said = opened(tmp_path, dataset).vocabulary().remarks
    assert said == ("'data/train' has 2 of the 3 files that their names count",)
    write(tmp_path / "data" / "train-00001-of-00003-8c9d0e1f.parquet", label=["cat"])
    assert opened(tmp_path, dataset).vocabulary().remarks == ()


@pytest.mark.parametrize("name", ["train.PARQUET", "train.pq", "train.parq"])
def test_other_spellings_of_the_extension_are_read(tmp_path, name):
    write(tmp_path / name, label=["cat"])
    assert splits_of(tmp_path) == {name: "train"}


@pytest.mark.parametrize(
    "path",
    ["._train.parquet", ".cache/a.parquet", "__MACOSX/._train.parquet", "_temporary/0/a.parquet"],
)
def test_hidden_files_and_what_systems_leave_are_not_read(tmp_path, path):
    write(tmp_path / "train.parquet", label=["cat"])
    (tmp_path / path).parent.mkdir(exist_ok=True, parents=True)
    (tmp_path / path).write_bytes(b"\0\5\x16\7" + b"x" * 100)
    assert splits_of(tmp_path) == {"train.parquet": "train"}
    (tmp_path / "train.parquet").unlink()
    assert not parquet.detect(tmp_path)


def test_several_configurations_are_named(tmp_path):
    for path in ("en/train.parquet", "de/train.parquet", "de/test/0.parquet", "more.parquet"):
        write(tmp_path / path, label=["cat"])
    message = r"holds 3 configurations, \., de, en; expected one; set dataset\.path to .*/en'"
    with pytest.raises(InputError, match=message):
        find_shards(tmp_path)
    assert splits_of(tmp_path / "de") == {"test/0.parquet": "test", "train.parquet": "train"}


def test_partitions_are_refused_by_their_column(tmp_path):
    write(tmp_path / "label=cat" / "part-0.parquet", other=[1])
    message = r"partitioned into folders such as 'label=cat', expected the column 'label' within"
    with pytest.raises(InputError, match=message):
        find_shards(tmp_path)


def test_pictures_in_folders_are_no_data_set_of_rows(tmp_path):
    write(tmp_path / "cats" / "embeddings.parquet", label=["cat"])
    assert parquet.detect(tmp_path)
    (tmp_path / "cats" / "1.jpg").write_bytes(b"")
    assert not parquet.detect(tmp_path)


def save_to_disk(folder, split, *, files=2, **state):
    """Write what `datasets` 4.4 writes; without the parts that say nothing of the rows."""
    names = [f"data-{number:05d}-of-{files:05d}.arrow" for number in range(files)]
    for name in names:
        write(folder / name, label=["cat", "dog", "cat"], row_group_size=2)
    written = {"_data_files": [{"filename": name} for name in names], "_split": split} | state
    (folder / "state.json").write_text(json.dumps(written))
    (folder / "dataset_info.json").write_text(
        json.dumps({"features": {"label": {"dtype": "string"}}})
    )
    return folder


def test_a_data_set_saved_to_disk_is_read(tmp_path, dataset):
    write(save_to_disk(tmp_path, "test") / "cache-0a1b.arrow", label=["left by a filter"])
    reader = opened(tmp_path, dataset)
    items = list(reader.items())
    assert Counter(item.split for item in items) == {"test": 6}
    assert reader.vocabulary().classes == ("cat", "dog")
    assert [reader.load(items[-1].path, row) for row in (2, 0, 1)] == [b"\2", b"\0", b"\1"]
    names = ["data-00000-of-00002.arrow", "data-00001-of-00002.arrow"]
    assert list(reader.sources()) == [*names, "dataset_info.json", "state.json"]


def test_a_dictionary_of_data_sets_saved_to_disk_names_its_splits(tmp_path, dataset):
    save_to_disk(tmp_path / "train", "train", files=1)
    save_to_disk(tmp_path / "night", "train", files=1)  # a selection of train remembers its origin
    (tmp_path / "dataset_dict.json").write_text('{"splits": ["train", "night"]}')
    found = Counter(item.split for item in opened(tmp_path, dataset).items())
    assert found == {"train": 3, "night": 3}


def test_arrow_files_with_an_index_and_without_a_list_are_read(tmp_path, dataset):
    path = write(tmp_path / "cifar10-train.arrow", label=["cat", "dog"])
    path.rename(tmp_path / "cifar10-test.arrow")
    write(path, label=["cat"])
    assert splits_of(tmp_path) == {"cifar10-test.arrow": "test", "cifar10-train.arrow": "train"}


def test_a_file_that_the_list_of_save_to_disk_names_must_be_there(tmp_path):
    save_to_disk(tmp_path, None)
    (tmp_path / "data-00001-of-00002.arrow").unlink()
    message = r"state\.json: lists 'data-00001-of-00002\.arrow', which is not there, expected 2"
    with pytest.raises(InputError, match=message):
        find_shards(tmp_path)


@pytest.mark.parametrize("name", ["state.json", "dataset_dict.json"])
def test_a_damaged_list_of_save_to_disk_is_named(tmp_path, name):
    save_to_disk(tmp_path, None)
    (tmp_path / name).write_text("{")
    with pytest.raises(InputError, match=rf"{name}: cannot be read .*, expected JSON as save_to"):
        find_shards(tmp_path)


def test_a_saved_selection_of_rows_is_refused(tmp_path):
    save_to_disk(tmp_path, None, _indices_files=[{"filename": "indices.arrow"}])
    with pytest.raises(InputError, match="with a selection of its rows, expected all rows"):
        find_shards(tmp_path)


def test_parquet_and_arrow_files_together_are_refused(tmp_path):
    write(save_to_disk(tmp_path, None) / "train.parquet", label=["cat"])
    with pytest.raises(InputError, match="holds Parquet and Arrow files, expected one kind"):
        find_shards(tmp_path)


@pytest.mark.parametrize("kept", [0, 3, 200, 900])
def test_a_truncated_arrow_file_is_named(tmp_path, dataset, kept):
    path = write(tmp_path / "train.arrow", label=["cat"] * 100)
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(InputError, match=r"train\.arrow: not a complete Arrow file"):
        opened(tmp_path, dataset)
