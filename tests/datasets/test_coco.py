import json
import pickle
import re

import numpy as np
import pytest

from pipeline_lib.datasets import coco
from pipeline_lib.datasets.ingest import ingest
from pipeline_lib.datasets.reader import Box, Item, Rejection
from pipeline_lib.datasets.registry import open_reader
from pipeline_lib.errors import InputError
from pipeline_lib.progress import silent

CATEGORIES = [{"id": 18, "name": "dog"}, {"id": 1, "name": "person"}]
RLE = {"counts": [3, 4], "size": [50, 100]}


def image(number, **changes):
    file = f"{number:0>3}.jpg"
    return {"id": number, "file_name": file, "width": 100, "height": 50} | changes


def instance(number, category=1, box=(10, 5, 50, 25), crowd=0):
    polygon = RLE if crowd else [[1.5, 2, 3, 4, 5.25, 6]]
    return {"id": 7, "image_id": number, "category_id": category, "bbox": list(box),
            "iscrowd": crowd, "segmentation": polygon, "area": 9.5}  # fmt: skip


def write(root, part="train2017", images=(), annotations=(), categories=CATEGORIES):
    for folder in ("annotations", part):
        (root / folder).mkdir(parents=True, exist_ok=True)
    content = {"info": {}, "images": list(images), "annotations": list(annotations),
               "categories": categories}  # fmt: skip
    path = root / "annotations" / f"instances_{part}.json"
    path.write_text(json.dumps(content))
    return path


def items(root, dataset):
    return list(coco.open_reader(root, dataset(root)).items())


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


def part(root, name="train2017", **changes):
    """Write one picture with one annotation in which a key is changed, or left out for ``...``."""
    entry = {k: v for k, v in (instance(1) | changes).items() if v is not ...}
    write(root, name, [image(1)], [instance(1, 18), entry])
    return items(root, CocoParams)


def CocoParams(root):
    return None  # the reader asks nothing of params


@pytest.mark.parametrize("box", [..., None, []])
def test_an_annotation_without_a_box_says_what_an_image_shows(tmp_path, box):
    (item,) = part(tmp_path, bbox=box)
    assert item.tags == ("dog", "person")
    assert [box.tag for box in item.boxes] == ["dog"]


@pytest.mark.parametrize(
    ("changes", "detail"),
    [
        ({"bbox": [1, 2, 3]}, r"its box is \[1, 2, 3\], expected x, y, width, height"),
        ({"bbox": [1, 2, None, 4]}, r"its box is \[1, 2, None, 4\], expected numbers"),
        ({"bbox": [1, 2, float("nan"), 4]}, r"its box is \[.*None.*\], expected numbers"),
        ({"bbox": [1, 2, float("inf"), 4]}, r"its box is \[.*None.*\], expected numbers"),
        ({"bbox": [1, 2, "wide", 4]}, "could not convert string to float: 'wide'"),
        ({"bbox": {"x": 1}}, "its box is .*, expected x, y, width, height"),
        ({"bbox": [5, 5, 0, 9]}, "box of 'person' is 5, 5 to 5, 14, expected an area inside 100"),
        ({"bbox": [5, 5, -3, 9]}, "box of 'person' is 5, 5 to 2, 14, expected an area inside 100"),
        ({"bbox": [100, 5, 3, 9]}, "box of 'person' is 100, 5 to 103, 14, expected an area insi"),
        ({"iscrowd": "maybe"}, "a flag is 'maybe', expected 0 or 1"),
    ],
)
def test_a_box_without_sense_is_named_and_its_image_keeps_the_tag(tmp_path, changes, detail):
    bad, item = part(tmp_path, **changes)
    assert (bad.item, bad.reason) == ("train2017/001.jpg, annotation 7", "box without sense")
    assert not bad.lost
    assert re.search(detail, bad.detail)
    assert item.tags == ("dog", "person")
    assert [box.tag for box in item.boxes] == ["dog"]


@pytest.mark.parametrize(
    ("number", "name"),
    [(2**63, f"annotation {2**63}"), ("a7", "annotation a7"), (-3, "annotation -3"),
     (None, r"annotations\[1\]"), (..., r"annotations\[1\]")],
)  # fmt: skip
def test_an_odd_annotation_is_named_by_its_id_or_its_place(tmp_path, number, name):
    bad, _ = part(tmp_path, id=number, bbox=[0])
    assert re.fullmatch(f"train2017/001.jpg, {name}", bad.item)


@pytest.mark.parametrize("numbers", [("img_1", "img_2"), (2**70, 2**70 + 1), ("1", 2), (1.0, "2")])
def test_ids_may_be_texts_and_numbers_of_any_size(tmp_path, dataset, numbers):
    first, second = numbers
    write(tmp_path, images=[image(first, file_name="a.jpg"), image(second, file_name="b.jpg")],
          annotations=[instance(second, "1"), instance(first, 18.0)])  # fmt: skip
    assert [(item.path, item.tags) for item in items(tmp_path, dataset)] == [
        ("train2017/a.jpg", ("dog",)),
        ("train2017/b.jpg", ("person",)),
    ]


