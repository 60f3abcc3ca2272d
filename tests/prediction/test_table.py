"""Rows of what a run says."""

import io

import numpy as np
import polars as pl
import pytest

from pipeline_lib.datasets.decoding import Failure
from pipeline_lib.errors import InputError
from pipeline_lib.prediction.table import Layout, as_csv, refuse_separator

NAMES = ["boat", "crab", "duck"]
SCORES = [np.array(row, np.float32) for row in ([0.0, 2.0, -1.0], [1.0, -0.5, 1.0])]
BAD = Failure("truncated image", "at the end")


def test_classes_are_the_likeliest_with_their_share():
    layout = Layout(NAMES, exclusive=True, top=2, cuts=None, temperature=2.0)
    found = layout.frame(["x", "y", "z"], [SCORES[0], BAD, SCORES[1]])
    powers = np.exp(np.array(SCORES[0]) / 2)  # of a temperature of 2
    first = {"id": "x", "top_1": "crab", "top_2": "boat", "reason": None, "detail": None}
    shares = {f"top_{i}_probability": powers[j] / powers.sum() for i, j in ((1, 1), (2, 0))}
    assert found.row(0, named=True) == pytest.approx(first | shares)
    assert found.row(1) == ("y", None, None, None, None, "truncated image", "at the end")
    assert found["top_1"].to_list() == ["crab", None, "boat"]  # of equal ones the first
    assert found.schema == layout.dtypes


def test_tags_are_those_above_their_own_score_likeliest_first():
    cuts = np.array([-0.5, 2.5, -1.0], np.float32)
    layout = Layout(NAMES, exclusive=False, top=0, cuts=cuts)
    found = layout.frame(["x", "y"], SCORES)
    assert found.columns == ["id", "tags", "tag_probabilities", "reason", "detail"]
    assert found["tags"].to_list() == [["boat"], ["boat", "duck"]]  # -1 is not above -1
    sigmoid = 1 / (1 + np.exp(-1.0))
    np.testing.assert_allclose(found["tag_probabilities"].to_list()[1], [sigmoid] * 2, rtol=1e-6)


def test_every_number_is_there_on_request():
    layout = Layout(NAMES, exclusive=True, top=9, cuts=None, probabilities=True, scores=True)
    found = layout.frame(["x", "y"], SCORES)
    assert list(layout.places) == [1, 2, 3]
    beliefs = found.select(pl.col("^probability .*$")).to_numpy()
    np.testing.assert_allclose(beliefs.sum(1), 1, rtol=1e-6)
    np.testing.assert_array_equal(found.select(pl.col("^score .*$")).to_numpy(), SCORES)


def test_csv_parts_the_tags_of_a_cell():
    layout = Layout(NAMES, exclusive=False, top=1, cuts=np.zeros(3, np.float32))
    text = as_csv(layout.frame(["é, 1", "y"], [SCORES[1], BAD]), header=True)
    first, second = pl.read_csv(io.StringIO(text)).iter_rows(named=True)
    assert first["tags"] == "boat;duck"
    assert first["tag_probabilities"] == "0.731059;0.731059"
    assert (first["id"], first["top_1_probability"]) == ("é, 1", 0.731059)
    assert (second["tags"], second["reason"]) == (None, "truncated image")
    refuse_separator(NAMES)
    with pytest.raises(InputError, match=r"a;b hold ';', which parts the tags .*write Parquet"):
        refuse_separator(["a;b", "c"])


def test_no_picture_at_all_leaves_the_columns():
    layout = Layout(NAMES, exclusive=False, top=1, cuts=np.zeros(3, np.float32))
    assert layout.frame([], []).schema == layout.dtypes
    assert layout.frame(["x"], [BAD]).schema == layout.dtypes
