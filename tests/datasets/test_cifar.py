import os
import pickle
from collections import Counter

import numpy as np
import pytest

from pipeline_lib.datasets import cifar, registry
from pipeline_lib.datasets.pickles import read_pickle
from pipeline_lib.datasets.reader import Item, Rejection, Vocabulary
from pipeline_lib.errors import InputError


def write(path, content, protocol=2):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(pickle.dumps(content, protocol=protocol))


def planes(count, start=0):
    """Rows of CIFAR: row r has red r, green r + 1 and blue r + 2 everywhere."""
    rows = np.arange(start, start + count)[:, None] + np.arange(3)
    return np.repeat(rows.astype(np.uint8), 32 * 32, axis=1)


@pytest.fixture
def cifar10(tmp_path):
    folder = tmp_path / cifar.CIFAR10.folder
    write(folder / "batches.meta", {b"label_names": [b"cat", b"dog"]})
    for i, (file, _) in enumerate(cifar.CIFAR10.batches):
        names = [f"{i}_{row}.png".encode() for row in range(2)]
        batch = {b"data": planes(2, start=10 * i), b"labels": [0, 1], b"filenames": names}
        write(folder / file, batch)
    return folder


@pytest.fixture
def cifar100(tmp_path):
    folder = tmp_path / cifar.CIFAR100.folder
    names = {b"fine_label_names": [b"bee", b"ray"], b"coarse_label_names": [b"insects", b"fish"]}
    write(folder / "meta", names)
    for file, _ in cifar.CIFAR100.batches:
        batch = {
            b"data": planes(2),
            b"fine_labels": [1, 0],
            b"coarse_labels": [1, 0],
            b"filenames": [b"a.png", b"b.png"],
        }
        write(folder / file, batch)
    return folder


def opened(folder, dataset):
    return cifar.open_reader(folder, dataset(folder))


def change(path, **entries):
    batch = pickle.loads(path.read_bytes())
    write(path, batch | {key.encode(): value for key, value in entries.items()})


def test_cifar10_has_split_class_and_place_of_every_image(cifar10, dataset):
    reader = opened(cifar10, dataset)
    items = list(reader.items())
    assert reader.vocabulary() == Vocabulary(("cat", "dog"))
    assert len(items) == 12
    assert items[3] == Item("train/1_1.png", "train", "data_batch_2", 1, ("dog",))
    assert items[10] == Item("test/5_0.png", "test", "test_batch", 0, ("cat",))


def test_cifar100_has_the_superclass_as_its_tag(cifar100, dataset):
    reader = opened(cifar100, dataset)
    assert reader.vocabulary() == Vocabulary(("bee", "ray"), ("insects", "fish"))
    first = next(reader.items())
    assert first == Item("train/a.png", "train", "train", 0, ("ray",), ("fish",))


def test_pixels_are_rows_of_three_planes(cifar10, dataset):
    pixels = opened(cifar10, dataset).load("data_batch_3", 1)
    assert pixels.shape == (32, 32, 3)
    assert pixels[5, 9].tolist() == [21, 22, 23]


def test_planes_are_stored_row_by_row(cifar10, dataset):
    data = np.zeros((2, 3072), np.uint8)
    data[0, 34] = 200  # red plane, row 1, column 2
    change(cifar10 / "test_batch", data=data)
    pixels = opened(cifar10, dataset).load("test_batch", 0)
    assert pixels[1, 2].tolist() == [200, 0, 0]
    assert pixels.sum() == 200


def test_a_changed_batch_is_read_again(cifar10, dataset):
    assert opened(cifar10, dataset).load("test_batch", 0).max() == 52
    change(cifar10 / "test_batch", data=planes(2, start=100))
    assert opened(cifar10, dataset).load("test_batch", 0).max() == 102


def test_the_parent_folder_will_do(cifar100, dataset):
    assert len(list(opened(cifar100.parent, dataset).items())) == 4
    assert cifar.detect(cifar100.parent)
    assert cifar.detect(cifar100)


