import json

import numpy as np
import pytest

from pipeline_lib.datasets import coco
from pipeline_lib.datasets.reader import Box, Item, Rejection
from pipeline_lib.datasets.registry import open_reader
from pipeline_lib.errors import InputError
from pipeline_lib.progress import silent
from pipeline_lib.steps.ingest import ingest
from tests.datasets.coco_set import image, instance, items, write


def test_instances_are_tags_and_boxes(tmp_path, dataset):
    write(tmp_path, images=[image(3)], annotations=[instance(3), instance(3, 18, (90, 40, 20, 20))])
    (item,) = items(tmp_path, dataset)
    assert (item.key, item.path) == ("train2017/003.jpg", "train2017/003.jpg")
    assert (item.tags, item.classes, item.difficult) == (("dog", "person"), (), None)
    person, dog = item.boxes
    assert person == Box("person", 0.1, 0.1, 0.5, 0.5)
    assert (dog.x, dog.y) == (0.9, 0.8)
    assert (dog.w, dog.h) == (pytest.approx(0.1), pytest.approx(0.2))  # cut at the image's edge


def test_a_crowd_counts_as_present_and_is_no_box(tmp_path, dataset):
    write(tmp_path, images=[image(1)], annotations=[instance(1, crowd=1)])
    (item,) = items(tmp_path, dataset)
    assert (item.tags, item.boxes) == (("person",), ())


def test_an_image_without_instances_is_kept(tmp_path, dataset):
    write(tmp_path, images=[image(1), image(2)], annotations=[instance(2)])
    assert [(item.tags, len(item.boxes)) for item in items(tmp_path, dataset)] == [
        ((), 0),
        (("person",), 1),
    ]


def test_annotations_may_come_in_any_order(tmp_path, dataset):
    annotations = [instance(2, 18), instance(1), instance(2)]
    path = write(tmp_path, images=[image(2), image(1)], annotations=annotations)
    found = [item.tags for item in items(tmp_path, dataset)]
    assert found == [("dog", "person"), ("person",)]
    content = json.loads(path.read_text())
    path.write_text(json.dumps(dict(reversed(content.items()))))  # annotations before images
    assert [item.tags for item in items(tmp_path, dataset)] == found


def test_categories_are_in_the_order_of_their_ids(tmp_path, dataset):
    write(tmp_path, images=[image(1)])
    assert coco.open_reader(tmp_path, dataset(tmp_path)).vocabulary().tags == ("person", "dog")


def test_val_is_tested_on_because_test_labels_are_not_published(tmp_path, dataset):
    for part in ("train2017", "val2017"):
        write(tmp_path, part, images=[image(1)])
    assert [item.split for item in items(tmp_path, dataset)] == ["train", "test"]


def test_an_annotated_test_set_leaves_val_as_it_is(tmp_path, dataset):
    for part in ("train", "val", "test"):
        write(tmp_path, part, images=[image(1)])
    found = {item.key: item.split for item in items(tmp_path, dataset)}
    assert found == {"train/001.jpg": "train", "val/001.jpg": "val", "test/001.jpg": "test"}


@pytest.mark.parametrize("folder", ["images/train2017", "images"])
def test_images_may_lie_in_a_folder_of_their_own(tmp_path, dataset, folder):
    write(tmp_path, images=[image(1)])
    (tmp_path / "train2017").rmdir()
    (tmp_path / folder).mkdir(parents=True)
    assert items(tmp_path, dataset)[0].path == f"{folder}/001.jpg"