@pytest.mark.parametrize(
    ("value", "boxes"),
    [("0", 1), ("1", 0), (False, 1), (True, 0), (None, 1), ("false", 1), (1.0, 0), ("1.0", 0),
     (..., 1)],
)  # fmt: skip
def test_a_crowd_flag_may_be_a_text_a_truth_value_or_nothing(tmp_path, value, boxes):
    (item,) = part(tmp_path, iscrowd=value)
    assert item.tags == ("dog", "person")
    assert len(item.boxes) == 1 + boxes


@pytest.mark.parametrize(
    "size", [{}, {"width": 0, "height": 0}, {"width": None}, {"width": "?", "height": 50},
             {"width": -1, "height": 50}]
)  # fmt: skip
def test_a_size_that_is_not_said_is_that_of_the_picture(tmp_path, dataset, encoded, size):
    entry = {"id": 1, "file_name": "001.jpg"} | size
    write(tmp_path, images=[entry], annotations=[instance(1)])
    (tmp_path / "train2017" / "001.jpg").write_bytes(encoded(size=(200, 100)))
    (item,) = items(tmp_path, dataset)
    assert item.boxes == (Box("person", 0.05, 0.05, 0.25, 0.25),)
    assert item.annotated is None


def test_the_size_that_an_annotation_speaks_of_is_handed_on(tmp_path):
    (item,) = part(tmp_path)
    assert item.annotated == (100, 50)


def test_annotations_of_images_that_are_not_listed_are_counted(tmp_path, dataset):
    lost = [instance(5), instance(5), instance(None), 3]
    write(tmp_path, images=[image(1), {"file_name": "x.jpg"}], annotations=[instance(1), *lost])
    *strange, item = items(tmp_path, dataset)
    assert [(bad.item, bad.reason, bad.split) for bad in strange] == [
        ("train2017/images[1]", "unusable entry", "train"),
        ("train2017/image 5", "annotated but not listed", "train"),
        ("train2017/no image", "annotated but not listed", "train"),
    ]
    assert strange[1].detail.endswith("instances_train2017.json: 2 annotations, first 7")
    assert item.tags == ("person",)


@pytest.mark.parametrize("entry", [{"id": 18}, {"id": 18, "name": []}, {"name": "dog"}, 18])
def test_a_category_without_a_name_costs_the_images_that_show_it(tmp_path, dataset, entry):
    write(tmp_path, images=[image(1), image(2)], annotations=[instance(1, 18), instance(2)],
          categories=[entry, CATEGORIES[1]])  # fmt: skip
    strange, bad, good = items(tmp_path, dataset)
    assert (strange.item, strange.reason) == ("train2017/categories[0]", "unusable entry")
    assert (bad.reason, bad.detail) == ("unknown label", "annotation 7: category 18 is not listed")
    assert good.tags == ("person",)


def test_a_byte_order_mark_is_skipped(tmp_path, dataset):
    path = write(tmp_path, images=[image(1)], annotations=[instance(1)])
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert items(tmp_path, dataset)[0].tags == ("person",)


def test_words_for_no_number_are_found_wherever_the_file_is_cut(tmp_path, dataset):
    annotations = [instance(1) | {"area": float("nan"), "id": n} for n in range(2000)]
    write(
        tmp_path, images=[image(1, file_name=f"Nan NaN {'x' * 300}.jpg")], annotations=annotations
    )
    (item,) = items(tmp_path, dataset)
    assert len(item.boxes) == 2000
    assert item.path.startswith("train2017/Nan NaN x")


def test_the_first_caption_of_an_image_is_its_caption(tmp_path, dataset):
    write(tmp_path, images=[image(1), image(2)])
    texts = [(1, " A dog. "), (1, "Another."), (3, "Nobody.")]
    (tmp_path / "annotations" / "captions_train2017.json").write_text(
        json.dumps({"annotations": [{"image_id": n, "caption": text} for n, text in texts]})
    )
    reader = coco.open_reader(tmp_path, dataset(tmp_path))
    assert [item.caption for item in reader.items()] == ["A dog.", None]
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


@pytest.mark.parametrize(("bare", "found"), [("train2017", "1 in test"), ("val2017", "1 in train")])
def test_a_split_without_annotations_is_refused(tmp_path, dataset, encoded, bare, found):
    for number, name in enumerate(("train2017", "val2017")):
        write(tmp_path, name, [image(1)], [] if name == bare else [instance(1)])
        (tmp_path / name / "001.jpg").write_bytes(encoded(number, size=(100, 50)))
    params = dataset(tmp_path)
    split = "train" if bare == "train2017" else "test"
    message = (
        rf"no image of split '{split}' carries one of the 2 tags \(images with tags: {found}\)"
    )
    with pytest.raises(InputError, match=message):
        ingest(coco.open_reader(tmp_path, params), params, track=silent)


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
