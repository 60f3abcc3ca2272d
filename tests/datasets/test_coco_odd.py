import re

import pytest

from pipeline_lib.datasets import coco
from pipeline_lib.datasets.reader import Box
from pipeline_lib.errors import InputError
from pipeline_lib.progress import silent
from pipeline_lib.steps.ingest import ingest
from tests.datasets.coco_set import CATEGORIES, image, instance, items, part, write


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


@pytest.mark.parametrize("bare", ["train2017", "val2017"])
def test_a_split_without_annotations_is_refused_or_said(tmp_path, dataset, encoded, bare):
    for number, name in enumerate(("train2017", "val2017")):
        write(tmp_path, name, [image(1)], [] if name == bare else [instance(1)])
        (tmp_path / name / "001.jpg").write_bytes(encoded(number, size=(100, 50)))
    params = dataset(tmp_path)
    reader = coco.open_reader(tmp_path, params)
    if bare == "train2017":
        message = r"no image of split 'train' carries one of the 2 tags \(images with tags: 1 in te"
        with pytest.raises(InputError, match=message):
            ingest(reader, params, track=silent)
    else:
        lines = ingest(reader, params, track=silent).remarks.lines()
        assert any(line.startswith("no image of split 'test' carries a tag") for line in lines)


@pytest.mark.parametrize("odd", [b'"\xed\xa0\x80x', b"\xed\xa0\x80", b'"\xff'])
def test_bytes_that_are_no_text_are_refused_wherever_they_stand(tmp_path, dataset, odd):
    path = write(tmp_path, images=[image(1)], annotations=[instance(1)])
    path.write_bytes(path.read_bytes().replace(b'"width"', odd + b'"width"'))
    with pytest.raises(InputError, match=r"train2017\.json: not complete JSON"):
        items(tmp_path, dataset)