@pytest.mark.parametrize(
    ("entry", "annotations", "reason"),
    [
        (image(1, file_name="../1.jpg"), [], "path outside the data set"),
        (image(1, file_name="/1.jpg"), [], "path outside the data set"),
        (image(1, file_name="..\\1.jpg"), [], "path outside the data set"),
        (image(1, file_name="C:\\1.jpg"), [], "path outside the data set"),
        (image(1, file_name=""), [], "path outside the data set"),
        (image(1, file_name="a\0b"), [], "path outside the data set"),
        (image(1), [instance(1, 99)], "unknown label"),
        (image(1), [instance(1, None)], "unknown label"),
    ],
)
def test_unusable_images_are_rejected(tmp_path, dataset, entry, annotations, reason):
    write(tmp_path, images=[entry, image(2)], annotations=annotations)
    bad, good = items(tmp_path, dataset)
    assert isinstance(bad, Rejection)
    assert (bad.reason, bad.split) == (reason, "train")
    assert isinstance(good, Item)


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (lambda text: text[: len(text) // 2], r"not complete JSON"),
        (lambda text: "no json", r"not complete JSON"),
        (lambda text: text.replace('"name"', '"nom"'), "1 images and 0 categories"),
        (lambda text: text.replace('"id": 18', '"id": 1'), "category 1 called 'dog' and 'person'"),
        (lambda text: text.replace('"height"', '"\xff'), "not complete JSON"),
        (
            lambda text: text.replace('"id": 7', '"id": ' + "7" * 5000),
            "not complete JSON",
        ),
        (lambda text: text.replace('"categories"', '"classes"'), "1 images and 0 categories"),
    ],
)
def test_a_file_that_is_no_instances_file_is_refused(tmp_path, dataset, change, found):
    path = write(tmp_path, images=[image(1)], annotations=[instance(1)])
    path.write_text(change(path.read_text()))
    with pytest.raises(InputError, match=rf"instances_train2017\.json: {found}.*expected an inst"):
        items(tmp_path, dataset)


def test_one_id_for_two_images_is_refused(tmp_path, dataset):
    write(tmp_path, images=[image(1), image(1)])
    with pytest.raises(InputError, match="two images with the id 1; expected an inst"):
        items(tmp_path, dataset)


def test_files_that_name_a_category_differently_are_refused(tmp_path, dataset):
    write(tmp_path, images=[image(1)])
    write(tmp_path, "val2017", [image(1)], categories=[{"id": 1, "name": "human"}])
    with pytest.raises(InputError, match="category 1 is 'human', but 'person' in another file"):
        coco.open_reader(tmp_path, dataset(tmp_path)).vocabulary()


def test_missing_images_and_missing_annotations_are_named(tmp_path, dataset):
    assert not coco.detect(tmp_path)
    with pytest.raises(InputError, match=r"no annotations/instances_\*\.json found"):
        items(tmp_path, dataset)
    write(tmp_path, images=[image(1)])
    (tmp_path / "train2017").rmdir()
    with pytest.raises(InputError, match=r"no folder of images for .*instances_train2017\.json"):
        items(tmp_path, dataset)


def test_a_changed_file_is_read_again(tmp_path, dataset):
    write(tmp_path, images=[image(1)])
    assert len(items(tmp_path, dataset)) == 1
    write(tmp_path, images=[image(1), image(2)])
    assert len(items(tmp_path, dataset)) == 2


def test_genuine_annotations_and_photos(shared_data, dataset):
    params = dataset(shared_data / "coco" / "mini")
    name, reader = open_reader(params)
    assert name == "coco"
    found = ingest(reader, params, track=silent)
    assert found.rejected.is_empty()
    assert sorted(found.samples["split"].value_counts().rows()) == [("test", 20), ("train", 20)]
    path = shared_data / "coco" / "mini" / "annotations" / "instances_train2017.json"
    content = json.loads(path.read_text())
    names = {entry["id"]: entry["name"] for entry in content["categories"]}
    expected = {entry["file_name"]: set() for entry in content["images"]}
    files = {entry["id"]: entry["file_name"] for entry in content["images"]}
    for entry in content["annotations"]:
        expected[files[entry["image_id"]]].add(names[entry["category_id"]])
    tags = np.array(found.categories["name"])
    for key, indices in found.samples["sample_id", "tags"].iter_rows():
        if key.startswith("train2017/"):
            assert set(tags[indices]) == expected[key.removeprefix("train2017/")]
    boxes = sum(map(len, found.samples.filter(split="train")["boxes"]))
    assert boxes == sum(not entry["iscrowd"] for entry in content["annotations"])