def test_a_parent_with_parquet_files_is_not_taken(cifar100):
    (cifar100.parent / "train.parquet").touch()
    assert not cifar.detect(cifar100.parent)
    assert cifar.detect(cifar100)


def test_a_parent_of_both_is_ambiguous(cifar10, cifar100, dataset):
    with pytest.raises(InputError, match=r"found \['cifar-10-batches-py', 'cifar-100-python'\]"):
        opened(cifar10.parent, dataset)


def test_another_folder_is_refused(tmp_path, dataset):
    with pytest.raises(InputError, match=r"dataset\.path\): found neither data set; expected"):
        opened(tmp_path, dataset)


def test_a_missing_batch_is_named(cifar10, dataset):
    (cifar10 / "data_batch_4").unlink()
    with pytest.raises(InputError, match="data_batch_4: missing; extract"):
        list(opened(cifar10, dataset).items())


def test_a_truncated_batch_is_named(cifar10, dataset):
    path = cifar10 / "data_batch_1"
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(InputError, match="data_batch_1: not a complete pickle"):
        list(opened(cifar10, dataset).items())


@pytest.mark.parametrize("label", [2, -1])
def test_a_label_without_a_name_is_rejected(cifar10, dataset, label):
    change(cifar10 / "test_batch", labels=[0, label])
    detail = f"test_batch: labels has {label}, expected 0 to 1"
    assert list(opened(cifar10, dataset).items())[-1] == Rejection(
        "test/5_1.png", "unknown label", detail, "test"
    )


@pytest.mark.parametrize(
    ("entries", "found"),
    [
        ({"data": planes(2)[:, :100]}, r"data uint8 \(2, 100\)"),
        ({"data": planes(2).astype(np.int64)}, r"data int64 \(2, 3072\)"),
        ({"data": [1, 2]}, "data list no shape"),
        ({"labels": [0]}, r"2 rows of data and lists \{'filenames': 2, 'labels': 1\}"),
        ({"labels": None}, r"2 rows of data and lists \{'filenames': 2\}"),
        ({"labels": [0, "dog"]}, "a label that is no whole number"),
    ],
)
def test_a_malformed_batch_is_named(cifar10, dataset, entries, found):
    change(cifar10 / "test_batch", **entries)
    with pytest.raises(InputError, match=f"test_batch: holds {found}; expected data uint8"):
        list(opened(cifar10, dataset).items())


def test_a_meta_file_without_names_is_named(cifar10, dataset):
    write(cifar10 / "batches.meta", {b"num_vis": 3072})
    with pytest.raises(InputError, match=r"has no list 'label_names', found \['num_vis'\]"):
        opened(cifar10, dataset)


class Call:
    """Pickles as a call of ``function``."""

    def __init__(self, function, *arguments):
        self.call = function, arguments

    def __reduce__(self):
        return self.call


@pytest.mark.parametrize(
    ("function", "argument", "name"),
    [(os.system, "touch {}", r"posix\.system"), (os.mkdir, "{}", r"posix\.mkdir")],
)
@pytest.mark.parametrize("protocol", range(6))
def test_a_hostile_batch_is_refused_by_name_and_not_run(
    cifar10, dataset, tmp_path, function, argument, name, protocol
):
    marker = tmp_path / "marker"
    call = Call(function, argument.format(marker))
    write(cifar10 / "data_batch_1", {b"data": planes(2), b"labels": call}, protocol)
    with pytest.raises(InputError, match=f"data_batch_1: asks to load {name}, .*nothing was run"):
        list(opened(cifar10, dataset).items())
    assert not marker.exists()


def test_a_hostile_meta_file_is_refused(cifar10, dataset):
    write(cifar10 / "batches.meta", {b"label_names": Call(eval, "1")})
    with pytest.raises(InputError, match=r"batches\.meta: asks to load (__)?builtin\w*\.eval"):
        opened(cifar10, dataset)


