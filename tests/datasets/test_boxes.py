"""Boxes from the cells of a table."""

import pyarrow as pa
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from pipeline_lib.datasets.boxes import BadBox, boxes_of
from pipeline_lib.datasets.column_types import is_boxes
from pipeline_lib.datasets.label_names import Naming
from pipeline_lib.datasets.reader import Box

CUP_AND_DOG = Naming({"cup": "cup", 7: "dog"})


def test_boxes_carry_the_names_of_their_tags():
    found = boxes_of([[0.1, 0.2, 0.3, 0.4], [0, 0, 1, 1]], ["cup", 7], CUP_AND_DOG)
    assert [box.tag for box in found] == ["cup", "dog"]
    assert (found[0].x, found[0].y) == (0.1, 0.2)
    assert (found[0].w, found[0].h) == (pytest.approx(0.3), pytest.approx(0.4))
    assert found[1] == Box("dog", 0.0, 0.0, 1.0, 1.0)


def test_an_image_without_cells_has_unknown_boxes_and_one_with_empty_lists_has_none():
    assert boxes_of(None, None, CUP_AND_DOG) is None
    assert boxes_of([], [], CUP_AND_DOG) == ()


def test_boxes_in_pixels_become_fractions():
    found = boxes_of([[30, 10, 60, 20]], ["cup"], CUP_AND_DOG, (120, 40))
    assert found == (Box("cup", 0.25, 0.25, 0.5, 0.5),)


@given(st.lists(st.floats(-0.01, 1.01), min_size=4, max_size=4))
def test_what_rounding_puts_outside_is_cut_off(corners):
    (x, u), (y, v) = sorted(corners[:2]), sorted(corners[2:])
    w, h = u - x, v - y
    assume(min(x + w, 1) > max(x, 0) and min(y + h, 1) > max(y, 0))
    for box in boxes_of([[x, y, w, h]], ["cup"], CUP_AND_DOG):
        assert 0 <= box.x <= box.x + box.w <= 1 + 1e-12
        assert 0 <= box.y <= box.y + box.h <= 1 + 1e-12


@pytest.mark.parametrize(
    ("places", "tags", "message"),
    [
        ([[0, 0, 1, 1]], [], "1 boxes and 0 tags, expected one tag for each box"),
        ([[0, 0, 1]], ["cup"], r"\[0, 0, 1\], expected x, y, w, h"),
        ([[10, 20, 30, 40]], ["cup"], "expected x, y, w, h in fractions of the image, 0 to 1"),
        ([[0.5, 0.5, -0.1, 0.1]], ["cup"], "has no area, expected x, y, w, h in fractions"),
        ([[0.5, 0.5, 0, 0.2]], ["cup"], "has no area"),
        ([[0, 0, 1, None]], ["cup"], "expected x, y, w, h"),
        ([None], ["cup"], "None, expected x, y, w, h"),
        ([[0, 0, 1, 1]], ["hat"], r"the tag of \[0, 0, 1, 1\] is hat, expected a label"),
        ([[0, 0, 1, 1]], [None], "is None, expected a label"),
        ([[0, 0, 1, 1]], None, "1 boxes and 0 tags"),
        ([[float("nan"), 0, 0.1, 0.1]], ["cup"], "in fractions of the image"),
    ],
)
def test_a_box_that_cannot_be_is_refused(places, tags, message):
    with pytest.raises(BadBox, match=message):
        boxes_of(places, tags, CUP_AND_DOG)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (pa.list_(pa.list_(pa.float32())), True),
        (pa.large_list(pa.list_(pa.float64(), 4)), True),
        (pa.list_(pa.null()), True),
        (pa.null(), True),
        (pa.list_(pa.float32()), False),
        (pa.list_(pa.list_(pa.string())), False),
        (pa.string(), False),
    ],
)
def test_columns_of_boxes_are_told_by_their_type(kind, expected):
    assert is_boxes(kind) is expected
