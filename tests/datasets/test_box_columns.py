"""Boxes of objects in the columns of files of rows."""

import pyarrow as pa
import pytest

from pipeline_lib.errors import InputError
from tests.datasets.tables import class_label, hugging_face, opened, write

BOX = [0.0, 0.0, 0.5, 0.5]
HALF = (0.0, 0.0, 0.5, 0.5)


def corners(item):
    return [(box.tag, box.x, box.y, box.w, box.h) for box in item.boxes]


def test_boxes_lie_beside_their_tags(tmp_path, dataset):
    boxes = [None, [BOX, [0.5, 0.5, 0.5, 0.5]], []]
    labels = [None, ["dog", "cup"], None]
    write(tmp_path / "a.parquet", tags=[["cup"], ["dog"], []], boxes=boxes, box_labels=labels)
    items = list(opened(tmp_path, dataset).items())
    assert items[0].boxes is None
    assert [(box.tag, box.x) for box in items[1].boxes] == [("dog", 0.0), ("cup", 0.5)]
    assert items[1].tags == ("dog", "cup")  # an object with a box is there
    assert items[2].boxes == ()


def test_the_tags_of_boxes_are_tags_where_there_is_no_column_of_them(tmp_path, dataset):
    write(tmp_path / "a.parquet", label=["x", "y"], boxes=[[BOX], []], box_labels=[["cup"], []])
    reader = opened(tmp_path, dataset)
    assert reader.vocabulary().tags == ("cup",)
    assert [item.tags for item in reader.items()] == [("cup",), ()]


def test_integers_of_boxes_are_named_as_those_of_tags(tmp_path, dataset):
    feature = {"_type": "Sequence", "feature": class_label("sky", "sea")}
    columns = {"tags": [[0, 1], [1]], "boxes": [[BOX], []], "box_labels": [[1], []]}
    write(tmp_path / "a.parquet", hugging_face(tags=feature), **columns)
    assert corners(next(opened(tmp_path, dataset).items())) == [("sea", *HALF)]
    write(tmp_path / "a.parquet", **columns)
    assert corners(next(opened(tmp_path, dataset).items())) == [("tag_001", *HALF)]


@pytest.mark.parametrize(
    ("box", "tag"),
    [
        ([float("nan"), 0, 0.1, 0.1], "dog"),
        ([0.1, 0.1, 0.0, 0.5], "dog"),
        ([0.1, 0.1, None, 0.5], "dog"),
        ([0.1, 0.1, 0.5], "dog"),
        ([10.0, 20.0, 30.0, 40.0], "dog"),
        (None, "dog"),
        (BOX, None),
    ],
)
def test_a_box_without_sense_costs_itself_and_not_its_image(tmp_path, dataset, box, tag):
    write(
        tmp_path / "train.parquet",
        tags=[["cup"]] * 3,
        boxes=[[BOX], [BOX, box], [BOX]],
        box_labels=[["cup"], ["cup", tag], ["cup"]],
    )
    first, lost, second, third = opened(tmp_path, dataset).items()
    assert corners(first) == corners(second) == corners(third) == [("cup", *HALF)]
    assert second.tags == ("cup", *([tag] if tag else []))  # its object is there all the same
    assert (lost.item, lost.reason) == ("train.parquet:1, box 2", "box without sense")
    assert (lost.split, lost.lost) == ("train", False)


@pytest.mark.parametrize(
    ("boxes", "tags", "detail"),
    [
        ([BOX], ["cup", "dog"], "1 boxes and 2 tags, expected one tag for each box"),
        ([BOX], None, "1 boxes and 0 tags"),
        (None, ["cup"], "0 boxes and 1 tags"),
    ],
)
def test_an_image_with_boxes_and_tags_of_another_number_is_rejected(
    tmp_path, dataset, boxes, tags, detail
):
    write(tmp_path / "a.parquet", boxes=[boxes, [BOX]], box_labels=[tags, ["cup"]])
    bad, good = opened(tmp_path, dataset).items()
    assert (bad.reason, bad.lost, corners(good)) == ("bad boxes", True, [("cup", *HALF)])
    assert detail in bad.detail


def test_boxes_in_pixels_need_the_size_of_the_image(tmp_path, dataset):
    columns = {"boxes": [[[0.0, 0.0, 60.0, 40.0]], []], "box_labels": [["cup"], []]}
    write(tmp_path / "a.parquet", **columns)
    message = "boxes in 'boxes' are in pixels, expected fractions of the image, 0 to 1, or columns"
    with pytest.raises(InputError, match=message):
        opened(tmp_path, dataset)
    write(tmp_path / "a.parquet", width=[120, 80], height=[80, 80], **columns)
    first, second = opened(tmp_path, dataset).items()
    assert corners(first) == [("cup", *HALF)]
    assert (first.annotated, second.annotated) == ((120, 80), None)


