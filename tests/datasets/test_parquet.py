from collections import Counter

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline_lib.datasets import parquet, parquet_files
from pipeline_lib.datasets.decode import BadImage
from pipeline_lib.datasets.parquet_layout import find_shards
from pipeline_lib.datasets.reader import Item, Rejection, Vocabulary
from pipeline_lib.errors import InputError
from tests.datasets.tables import hugging_face, opened, write


def test_usual_columns_are_found(tmp_path, dataset):
    write(
        tmp_path / "a.parquet",
        image_id=["x", "y"],
        split=["train", "validation"],
        class_name=["dog", "cat"],
        tags=[["grass", "ball"], []],
        caption=["a dog", None],
    )
    reader = opened(tmp_path, dataset)
    assert reader.vocabulary() == Vocabulary(("cat", "dog"), ("ball", "grass"))
    assert list(reader.items()) == [
        Item("x", "train", "a.parquet", 0, ("dog",), ("grass", "ball"), ("a dog",)),
        Item("y", "val", "a.parquet", 1, ("cat",), (), None),
    ]


@pytest.mark.parametrize("column", ["caption", "captions", "text", "sentences"])
def test_several_captions_an_image_are_a_list(tmp_path, dataset, column):
    write(tmp_path / "a.parquet", label=["x"] * 3, **{column: [["A dog.", "A pet. "], [], None]})
    found = [item.captions for item in opened(tmp_path, dataset).items()]
    assert found == [("A dog.", "A pet."), None, None]


def test_the_columns_of_webdataset_are_found(tmp_path, dataset):
    write(tmp_path / "a.parquet", image=[None], jpg=[b"x"], cls=[3], __key__=["00/7"])
    reader = opened(tmp_path, dataset, image="jpg")
    assert list(reader.items()) == [Item("00/7", None, "a.parquet", 0, ("class_3",))]
    assert reader.load("a.parquet", 0) == b"x"


def test_columns_are_taken_as_params_name_them(tmp_path, dataset):
    write(tmp_path / "a.parquet", key=[7], photo=[b"p"], dish=["soup"], label=["no"], text=["t"])
    columns = {"id": "key", "image": "photo", "classes": "dish", "caption": "", "tags": "label"}
    reader = opened(tmp_path, dataset, **columns)
    assert list(reader.items()) == [Item("7", None, "a.parquet", 0, ("soup",), ("no",), None)]
    assert reader.load("a.parquet", 0) == b"p"


@pytest.mark.parametrize("role", ["id", "image", "split", "classes", "tags", "caption"])
def test_a_missing_column_is_named_with_its_parameter(tmp_path, dataset, role):
    write(tmp_path / "a.parquet", class_name=["cat"])
    with pytest.raises(InputError, match=rf"no column 'clas_name' \(dataset\.columns\.{role}\)"):
        opened(tmp_path, dataset, **{role: "clas_name"})


def test_without_ids_file_and_row_identify_an_image(tmp_path, dataset):
    write(tmp_path / "train-00.parquet", label=["cat", "dog"])
    keys = [item.key for item in opened(tmp_path, dataset).items()]
    assert keys == ["train-00.parquet:0", "train-00.parquet:1"]


def test_a_row_without_its_id_is_rejected(tmp_path, dataset):
    write(tmp_path / "a.parquet", id=["x", None, ""], label=["cat"] * 3)
    found = list(opened(tmp_path, dataset).items())[1:]
    detail = "column 'id' is empty"
    assert found == [Rejection(f"a.parquet:{row}", "no id", detail) for row in (1, 2)]


@pytest.mark.parametrize(
    ("file", "split"),
    [
        ("train-00.parquet", "train"),
        ("train-00000-of-00003.parquet", "train"),
        ("train_extra_2.parquet", "train"),
        ("train2017_subset_256.parquet", "train"),
        ("validation-00000-of-00001.parquet", "val"),
        ("dev.parquet", "val"),
        ("test.parquet", "test"),
        ("Test.1.parquet", "test"),
        ("test_shift-00.parquet", "test_shift"),
        ("data-00000-of-00001.parquet", None),
        ("trained.parquet", None),
    ],
)
def test_the_file_name_tells_the_split(tmp_path, dataset, file, split):
    write(tmp_path / file, label=["cat"])
    assert next(opened(tmp_path, dataset).items()).split == split


