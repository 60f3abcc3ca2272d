"""Boxes on pictures that EXIF turns, and annotations that speak of another size."""

import io
import re

import numpy as np
import pytest
from PIL import Image

from pipeline_lib.datasets.decode import decode, decode_picture
from pipeline_lib.datasets.decoding import Decoded, Failure
from pipeline_lib.datasets.placement import placed
from pipeline_lib.datasets.reader import Box, Item

ORIENTATION = 0x0112
STORED = (24, 16)
BOX = Box("cat", 0.25, 0.5, 0.5, 0.25)  # columns 6 to 18, rows 8 to 12 as stored


def item(*boxes, annotated=None):
    return Item("a", "train", "a.png", tags=("cat",), boxes=boxes, annotated=annotated)


def image(turned=1, size=STORED):
    width, height = size if turned < 5 else size[::-1]
    return Decoded(width, height, turned, "0" * 64, None)


def painted(turned):
    """A stored picture, white where the box is, that EXIF turns."""
    pixels = np.zeros((16, 24, 3), np.uint8)
    pixels[8:12, 6:18] = 255
    exif, file = Image.Exif(), io.BytesIO()
    exif[ORIENTATION] = turned
    Image.fromarray(pixels).save(file, "PNG", exif=exif)
    return decode_picture(file.getvalue(), max_pixels=1000)


@pytest.mark.parametrize("turned", range(1, 9))
@pytest.mark.parametrize("annotated", [None, STORED])
def test_a_box_on_stored_pixels_turns_with_the_picture(turned, annotated):
    found = painted(turned)
    assert found.turned == turned
    height, width, _ = found.pixels.shape
    box = placed(item(BOX, annotated=annotated), image(turned)).boxes[0]
    rows = slice(round(box.y * height), round((box.y + box.h) * height))
    columns = slice(round(box.x * width), round((box.x + box.w) * width))
    assert found.pixels[rows, columns].min() == 255
    assert found.pixels[rows, columns].size == (found.pixels == 255).sum()


@pytest.mark.parametrize("turned", [5, 6, 7, 8])
def test_a_box_on_the_upright_picture_stays(turned):
    assert placed(item(BOX, annotated=(16, 24)), image(turned)).boxes == (BOX,)


@pytest.mark.parametrize(
    ("annotated", "turned", "detail"),
    [
        ((16, 24), 1, "the annotation says 16 x 24, the picture has 24 x 16 pixels"),
        ((16, 24), 3, "says 16 x 24, the picture has 24 x 16 pixels, turned by EXIF's orient.* 3"),
        ((48, 32), 1, "the annotation says 48 x 32, the picture has 24 x 16 pixels"),
    ],
)
def test_an_annotation_of_another_size_is_refused_with_both(annotated, turned, detail):
    found = placed(item(BOX, annotated=annotated), image(turned))
    assert isinstance(found, Failure)
    assert found.reason == "annotation of another size"
    assert re.search(detail, found.detail)


def test_without_boxes_the_size_of_the_annotation_does_not_matter():
    plain = item(annotated=(1, 1))
    assert placed(plain, image()) is plain


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), -float("inf")])
def test_a_box_that_is_no_number_fails_its_picture_alone(bad):
    found = placed(item(BOX, Box("cat", 0.0, 0.0, bad, 0.5)), image())
    assert found == Failure("bad box", f"'cat' at 0.0, 0.0, {bad} x 0.5")


@pytest.mark.parametrize(
    "nothing",
    [
        Box("cat", 0.5, 0.5, 0.0, 0.5),  # no width
        Box("cat", 0.5, 0.5, 0.5, -0.1),  # upside down
        Box("cat", 1.5, 0.5, 0.5, 0.5),  # beside the picture
        Box("cat", -0.5, 0.0, 0.5, 1.0),
    ],
)
def test_a_box_without_an_area_is_left_out_and_its_tag_stays(nothing):
    found = placed(item(BOX, nothing), image())
    assert found.boxes == (BOX,)
    assert found.tags == ("cat",)


def test_a_box_is_cut_at_the_edge():
    found = placed(item(Box("cat", -0.25, 0.5, 0.5, 1.0)), image())
    assert found.boxes == (Box("cat", 0.0, 0.5, 0.25, 0.5),)


def test_decode_returns_the_pixels_alone():
    assert decode(np.zeros((2, 3, 3), np.uint8), max_pixels=6).shape == (2, 3, 3)
