import json
import pickle

import pytest

from pipeline_lib.datasets import coco
from pipeline_lib.errors import InputError
from tests.datasets.coco_set import image, instance, items, write


def test_all_captions_of_an_image_are_its_captions(tmp_path, dataset):
    write(tmp_path, images=[image(1), image(2)])
    texts = [(1, " A dog. "), (1, "Another."), (3, "Nobody.")]
    (tmp_path / "annotations" / "captions_train2017.json").write_text(
        json.dumps({"annotations": [{"image_id": n, "caption": text} for n, text in texts]})
    )
    reader = coco.open_reader(tmp_path, dataset(tmp_path))
    assert [item.captions for item in reader.items()] == [("A dog.", "Another."), None]
    assert list(reader.sources()) == [
        "annotations/instances_train2017.json",
        "annotations/captions_train2017.json",
    ]


def test_opening_reads_no_annotations(tmp_path, dataset):
    write(tmp_path, images=[image(1)]).write_text("no json")
    (tmp_path / "train2017" / "001.jpg").write_bytes(b"one")
    reader = pickle.loads(pickle.dumps(coco.open_reader(tmp_path, dataset(tmp_path))))
    assert reader.load("train2017/001.jpg", None) == b"one"


NAMES = {"train2014": "COCO_train2014_000000000009.jpg", "val2014": "COCO_val2014_000000000007.jpg",
         "train2017": "000000000007.jpg", "val2017": "000000000009.jpg"}  # fmt: skip


def years(root, encoded, colours):
    for name, file in NAMES.items():
        write(root, name, [image(int(file[-6:-4]), file_name=file)])
        (root / name / file).write_bytes(encoded(colours[name]))


def test_a_picture_of_two_years_is_refused(tmp_path, dataset, encoded):
    years(tmp_path, encoded, {name: int(file[-5]) for name, file in NAMES.items()})
    message = (
        r"instances_val2014.json lists the picture val2014/COCO_val2014_000000000007.jpg, which "
        r".*instances_train2017.json lists as train2017/000000000007.jpg; expected every picture in"
    )
    with pytest.raises(InputError, match=message):
        items(tmp_path, dataset)


def test_numbers_that_begin_anew_in_every_file_are_pictures_of_their_own(
    tmp_path, dataset, encoded
):
    years(tmp_path, encoded, {name: colour for colour, name in enumerate(NAMES)})
    assert len(items(tmp_path, dataset)) == 4


def test_a_picture_in_two_lists_is_refused(tmp_path, dataset, encoded):
    for name in ("minival2014", "val2014"):
        write(tmp_path, name, [image(1)])
        (tmp_path / name).rmdir()
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "001.jpg").write_bytes(encoded())
    with pytest.raises(InputError, match=r"instances_val2014.json lists the picture images/001"):
        items(tmp_path, dataset)


def test_the_lists_of_2014_have_splits(tmp_path, dataset):
    for name in ("valminusminival2014", "train2014", "minival2014"):
        write(tmp_path, name, [image(1, file_name=f"{name}.jpg")])
    (tmp_path / "minival2014").rmdir()
    (tmp_path / "val2014").mkdir()
    assert [(item.path, item.split) for item in items(tmp_path, dataset)] == [
        ("val2014/minival2014.jpg", "test"),
        ("train2014/train2014.jpg", "train"),
        ("valminusminival2014/valminusminival2014.jpg", "train"),
    ]


def test_trainval_is_trained_on(tmp_path, dataset):
    for name in ("trainval", "test"):
        write(tmp_path, name, [image(1)])
    assert [item.split for item in items(tmp_path, dataset)] == ["test", "train"]


def test_files_of_images_without_labels_are_left_alone(tmp_path, dataset):
    write(tmp_path, images=[image(1)])
    (tmp_path / "annotations" / "image_info_test2017.json").write_text("{}")
    assert list(coco.open_reader(tmp_path, dataset(tmp_path)).sources()) == [
        "annotations/instances_train2017.json"
    ]