def test_sizes_say_nothing_of_boxes_in_fractions(tmp_path, dataset):
    boxes = [[BOX], [BOX], [[10.0, 20.0, 30.0, 40.0]]]
    columns = {"boxes": boxes, "box_labels": [["cup"]] * 3}
    write(tmp_path / "a.parquet", width=[60] * 3, height=[60] * 3, **columns)
    first, _, lost, third = opened(tmp_path, dataset).items()
    assert corners(first) == [("cup", *HALF)]
    assert first.annotated is None
    assert (lost.reason, third.boxes) == ("box without sense", ())


@pytest.mark.parametrize("size", [None, 0, -4])
def test_boxes_in_pixels_of_an_image_without_a_size_are_left_out(tmp_path, dataset, size):
    columns = {"boxes": [[[0.0, 0.0, 6.0, 4.0]]] * 2, "box_labels": [["cup"]] * 2}
    write(tmp_path / "a.parquet", width=[size, 12], height=[8, 8], **columns)
    lost, item, _ = opened(tmp_path, dataset).items()
    assert lost.detail == "the image has no width and height, expected pixels"
    assert (item.tags, item.boxes) == (("cup",), ())


def test_boxes_that_are_corners_are_left_out(tmp_path, dataset):
    columns = {"bboxes": [[[50, 50, 100, 100]]], "box_tags": [["cup"]]}
    write(tmp_path / "a.parquet", width=[100], height=[100], **columns)
    lost = next(opened(tmp_path, dataset).items())
    assert lost.detail == "[50, 50, 100, 100], expected x, y, w, h in pixels of 100 x 100"


OBJECTS = [
    {"id": 1, "bbox": [0.0, 0.0, 60.0, 40.0], "category": 1},
    {"id": 2, "bbox": [60.0, 40.0, 60.0, 40.0], "category": 0},
]
TURNED = {name: [one[name] for one in OBJECTS] for name in OBJECTS[0]}
NAMES = class_label("cup", "dog")
FEATURES = [
    {"_type": "Sequence", "feature": {"bbox": {}, "category": NAMES}},
    {"_type": "List", "feature": {"category": NAMES}},
    [{"category": NAMES}],
    {"category": {"_type": "Sequence", "feature": NAMES}},
]


@pytest.mark.parametrize("feature", FEATURES)
@pytest.mark.parametrize(("full", "empty"), [(OBJECTS, []), (TURNED, None)])
def test_structs_of_objects_are_boxes(tmp_path, dataset, feature, full, empty):
    columns = {"width": [120, 1], "height": [80, 1], "objects": [full, empty]}
    write(tmp_path / "train.parquet", hugging_face(objects=feature), **columns)
    reader = opened(tmp_path, dataset)
    first, second = reader.items()
    assert reader.vocabulary().tags == ("cup", "dog")
    assert corners(first) == [("dog", *HALF), ("cup", 0.5, 0.5, 0.5, 0.5)]
    assert first.tags == ("dog", "cup")
    assert not second.boxes


@pytest.mark.parametrize("other", ["a", "z"])
@pytest.mark.parametrize("kind", [pa.null(), pa.list_(pa.null())])
def test_a_file_without_any_object_is_read(tmp_path, dataset, other, kind):
    columns = {"width": [120], "height": [80]}
    types = {"objects": kind}
    write(tmp_path / "m.parquet", objects=[OBJECTS], **columns)
    write(tmp_path / f"{other}.parquet", types=types, objects=[None], **columns)
    assert len(list(opened(tmp_path, dataset).items())) == 2


@pytest.mark.parametrize(
    ("columns", "found"),
    [
        (
            {"boxes": [[1.0]], "box_labels": [["a"]]},
            r"'boxes' is list<.*>, expected lists of \(x, y",
        ),
        (
            {"boxes": [[BOX]], "box_labels": ["a"]},
            "'box_labels' is string, expected a list with the",
        ),
        ({"objects": [[{"bbox": "0 0", "label": 1}]]}, "'objects' is list<.*>, expected lists of"),
        (
            {"objects": [[{"bbox": BOX, "label": 0.5}]]},
            r"'objects\.label' holds 0\.5, expected labels",
        ),
        (
            {"objects": [[{"bbox": BOX, "label": True}]]},
            r"'objects\.label' is .*, expected strings",
        ),
        (
            {"objects": [[{"box": BOX, "tag": 1}]]},
            "'objects' is list<.*struct.*>, expected strings",
        ),
        (
            {"boxes": [[BOX]]},
            "'boxes' alone makes no boxes, expected a column with the tag of each",
        ),
        ({"box_labels": [["a"]]}, "'box_labels' alone makes no boxes, expected .* the boxes too"),
    ],
)
def test_columns_that_are_no_boxes_are_named(tmp_path, dataset, columns, found):
    write(tmp_path / "a.parquet", **columns)
    with pytest.raises(InputError, match=found):
        opened(tmp_path, dataset)