def test_the_split_column_outranks_the_file_name(tmp_path, dataset):
    write(tmp_path / "train.parquet", label=["cat"] * 4, split=["test2017", None, "", "Test Shift"])
    splits = [item.split for item in opened(tmp_path, dataset).items()]
    assert splits == ["test", "train", "train", "test_shift"]


def test_integer_classes_are_named_by_the_column_beside_them(tmp_path, dataset):
    names = ["zebra", "ant", "zebra", None]
    write(tmp_path / "a.parquet", label=[0, 1, 0, 1], class_name=names)
    reader = opened(tmp_path, dataset, classes="label")
    assert reader.vocabulary().classes == ("zebra", "ant")
    assert [item.classes for item in reader.items()][1:] == [("ant",), ("zebra",), ("ant",)]


def test_an_integer_class_that_the_column_beside_it_never_names_is_refused(tmp_path, dataset):
    write(tmp_path / "a.parquet", label=[0, 1, 2], class_name=["zebra", "ant", None])
    with pytest.raises(InputError, match=r"holds label 2, and the file has 2 names \(zebra, ant\)"):
        opened(tmp_path, dataset, classes="label")


def test_one_name_for_two_classes_is_refused(tmp_path, dataset):
    write(tmp_path / "a.parquet", label=[3, 4], class_name=["cat", "cat "])
    with pytest.raises(InputError, match="classes 3 and 4 are both called 'cat' in column 'class"):
        opened(tmp_path, dataset, classes="label")


def test_two_names_for_one_class_are_refused(tmp_path, dataset):
    write(tmp_path / "a.parquet", label=[3, 3], class_name=["cat", "dog"])
    with pytest.raises(InputError, match="class 3 is called 'cat' and 'dog'"):
        opened(tmp_path, dataset, classes="label")


def test_integer_classes_are_named_by_the_metadata_of_hugging_face(tmp_path, dataset):
    metadata = hugging_face(label={"_type": "ClassLabel", "names": ["zebra", "ant", "bee"]})
    write(tmp_path / "a.parquet", metadata, label=[2, 0, -1])
    reader = opened(tmp_path, dataset)
    assert reader.vocabulary().classes == ("zebra", "bee")  # in the order of their indices
    assert [item.classes for item in reader.items()] == [("bee",), ("zebra",), ()]


@pytest.mark.parametrize(
    "feature",
    [
        {"_type": "Sequence", "feature": {"_type": "ClassLabel", "names": ["sky", "sea"]}},
        [{"_type": "ClassLabel", "names": ["sky", "sea"]}],
    ],
)
def test_lists_of_integers_are_named_by_the_metadata_of_hugging_face(tmp_path, dataset, feature):
    write(tmp_path / "a.parquet", hugging_face(labels=feature), labels=[[1, 0], []])
    items = list(opened(tmp_path, dataset).items())
    assert [item.classes for item in items] == [("sea", "sky"), ()]


@pytest.mark.parametrize(
    ("labels", "names"),
    [
        ([10, 2], ("class_02", "class_10")),
        ([1, 0], ("class_0", "class_1")),
        ([7, 100], ("class_007", "class_100")),
    ],
)
def test_integer_classes_without_names_are_numbered(tmp_path, dataset, labels, names):
    write(tmp_path / "a.parquet", label=labels)
    assert opened(tmp_path, dataset).vocabulary().classes == names


def test_integer_tags_are_numbered_after_the_column(tmp_path, dataset):
    write(tmp_path / "a.parquet", class_name=["a", "b"], ingredients=[[17, 3], [3]])
    reader = opened(tmp_path, dataset)
    assert reader.vocabulary().tags == ("ingredient_003", "ingredient_017")
    assert next(reader.items()).tags == ("ingredient_017", "ingredient_003")


def test_the_column_of_class_names_does_not_name_tags(tmp_path, dataset):
    write(tmp_path / "a.parquet", class_name=["soup", "cake"], tags=[1, 2])
    assert opened(tmp_path, dataset).vocabulary().tags == ("tag_001", "tag_002")


def test_labels_of_several_files_make_one_vocabulary(tmp_path, dataset):
    write(tmp_path / "train.parquet", label=["dog", "cat"])
    write(tmp_path / "test.parquet", label=["bee", "cat"])
    assert opened(tmp_path, dataset).vocabulary().classes == ("bee", "cat", "dog")


