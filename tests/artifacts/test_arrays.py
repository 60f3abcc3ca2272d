"""Declared arrays: names, types, dimensions."""

import numpy as np
import pytest

from pipeline_lib.artifacts.arrays import FREE, MORE, Array, Found, fault_of
from pipeline_lib.artifacts.tensors import Tensors
from pipeline_lib.errors import InputError

MAPS = (
    Array("maps", "float16", ("images", "channels", 2)),
    Array("pooled", "float16", ("images", "pooled"), optional=True),
)
SCORES = (
    Array("{seed}/extra/{name}", "", (MORE,)),
    Array("{seed}/{split}/logits", "float32", ("images of {split}", "categories")),
)


def maps(*shape, dtype="float16"):
    return {"maps": Found(dtype, shape)}


def scores(**shapes):
    return {f"{key}/logits": Found("float32", shape) for key, shape in shapes.items()}


def test_arrays_as_declared_are_no_fault():
    assert fault_of(MAPS, maps(3, 4, 2)) == ""
    assert fault_of(MAPS, maps(3, 4, 2) | {"pooled": Found("float16", (3, 9))}) == ""
    assert fault_of(MAPS, maps(0, 4, 2)) == ""


@pytest.mark.parametrize(
    ("found", "fault"),
    [
        ({}, "no array 'maps', expected float16 (images, channels, 2)"),
        (maps(3, 4, 2, dtype="float32"), "array 'maps' is float32 (3, 4, 2), expected float16 (im"),
        (maps(3, 4), "array 'maps' is float16 (3, 4), expected float16 (images, channels, 2)"),
        (maps(3, 4, 5), "array 'maps' is float16 (3, 4, 5), expected float16 (images, channels, 2"),
        (
            maps(3, 4, 2) | {"pooled": Found("float16", (5, 9))},
            "array 'pooled' has 5 images, expected 3 as 'maps' has",
        ),
        (
            maps(3, 4, 2) | {"mask": Found("bool", (3,))},
            "unexpected array 'mask', expected maps, pooled",
        ),
    ],
)
def test_the_first_fault_is_named(found, fault):
    assert fault_of(MAPS, found).startswith(fault)


def test_names_by_a_pattern_have_dimensions_of_their_own():
    per_split = {"0/test/logits": (5, 3), "1/test/logits": (5, 3), "0/val/logits": (2, 3)}
    found = {name: Found("float32", shape) for name, shape in per_split.items()}
    assert fault_of(SCORES, found) == ""
    assert fault_of(SCORES, found | {"1/val/logits": Found("float32", (5, 3))}) == (
        "array '1/val/logits' has 5 images of val, expected 2 as '0/val/logits' has"
    )
    other = found | {"1/val/logits": Found("float32", (2, 4))}
    assert "has 4 categories, expected 3" in fault_of(SCORES, other)
    assert "unexpected array '0/logits'" in fault_of(SCORES, {"0/logits": Found("float32", (2, 3))})


def test_a_placeholder_at_the_end_stands_for_any_text():
    assert fault_of(SCORES, {"0/extra/test/nodes": Found("int64", ())}) == ""
    assert fault_of(FREE, {"a/b.c": Found("bool", (1, 2, 3))}) == ""


def test_more_dimensions_may_follow_named_ones():
    rows = (Array("{name}", "", ("rows", MORE)),)
    assert fault_of(rows, {"a": Found("int32", (3,)), "b": Found("int32", (3, 4))}) == ""
    assert "has 2 rows, expected 3" in fault_of(
        rows, {"a": Found("int32", (3,)), "b": Found("int32", (2, 4))}
    )
    assert fault_of(rows, {"a": Found("int32", ())}) == (
        "array 'a' is int32 (), expected any type (rows, ...)"
    )


def test_a_file_is_checked_when_written_and_when_read(tmp_path):
    kind = Tensors("maps", "maps", (Array("maps", "float16", ("images",)),))
    expected = (
        r"t: array 'maps' is float64 \(2,\), expected float16 \(images,\); re-run `dvc repro m"
    )
    with pytest.raises(InputError, match=expected):
        kind.write(tmp_path / "t", {"maps": np.zeros(2)})
    assert list(tmp_path.iterdir()) == []
    Tensors("maps", "maps", FREE).write(tmp_path / "t", {"maps": np.zeros(2)})
    with pytest.raises(InputError, match=expected):
        kind.read(tmp_path / "t")


@pytest.mark.parametrize("dtype", ["bool", "uint8", "int8", "int32", "int64", "float16", "float64"])
def test_types_are_called_as_numpy_calls_them(tmp_path, dtype):
    kind = Tensors("numbers", "maps", (Array("n", dtype, ("rows",)),))
    kind.write(tmp_path / "t", {"n": np.zeros(2, dtype)})
    assert kind.read(tmp_path / "t")[0]["n"].dtype == dtype
