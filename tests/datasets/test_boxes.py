"""Boxes from the cells of a table."""

import pyarrow as pa
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from pipeline_lib.datasets.boxes import FRACTIONS, BadBox, box_from, paired
from pipeline_lib.datasets.column_types import is_boxes
from pipeline_lib.datasets.label_names import Naming
from pipeline_lib.datasets.reader import Box

CUP_AND_DOG = Naming({"cup": "cup", 7: "dog"})


def box(place, tag="cup", size=FRACTIONS):
    return box_from(place, tag, CUP_AND_DOG, size)


def test_a_box_carries_the_name_of_its_tag():
    found = box([0.1, 0.2, 0.3, 0.4], 7)
    assert (found.tag, found.x, found.y) == ("dog", 0.1, 0.2)
    assert (found.w, found.h) == (pytest.approx(0.3), pytest.approx(0.4))
    assert box([0, 0, 1, 1]) == Box("cup", 0.0, 0.0, 1.0, 1.0)


def test_a_box_in_pixels_becomes_fractions():
    assert box([30, 10, 60, 20], size=(120, 40)) == Box("cup", 0.25, 0.25, 0.5, 0.5)


@given(st.lists(st.floats(-0.01, 1.01), min_size=4, max_size=4))
def test_what_rounding_puts_outside_is_cut_off(corners):
    (x, u), (y, v) = sorted(corners[:2]), sorted(corners[2:])
    w, h = u - x, v - y
    assume(min(x + w, 1) > max(x, 0) and min(y + h, 1) > max(y, 0))
    found = box([x, y, w, h])
    assert 0 <= found.x <= found.x + found.w <= 1 + 1e-12
    assert 0 <= found.y <= found.y + found.h <= 1 + 1e-12


@pytest.mark.parametrize(
    ("place", "tag", "size", "message"),
    [
        ([0, 0, 1], "cup", FRACTIONS, r"\[0, 0, 1\], expected x, y, w, h"),
        ([10, 20, 30, 40], "cup", FRACTIONS, "expected x, y, w, h in fractions, 0 to 1"),
        ([50, 50, 100, 100], "cup", (100, 100), "expected x, y, w, h in pixels of 100 x 100"),
        ([0.5, 0.5, -0.1, 0.1], "cup", FRACTIONS, "has no area, expected x, y, w, h in fractions"),
        ([0.5, 0.5, 0, 0.2], "cup", FRACTIONS, "has no area"),
        ([0, 0, 1, None], "cup", FRACTIONS, "expected x, y, w, h"),
        ([float("nan"), 0, 0.1, 0.1], "cup", FRACTIONS, "x, y, w, h in fractions"),
        ([0, 0, float("inf"), 0.1], "cup", FRACTIONS, "x, y, w, h in fractions"),
        (None, "cup", FRACTIONS, "None, expected x, y, w, h"),
        ([0, 0, 1, 1], "hat", FRACTIONS, r"the tag of \[0, 0, 1, 1\] is hat, expected a label"),
        ([0, 0, 1, 1], None, FRACTIONS, "is None, expected a label"),
        ([0, 0, 1, 1], "cup", None, "the image has no width and height, expected pixels"),
    ],
)
def test_a_box_that_cannot_be_is_refused(place, tag, size, message):
    with pytest.raises(BadBox, match=message):
        box(place, tag, size)


def test_every_box_has_a_tag():
    assert paired([1, 2], ["cup", "dog"]) == [(1, "cup"), (2, "dog")]
    assert paired([], None) == paired(None, []) == []


@pytest.mark.parametrize(("places", "tags"), [([1], ["cup", "dog"]), ([1], None), (None, ["cup"])])
def test_boxes_and_tags_of_another_number_are_refused(places, tags):
    with pytest.raises(BadBox, match=r"[01] boxes and [012] tags, expected one tag for each box"):
        paired(places, tags)


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