def test_dictionary_encoded_labels_are_read(tmp_path, dataset):
    types = {"label": pa.dictionary(pa.int8(), pa.string())}
    write(tmp_path / "a.parquet", types=types, label=["cat", "dog"])
    assert [item.classes for item in opened(tmp_path, dataset).items()] == [("cat",), ("dog",)]


@pytest.mark.parametrize(
    ("role", "values", "found"),
    [
        ("classes", [{"a": 1}], "struct<a: int64>, expected strings, integers or lists"),
        ("tags", [[True]], "list<element: bool>, expected strings, integers or lists"),
        ("caption", [3], "int64, expected strings or lists of strings;"),
    ],
)
def test_a_column_of_a_wrong_type_is_named(tmp_path, dataset, role, values, found):
    write(tmp_path / "a.parquet", odd=values)
    with pytest.raises(InputError, match=f"column 'odd' is {found}"):
        opened(tmp_path, dataset, **{role: "odd"})


def test_columns_that_nothing_reads_are_named(tmp_path, dataset):
    write(tmp_path / "a.parquet", label=[0], class_name=["cat"], coarse_label=[1], width=[4])
    write(tmp_path / "b.parquet", label=[0], class_name=["cat"], license=["none"])
    reader = opened(tmp_path, dataset, classes="label")
    assert reader.unread_columns() == ["coarse_label", "license", "width"]
    assert "class_name" not in reader.unread_columns()  # it names the labels
    assert "label" in opened(tmp_path, dataset).unread_columns()  # beside class_name
    boxes = {"boxes": [[[0, 0, 2, 2]]], "box_labels": [["cat"]], "width": [4], "height": [4]}
    write(tmp_path / "c" / "a.parquet", **boxes)
    assert opened(tmp_path / "c", dataset).unread_columns() == []


def test_every_image_is_found_across_row_groups(tmp_path, dataset):
    write(tmp_path / "a.parquet", label=["cat"] * 7, row_group_size=3)
    write(tmp_path / "b.parquet", label=["cat"], image=[b"b"])
    reader = opened(tmp_path, dataset)
    assert [reader.load("a.parquet", row) for row in (6, 0, 3, 2)] == [b"\6", b"\0", b"\3", b"\2"]
    assert reader.load("b.parquet", 0) == b"b"


def test_a_group_larger_than_memory_is_read_in_parts(tmp_path, dataset, monkeypatch):
    monkeypatch.setattr(parquet_files, "LARGE", 0)
    monkeypatch.setattr(parquet_files, "WINDOW", 500)
    images = [{"bytes": bytes([row]) * 100, "path": None} for row in range(50)]
    write(tmp_path / "a.parquet", label=["cat"] * 50, image=images)
    reader = opened(tmp_path, dataset)
    for row in (0, 3, 4, 49, 48, 7, 7, 20):
        assert reader.load("a.parquet", row) == bytes([row]) * 100
    scan = parquet_files._scan(
        tmp_path / "a.parquet", reader.parts["a.parquet"].file.modified, 0, "image"
    )
    assert 0 < len(scan._cells) < 10


def test_a_changed_file_is_read_again(tmp_path, dataset):
    path = write(tmp_path / "a.parquet", label=["cat"], image=[b"old"])
    assert opened(tmp_path, dataset).load("a.parquet", 0) == b"old"
    write(path, label=["cat"], image=[b"new"])
    assert opened(tmp_path, dataset).load("a.parquet", 0) == b"new"


@pytest.mark.parametrize(("path", "row"), [("a.parquet", 1), ("b.parquet", 0), ("a.parquet", None)])
def test_a_row_that_is_not_there_is_named(tmp_path, dataset, path, row):
    write(tmp_path / "a.parquet", label=["cat"])
    with pytest.raises(BadImage, match=f"missing row: {path}: row {row}"):
        opened(tmp_path, dataset).load(path, row)


