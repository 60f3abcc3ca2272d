import pickle
import re

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline_lib.datasets.registry import FORMATS, idle_settings, open_reader
from pipeline_lib.errors import InputError
from pipeline_lib.params.scenes import DRAWN

EASY = DRAWN | {"difficulty": "none"}  # as params.yaml spells it


def touch(root, *paths):
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(b"")


def write_parquet(root):
    root.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table({"image": [b"x"], "label": ["cat"]}), root / "train.parquet")


def write_cifar(root):
    root.mkdir(parents=True, exist_ok=True)
    names = {b"fine_label_names": [b"bee"], b"coarse_label_names": [b"insects"]}
    (root / "meta").write_bytes(pickle.dumps(names))
    touch(root, "train", "test")


def write_food(root):
    touch(root, "images/sushi/1.jpg", "meta/train.txt", "meta/test.txt")
    (root / "meta/classes.txt").write_text("sushi\n")


def write_nuswide(root):
    touch(root, "images/a/1.jpg")
    for name in ("ConceptsList/Concepts81.txt", "NUS_WID_Tags/TagList1k.txt"):
        (root / name).parent.mkdir()
        (root / name).write_text("sea\n")
    (root / "ImageList").mkdir()
    for part in ("Train", "Test"):
        (root / f"ImageList/{part}Imagelist.txt").write_text("a\\1.jpg\n")


def write_openimages(root):
    touch(root, "class-descriptions.csv", "classes-trainable.txt", "top_400_unseen.csv")
    for name in ("classes-trainable.txt", "class-descriptions.csv"):
        (root / name).write_text("/m/1,Dog\n" if name.endswith("csv") else "/m/1\n")
    touch(root, "validation/validation-annotations-human-imagelabels.csv", "train/1.jpg")


def test_every_format_has_the_name_it_is_registered_under():
    names = ["scenes", "cifar", "voc", "coco", "nuswide", "openimages"]
    names += ["parquet", "food101", "yolo", "flickr", "image_folder"]
    assert list(FORMATS) == names
    assert all(name == format.name for name, format in FORMATS.items())
    assert all(format.summary and format.layout for format in FORMATS.values())


@pytest.mark.parametrize(
    ("layers", "expected"),
    [
        ([write_cifar], "cifar"),
        ([write_parquet], "parquet"),
        ([write_food], "food101"),
        ([write_nuswide], "nuswide"),
        ([write_openimages], "openimages"),
        ([lambda root: touch(root, "cat/1.jpg")], "image_folder"),
        ([lambda root: touch(root, "train/cat/1.jpg")], "image_folder"),
        ([write_cifar, write_parquet], "cifar"),
        ([lambda root: write_cifar(root / "cifar-100-python")], "cifar"),
        ([lambda root: write_cifar(root / "cifar-100-python"), write_parquet], "parquet"),
        ([write_parquet, write_food], "parquet"),
        ([lambda root: touch(root, "text/Flickr8k.token.txt", "Images/1.jpg")], "flickr"),
        ([lambda root: touch(root, "cat/1.jpg", "dog/1.jpg", "captions.txt")], "image_folder"),
    ],
)
def test_auto_finds_the_format(tmp_path, dataset, layers, expected):
    for layer in layers:
        layer(tmp_path)
    assert open_reader(dataset(tmp_path))[0] == expected


def test_a_list_of_images_is_an_image_folder(tmp_path, dataset):
    (tmp_path / "labels.csv").write_text("path\n")
    assert open_reader(dataset(tmp_path))[0] == "image_folder"


def test_a_catalogue_of_scenes_is_recognised(root, dataset):
    name, reader = open_reader(dataset(root / "data" / "raw" / "scenes"))
    assert name == "scenes"
    assert len(list(reader.items())) == 4


def test_a_parquet_file_is_a_data_set(tmp_path, dataset):
    write_parquet(tmp_path)
    assert open_reader(dataset(tmp_path / "train.parquet"))[0] == "parquet"


def test_params_outrank_what_is_found(tmp_path, dataset):
    write_parquet(tmp_path)
    touch(tmp_path, "cat/1.jpg")
    name, reader = open_reader(dataset(tmp_path, format="image_folder"))
    assert name == "image_folder"
    assert reader.vocabulary().classes == ("cat",)