def test_an_array_of_objects_is_refused(tmp_path):
    write(tmp_path / "batch", {"data": np.array([None, {}], object)})
    with pytest.raises(InputError, match="holds an array of object, expected numbers"):
        read_pickle(tmp_path / "batch")


def test_a_pickle_of_something_else_is_refused(tmp_path):
    write(tmp_path / "batch", [1, 2])
    with pytest.raises(InputError, match="holds a list, expected a dictionary"):
        read_pickle(tmp_path / "batch")


@pytest.mark.parametrize("protocol", range(6))
@pytest.mark.parametrize("kind", [">i4", "<u2", "u1", "f8", "?"])
def test_numeric_arrays_are_read_from_every_protocol(tmp_path, protocol, kind):
    array = np.asfortranarray(np.arange(6).reshape(2, 3).astype(kind))
    write(tmp_path / "batch", {"a": array, b"b": b"\xff", "c": 1.5}, protocol)
    content = read_pickle(tmp_path / "batch")
    np.testing.assert_array_equal(content["a"], array)
    assert content["a"].dtype == array.dtype
    assert (content["b"], content["c"]) == (b"\xff", 1.5)


def test_genuine_cifar10(shared_data, dataset):
    reader = opened(shared_data / "cifar10" / "cifar-10-batches-py", dataset)
    items = list(reader.items())
    assert len({item.key for item in items}) == 240
    assert Counter(item.split for item in items) == {"train": 200, "test": 40}
    assert reader.vocabulary().classes[:3] == ("airplane", "automobile", "bird")
    assert items[0].key == "train/dump_truck_s_000994.png"
    assert items[0].classes == ("truck",)
    assert reader.load(items[0].path, items[0].row).shape == (32, 32, 3)


def test_genuine_cifar100(shared_data, dataset):
    reader = opened(shared_data / "cifar100", dataset)
    items = list(reader.items())
    assert len(items) == 300
    assert (len(reader.vocabulary().classes), len(reader.vocabulary().tags)) == (100, 20)
    assert items[0].classes == ("elephant",)
    assert items[0].tags == ("large_omnivores_and_herbivores",)


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("cifar-10-python.tar.gz", r"is packed: `tar xf cifar-10-python.tar.gz`"),
        ("cifar-100-python.tar", r"is packed: `tar xf cifar-100-python.tar`"),
        ("cifar-10-batches-bin", r"is of the version for programs in C; take the one for Python"),
        ("cifar-100-binary.tar.gz", r"is of the version for programs in C; take the one for Pyth"),
        ("data_batch_1.bin", r"is of the version for programs in C; take the one for Python"),
    ],
)
def test_a_form_that_is_not_read_is_named(tmp_path, dataset, name, found):
    assert cifar.hint(tmp_path) is None
    (tmp_path / name).write_bytes(b"")
    with pytest.raises(InputError, match=rf"found neither data set; .*'{name}' {found}"):
        cifar.open_reader(tmp_path, dataset(tmp_path))
    with pytest.raises(InputError, match=rf"(?s)no data set of a known layout.*'{name}' {found}"):
        registry.open_reader(dataset(tmp_path))


@pytest.mark.parametrize("names", [[b"cat", b"cat "], [b"cat", b""], ["cafe\u0301", "caf\u00e9"]])
def test_names_that_are_not_different_are_refused(cifar10, dataset, names):
    write(cifar10 / "batches.meta", {b"label_names": names})
    with pytest.raises(InputError, match=r"batches\.meta: 'label_names' is .*expected different"):
        opened(cifar10, dataset)


def test_names_have_one_spelling_and_odd_bytes_are_spelt_out(cifar10, dataset):
    write(cifar10 / "batches.meta", {b"label_names": [b" cat ", b"d\xf6g"], b"\xff": 1})
    change(cifar10 / "data_batch_1", filenames=[b"\xff.png", b"b.png"])
    reader = opened(cifar10, dataset)
    assert reader.vocabulary().classes == ("cat", r"d\xf6g")
    assert next(reader.items()).key == r"train/\xff.png"