def test_images_as_hugging_face_writes_them(tmp_path, dataset):
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "a.jpg").write_bytes(b"file")
    images = [
        {"bytes": b"inside", "path": "lost.jpg"},
        {"bytes": None, "path": "more/a.jpg"},
        {"bytes": None, "path": None},
        None,
        {"bytes": None, "path": "../secret"},
        {"bytes": None, "path": "/etc/passwd"},
        {"bytes": None, "path": "gone.jpg"},
    ]
    write(tmp_path / "a.parquet", label=["cat"] * 7, image=images)
    reader = opened(tmp_path, dataset)
    assert [reader.load("a.parquet", row) for row in (0, 1)] == [b"inside", b"file"]
    for row in (2, 3):
        with pytest.raises(BadImage, match="no image: the cell is null"):
            reader.load("a.parquet", row)
    for row, path in ((4, "../secret"), (5, "/etc/passwd")):
        with pytest.raises(BadImage, match=f"path outside the data set: {path}"):
            reader.load("a.parquet", row)
    with pytest.raises(BadImage, match=r"missing file: gone\.jpg"):
        reader.load("a.parquet", 6)
    assert list(reader.sources()) == ["a.parquet", "more/a.jpg"]  # not lost.jpg, which is inside


@pytest.mark.parametrize("cell", ["a.jpg", {"path": "a.jpg"}, {"bytes": None, "path": "a.jpg"}])
def test_paths_lead_to_pictures_below_the_file_or_the_data_set(tmp_path, dataset, cell):
    write(tmp_path / "data" / "train.parquet", label=["cat"], file_name=[cell])
    reader = opened(tmp_path, dataset, image="file_name")
    with pytest.raises(BadImage, match=r"missing file: a\.jpg"):
        reader.load("data/train.parquet", 0)
    for place in ("a.jpg", "data/a.jpg"):
        (tmp_path / place).write_bytes(place.encode())
        assert list(reader.sources()) == ["data/train.parquet", place]
        assert reader.load("data/train.parquet", 0) == place.encode()
        (tmp_path / place).unlink()


def test_a_null_image_is_named(tmp_path, dataset):
    write(tmp_path / "a.parquet", label=["cat", "dog"], image=[b"x", None])
    with pytest.raises(BadImage, match="no image: the cell is null"):
        opened(tmp_path, dataset).load("a.parquet", 1)


def test_a_file_without_labels_still_lists_its_images(tmp_path, dataset):
    write(tmp_path / "a.parquet", other=[1, 2])
    assert [item.key for item in opened(tmp_path, dataset).items()] == [
        "a.parquet:0",
        "a.parquet:1",
    ]


@pytest.mark.parametrize(
    ("columns", "found"),
    [
        ({"photo": [b"x"]}, r"columns \['photo'\]"),
        ({"image": [3]}, "column 'image' is int64"),
        ({"image": [{"file": "a.jpg"}]}, "column 'image' is struct<file: string>"),
        ({"image": [{"bytes": "text"}]}, "column 'image' is struct<bytes: string>"),
    ],
)
def test_a_file_without_images_is_refused(tmp_path, dataset, columns, found):
    pq.write_table(pa.table(columns), tmp_path / "a.parquet")
    with pytest.raises(InputError, match=f"a.parquet: no images found, {found}; expected a column"):
        opened(tmp_path, dataset)


@pytest.mark.parametrize("kept", [0, 3, 200])
def test_a_truncated_file_is_named(tmp_path, dataset, kept):
    path = write(tmp_path / "train.parquet", label=["cat"] * 100)
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(InputError, match=r"train\.parquet: not a complete Parquet file"):
        opened(tmp_path, dataset)


def test_a_file_damaged_inside_is_named(tmp_path, dataset):
    path = write(tmp_path / "train.parquet", label=[f"class {i}" for i in range(100)])
    content = bytearray(path.read_bytes())
    start = content.find(b"class 0") - 60  # the page header before the labels
    content[start : start + 80] = bytes(80)
    path.write_bytes(bytes(content))
    with pytest.raises(InputError, match=r"train\.parquet: not a complete Parquet file"):
        opened(tmp_path, dataset)


@pytest.mark.parametrize(("having", "lacking"), [("a", "b"), ("b", "a")])
def test_a_column_that_one_file_lacks_is_named(tmp_path, dataset, having, lacking):
    write(tmp_path / f"{having}.parquet", label=["cat"], caption=["a cat"])
    write(tmp_path / f"{lacking}.parquet", label=["cat"])
    message = rf"/{lacking}\.parquet: has no column 'caption', which {having}\.parquet has"
    with pytest.raises(InputError, match=message):
        opened(tmp_path, dataset)
    assert len(list(opened(tmp_path, dataset, caption="").items())) == 2


