import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline_lib.artifacts.json_file import canonical, read_json, write_json
from pipeline_lib.errors import InputError

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip


def test_text_by_hand():
    text = '{\n  "a": [\n    1,\n    0.5\n  ],\n  "b": "ü"\n}\n'
    assert canonical({"b": "ü", "a": (1, 0.5)}) == text


@settings(deadline=None, max_examples=40)
@given(VALUES)
def test_reading_returns_what_was_written(value):
    assert json.loads(canonical(value)) == value


@settings(deadline=None, max_examples=40)
@given(st.dictionaries(st.text(), VALUES, min_size=2, max_size=4))
def test_the_order_of_keys_does_not_matter(value):
    assert canonical(dict(reversed(value.items()))) == canonical(value)


@pytest.mark.parametrize(
    ("value", "where"),
    [
        (float("nan"), r"\$ is nan"),
        ({"a": {"b": [0.0, float("inf")]}}, r"\$\.a\.b\[1\] is inf"),
        ({"a": (np.float64("-inf"),)}, r"\$\.a\[0\] is -inf"),
    ],
)
def test_a_number_that_is_not_finite_is_named(tmp_path, value, where):
    with pytest.raises(ValueError, match=f"^{where}; expected a finite number"):
        write_json(tmp_path / "metrics.json", value)
    assert not list(tmp_path.iterdir())


def test_a_file_returns_what_was_written(tmp_path):
    write_json(tmp_path / "metrics.json", {"purity": 0.25, "name": "Frühstück"})
    assert read_json(tmp_path / "metrics.json") == {"purity": 0.25, "name": "Frühstück"}
    assert "Frühstück" in (tmp_path / "metrics.json").read_text(encoding="utf-8")


def test_a_missing_file_names_the_command(tmp_path):
    with pytest.raises(InputError, match=r"metrics\.json: missing; run `dvc repro` or `dvc pull`"):
        read_json(tmp_path / "metrics.json")


@pytest.mark.parametrize("content", [b'{"a": 1', b"", b"\xff\xfe"])
def test_a_damaged_file_is_named(tmp_path, content):
    (tmp_path / "metrics.json").write_bytes(content)
    with pytest.raises(InputError, match=r"metrics\.json: not valid JSON \(.*\); delete it"):
        read_json(tmp_path / "metrics.json")