def test_a_format_that_does_not_fit_complains_itself(tmp_path, dataset):
    touch(tmp_path, "cat/1.jpg")
    with pytest.raises(InputError, match="no \\*\\.parquet file found"):
        open_reader(dataset(tmp_path, format="parquet"))


def test_a_missing_data_set_is_named(tmp_path, dataset):
    with pytest.raises(InputError, match=r"dataset\.path: '.*nowhere' does not exist"):
        open_reader(dataset(tmp_path / "nowhere"))


@pytest.mark.parametrize("file", ["notes.txt", "images.zip"])
def test_an_unknown_layout_lists_what_was_looked_for(tmp_path, dataset, file):
    touch(tmp_path, file)
    for path in (tmp_path, tmp_path / file):
        with pytest.raises(InputError, match=f"'{path}' holds no data set") as caught:
            open_reader(dataset(path))
        assert all(format.layout in str(caught.value) for format in FORMATS.values())


@pytest.mark.parametrize(
    ("folder", "expected"),
    [
        ("cifar10", "parquet"),
        ("cifar10/cifar-10-batches-py", "cifar"),
        ("cifar100", "cifar"),
        ("ingredient101", "parquet"),
        ("ingredient101/food-101", "food101"),
    ],
)
def test_genuine_data_sets_are_recognised(shared_data, dataset, folder, expected):
    assert open_reader(dataset(shared_data / folder))[0] == expected


@pytest.mark.parametrize(
    ("files", "said"),
    [
        (
            ["data.yaml", "images/train/1.jpg", "labels/train/1.txt"],
            "look like YOLO's, without the",
        ),
        (["train/images/1.jpg", "train/labels/1.txt", "valid/images/2.jpg"], "look like YOLO's"),
        (["labels.json", "data/1.jpg", "data/2.jpg"], "look like an export of FiftyOne"),
        (["samples.json", "metadata.json", "data/1.jpg"], "look like an export of FiftyOne"),
        (["train-000000.tar", "train-000001.tar"], "'train-000000.tar' may be a shard of WebData"),
        (["train/00000.tar"], "'train/00000.tar' may be a shard of WebDataset"),
        (["train.tfrecord-00000-of-00001"], "'train.tfrecord-00000-of-00001' looks like TFRecords"),
        (["x.tfrecord"], "'x.tfrecord' looks like TFRecords; write"),
        (
            ["train.csv", "1.jpg"],
            "'train.csv' may say what the images are; call it labels.csv, with",
        ),
        (["db/data.mdb", "db/lock.mdb"], "'db/data.mdb' looks like an LMDB; write its images as"),
        (["train.h5"], "'train.h5' looks like HDF5; write"),
        (["photos.ZIP"], "'photos.ZIP' is packed; unpack it"),
        (["train-images-idx3-ubyte.gz"], "looks like MNIST's IDX; take it as Parquet"),
    ],
)
def test_a_layout_that_is_not_read_is_named_with_the_way_out(tmp_path, dataset, files, said):
    touch(tmp_path, *files)
    with pytest.raises(InputError, match=re.escape(said)):
        open_reader(dataset(tmp_path))


def test_an_archive_beside_class_folders_is_no_layout_of_its_own(tmp_path, dataset):
    touch(tmp_path, "cat/1.jpg", "dog/2.jpg", "photos.zip", "labels.json")
    assert open_reader(dataset(tmp_path))[0] == "image_folder"


def test_keys_that_the_layout_found_does_not_read_are_named(tmp_path, dataset):
    write_food(tmp_path)
    params = dataset(tmp_path, columns={"tags": "labels"}, scenes=EASY | {"seed": 5})
    assert idle_settings(params, "food101") == ("columns.tags", "scenes.seed")
    assert idle_settings(params, "parquet") == ("scenes.seed",)
    assert idle_settings(dataset(tmp_path, scenes=EASY), "food101") == ()


def test_columns_are_idle_in_folders_without_a_table(tmp_path, dataset):
    touch(tmp_path, "cat/1.jpg", "dog/1.jpg")
    params = dataset(tmp_path, columns={"tags": "labels"}, scenes=EASY)
    assert idle_settings(params, "image_folder") == ("columns.tags",)
    (tmp_path / "labels.csv").write_text("path,labels\n")
    assert idle_settings(params, "image_folder") == ()