@pytest.mark.parametrize("role", ["id", "image", "classes", "tags"])
def test_a_file_without_the_column_that_params_name_is_named(tmp_path, dataset, role):
    write(tmp_path / "a.parquet", label=["cat"], odd=[b"x" if role == "image" else "x"])
    write(tmp_path / "b.parquet", label=["cat"])
    message = rf"b\.parquet: has no column 'odd' \(dataset\.columns\.{role}\)"
    with pytest.raises(InputError, match=message):
        opened(tmp_path, dataset, **{role: "odd"})


def test_a_file_without_labels_beside_one_with_labels_is_named(tmp_path, dataset):
    write(tmp_path / "train-00000.parquet", label=["cat", "dog"])
    write(tmp_path / "test-00000.parquet", other=[1])
    message = r"test-00000\.parquet: has no column 'label', which train-00000\.parquet has"
    with pytest.raises(InputError, match=message):
        opened(tmp_path, dataset)


def test_a_split_column_may_be_in_some_files_only(tmp_path, dataset):
    write(tmp_path / "a.parquet", label=["cat"] * 2, split=["train", "val"])
    write(tmp_path / "test.parquet", label=["cat"])
    assert [item.split for item in opened(tmp_path, dataset).items()] == ["train", "val", "test"]


def test_a_column_that_is_there_twice_is_refused(tmp_path, dataset):
    columns = [pa.array([b"x"]), pa.array(["cat"]), pa.array(["dog"])]
    table = pa.Table.from_arrays(columns, ["image", "label", "label"])
    pq.write_table(table, tmp_path / "a.parquet")
    with pytest.raises(InputError, match=r"a\.parquet: has two columns 'label', expected one"):
        opened(tmp_path, dataset)


def test_a_folder_without_parquet_is_refused(tmp_path, dataset):
    with pytest.raises(InputError, match=r"dataset\.path\): no \*\.parquet file found"):
        opened(tmp_path, dataset)


def test_one_file_or_the_folder_data_will_do(tmp_path, dataset):
    path = write(tmp_path / "data" / "train-00000-of-00001.parquet", label=["cat"])
    for root in (path, tmp_path, tmp_path / "data"):
        assert [shard.path for shard in find_shards(root)] == [path]
    assert next(opened(path, dataset).items()).path == path.name
    item = next(opened(tmp_path, dataset).items())
    assert item.path == "data/train-00000-of-00001.parquet"
    assert opened(tmp_path, dataset).load(item.path, item.row) == b"\0"
    assert parquet.detect(tmp_path)
    assert not parquet.detect(tmp_path / "data" / "nothing")


def test_genuine_cifar10_shards(shared_data, dataset):
    reader = opened(shared_data / "cifar10", dataset)
    items = list(reader.items())
    assert Counter(item.split for item in items) == {"train": 20_000, "test": 5_000}
    assert len({item.key for item in items}) == 25_000
    assert len(reader.vocabulary().classes) == 10
    assert reader.load("train-01.parquet", 9_999).startswith(b"\x89PNG")


def test_genuine_classes_are_the_same_by_index_and_by_name(shared_data, dataset):
    folder = shared_data / "cifar10"
    by_name, by_index = opened(folder, dataset), opened(folder, dataset, classes="label")
    assert by_name.vocabulary() == by_index.vocabulary()


def test_genuine_ingredients_depend_on_the_class_alone(shared_data, dataset):
    reader = opened(shared_data / "ingredient101", dataset)
    items = list(reader.items())
    assert len(reader.vocabulary().tags) == 79
    assert len({item.classes for item in items}) == 10
    assert len({(item.classes, item.tags) for item in items}) == 10
    assert items[-1].key.startswith(items[-1].classes[0])


def test_genuine_multi_label_photos(shared_data, dataset):
    reader = opened(shared_data / "coco", dataset)
    items = list(reader.items())
    assert Counter(item.split for item in items) == {"train": 343, "val": 328}
    assert sum(not item.classes for item in items) == 5
    assert len(reader.vocabulary().classes) == 80


def test_genuine_labels_without_images_are_refused(shared_data, dataset):
    with pytest.raises(InputError, match=r"no images found, columns .*'labels'"):
        opened(shared_data / "nuswide", dataset)