def test_the_export_of_roboflow_is_read(tmp_path, dataset):
    categories = [{"id": 0, "name": "pets", "supercategory": "none"},
                  {"id": 1, "name": "dog", "supercategory": "pets"}]  # fmt: skip
    for folder in ("train", "valid", "test"):
        write(tmp_path, folder, [image(1)], [instance(1)], categories).rename(
            tmp_path / folder / "_annotations.coco.json"
        )
    assert coco.detect(tmp_path)
    reader = coco.open_reader(tmp_path, dataset(tmp_path))
    assert reader.vocabulary().tags == ("dog",)
    assert [(item.key, item.path, item.split, item.tags) for item in reader.items()] == [
        ("test/001.jpg", "test/001.jpg", "test", ("dog",)),
        ("train/001.jpg", "train/001.jpg", "train", ("dog",)),
        ("valid/001.jpg", "valid/001.jpg", "val", ("dog",)),
    ]


def test_lvis_lies_on_the_pictures_of_coco(tmp_path, dataset, encoded):
    for name, folder in (("train", "train2017"), ("val", "train2017")):
        address = f"http://images.cocodataset.org/{folder}/{name}.jpg"
        entry = image(1) | {"coco_url": address, "neg_category_ids": [18]}
        del entry["file_name"]
        path = write(tmp_path, name, [entry], [instance(1)])
        path.rename(path.with_name(f"lvis_v1_{name}.json"))
        (tmp_path / folder).mkdir(exist_ok=True)
        (tmp_path / folder / f"{name}.jpg").write_bytes(encoded())
    found = [(item.key, item.path, item.split, item.tags) for item in items(tmp_path, dataset)]
    assert found == [
        ("lvis_v1_train/train2017/train.jpg", "train2017/train.jpg", "train", ("person",)),
        ("lvis_v1_val/train2017/val.jpg", "train2017/val.jpg", "test", ("person",)),
    ]


def test_file_names_may_be_those_of_windows_and_of_macos(tmp_path, dataset, encoded):
    write(tmp_path, images=[image(1, file_name="sub\\caf\u00e9.jpg")])
    (tmp_path / "train2017" / "sub").mkdir()
    (tmp_path / "train2017" / "sub" / "cafe\u0301.jpg").write_bytes(encoded())
    assert items(tmp_path, dataset)[0].path == "train2017/sub/cafe\u0301.jpg"


@pytest.mark.parametrize(
    ("file", "folder"),
    [
        ("labels.json", "data"),  # FiftyOne
        ("result.json", "images"),  # Label Studio
        ("annotations.json", ""),
        ("_annotations.coco.json", ""),
        ("annotations/default.json", "images"),
    ],
)
def test_exports_without_splits_are_read(tmp_path, dataset, encoded, file, folder):
    name = "default" if "/" in file else tmp_path.name
    path = write(tmp_path, name, [image(1)], [instance(1)])
    (tmp_path / name).rmdir()
    path.rename(tmp_path / file)
    (tmp_path / folder).mkdir(exist_ok=True)
    (tmp_path / folder / "001.jpg").write_bytes(encoded())
    assert coco.detect(tmp_path)
    (item,) = items(tmp_path, dataset)
    assert (item.key, item.split) == (f"{name}/001.jpg", None)
    assert item.path == (f"{folder}/001.jpg" if folder else "001.jpg")


def test_a_file_of_one_of_their_names_and_another_form_is_none(tmp_path):
    (tmp_path / "labels.json").write_text('{"classes": ["a"], "labels": {"1": 0}}')
    (tmp_path / "annotations").mkdir()
    text = '{"images": [{"id": 1}], "annotations": []}'
    for name in ("captions_train2017", "person_keypoints_train2017", "image_info_test2017"):
        (tmp_path / "annotations" / f"{name}.json").write_text(text)
    assert not coco.detect(tmp_path)


def test_a_file_name_may_be_an_address(tmp_path, dataset, encoded):
    write(tmp_path, images=[image(1, file_name="https://example.org/a/train2017/x%20y.jpg?s=1")])
    (tmp_path / "train2017" / "x y.jpg").write_bytes(encoded())
    assert items(tmp_path, dataset)[0].path == "train2017/x y.jpg"
