"""YOLO's text files of boxes."""

import numpy as np
import pytest
from PIL import Image

from pipeline_lib.datasets import yolo
from pipeline_lib.datasets.reader import Box, Item, Rejection, Vocabulary
from pipeline_lib.datasets.registry import open_reader
from pipeline_lib.errors import InputError
from pipeline_lib.progress import silent
from pipeline_lib.steps.ingest import ingest

BOX = Box("dog", 0.25, 0.5, 0.5, 0.25)


def write(root, files):
    for path, content in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(content)


def read(root, dataset):
    name, reader = open_reader(dataset(root))
    assert name == "yolo"
    return reader


@pytest.mark.parametrize("form", ["{}/train/1.{}", "train/{}/1.{}"])
@pytest.mark.parametrize("names", ["[cat, dog]", "{0: cat, 1: dog}"])
def test_boxes_and_names_are_read_in_both_layouts(tmp_path, dataset, form, names):
    image = form.format("images", "jpg")
    write(tmp_path, {"data.yaml": f"names: {names}", image: ""})
    write(tmp_path, {form.format("labels", "txt"): "1 0.5 0.625 0.5 0.25\n"})
    reader = read(tmp_path, dataset)
    assert reader.vocabulary() == Vocabulary((), ("cat", "dog"))
    assert list(reader.items()) == [
        Item(image, "train", image, tags=("dog",), boxes=(BOX,), upright=True)
    ]
    assert list(reader.sources()) == ["data.yaml", form.format("labels", "txt")]


@pytest.mark.parametrize(
    ("line", "box"),
    [
        ("1 0.5 0.625 0.5 0.25 0.9", BOX),  # with a confidence
        ("1 0.25 0.5 0.75 0.5 0.75 0.75 0.25 0.75", BOX),  # a polygon
    ],
)
def test_confidences_and_polygons_are_read(tmp_path, dataset, line, box):
    write(tmp_path, {"data.yaml": "names: [cat, dog]", "images/1.jpg": "", "labels/1.txt": line})
    assert next(iter(read(tmp_path, dataset).items())).boxes == (box,)


def test_an_image_without_a_file_of_boxes_shows_nothing(tmp_path, dataset):
    write(tmp_path, {"data.yaml": "names: [cat]", "images/val/1.jpg": "", "labels/val/2.txt": ""})
    expected = Item("images/val/1.jpg", "val", "images/val/1.jpg", boxes=(), upright=True)
    assert list(read(tmp_path, dataset).items()) == [expected]


@pytest.mark.parametrize(
    ("line", "reason", "detail"),
    [
        ("7 0 0 1 1", "unknown label", "class 7 is not among the names of data.yaml"),
        (
            "0 0 0 1",
            "unreadable annotation",
            "3 numbers after the class, expected 4, or pairs of a polygon",
        ),
        ("0.5 0 0 1 1", "unreadable annotation", "class 0.5, expected a whole number"),
        ("1e999 0 0 1 1", "unreadable annotation", "class inf, expected a whole number"),
        ("cat 0 0 1 1", "unreadable annotation", "could not convert string to float: 'cat'"),
    ],
)
def test_an_odd_line_costs_its_image_alone(tmp_path, dataset, line, reason, detail):
    write(tmp_path, {"data.yaml": "names: [cat]", "images/1.jpg": "", "labels/1.txt": line})
    write(tmp_path, {"images/2.jpg": ""})
    bad, good = read(tmp_path, dataset).items()
    assert bad == Rejection("images/1.jpg", reason, f"labels/1.txt: {detail}")
    assert good.key == "images/2.jpg"


def test_a_box_without_numbers_costs_itself_and_its_tag_counts(tmp_path, dataset):
    lines = "0 nan 0 1 1\n0 0.5 0.5 1 1\n"
    write(tmp_path, {"data.yaml": "names: [cat]", "images/1.jpg": "", "labels/1.txt": lines})
    odd, item = read(tmp_path, dataset).items()
    detail = "labels/1.txt: 1 of 2 hold what is no number"
    assert odd == Rejection("images/1.jpg", "box without sense", detail, lost=False)
    assert (item.tags, item.boxes) == (("cat",), (Box("cat", 0, 0, 1, 1),))


def test_keypoints_after_a_box_are_no_corners_of_a_polygon(tmp_path, dataset):
    line = "1 0.5 0.625 0.5 0.25 0.1 0.1 2 0.9 0.9 2"
    pose = "names: [cat, dog]\nkpt_shape: [2, 3]\n"
    write(tmp_path, {"data.yaml": pose, "images/1.jpg": "", "labels/1.txt": line})
    assert next(iter(read(tmp_path, dataset).items())).boxes == (BOX,)


@pytest.mark.parametrize(
    "text", ["\ufeffnames: {'0': cat, '1': dog}\r\n", "names: {1: dog, 0: cat}"]
)
def test_numbers_of_names_may_be_in_quotes(tmp_path, dataset, text):
    write(tmp_path, {"data.yaml": text, "images/1.jpg": "", "labels/1.txt": ""})
    assert read(tmp_path, dataset).vocabulary().tags == ("cat", "dog")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("names: [cat]\nnames: [dog]\n", "not valid YAML .*found duplicate key"),
        ("names:\n\t- cat\n", "not valid YAML .*cannot start any token"),
        ("names: [cat, null]\n", "class 1 has no name, expected a text"),
        ("names: [cat, ' ']\n", "class 1 has no name, expected a text"),
    ],
)
def test_names_that_cannot_be_told_are_refused(tmp_path, dataset, text, said):
    write(tmp_path, {"data.yaml": text, "images/1.jpg": "", "labels/1.txt": ""})
    with pytest.raises(InputError, match=said):
        open_reader(dataset(tmp_path))


def test_a_folder_without_names_is_refused(tmp_path, dataset):
    write(tmp_path, {"images/1.jpg": "", "labels/1.txt": "", "data.yaml": "names: cat"})
    with pytest.raises(InputError, match=r"no YAML file with 'names' found, expected data.yaml"):
        yolo.open_reader(tmp_path, dataset(tmp_path))


def test_boxes_are_of_the_picture_as_it_is_shown_and_every_file_is_accounted_for(tmp_path, dataset):
    exif = Image.Exif()
    exif[0x0112] = 6
    rng = np.random.default_rng(0)
    write(tmp_path, {"data.yaml": "names: [cat, dog]", "labels/orphan.txt": "0 0 0 1 1"})
    for split in ("train", "test"):
        write(tmp_path, {f"labels/{split}/1.txt": "1 0.5 0.625 0.5 0.25\n"})
        (tmp_path / f"images/{split}").mkdir(parents=True)
        pixels = rng.integers(0, 256, (16, 24, 3), np.uint8)
        Image.fromarray(pixels).save(tmp_path / f"images/{split}/1.png", exif=exif)
    params = dataset(tmp_path)
    found = ingest(read(tmp_path, dataset), params, track=silent)
    assert found.samples["width", "height"].rows() == [(16, 24)] * 2
    assert (
        found.samples["boxes"].to_list()
        == [[{"tag": 1, "x": 0.25, "y": 0.5, "w": 0.5, "h": 0.25}]] * 2
    )
    assert found.account.text() == (
        "held 3 = used 2 + rejected 0 + ignored 1 (not an image: .txt 1)"
    )
    assert found.account.sources == 3
