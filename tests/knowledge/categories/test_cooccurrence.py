import subprocess
import sys

import numpy as np
import polars as pl
import pytest

from pipeline_lib.knowledge.categories.cooccurrence import (
    conditional,
    count,
    exclusive,
    without_unseen,
)
from tests.knowledge.categories.conftest import categories, lists

ABC = categories("abc")
ROWS = lists([[0, 1], [0], [0, 1, 2], [], None, [2]])


def pairs(edges, column="strength"):
    return {(t, s): v for t, s, v in edges["target", "source", column].iter_rows()}


def test_worked_example():
    # a in images 0, 1, 2; b in 0, 2; c in 2, 5
    assert count(ROWS, 3).toarray().tolist() == [[3, 2, 1], [2, 2, 1], [1, 1, 2]]
    # P(j|i) = O_ij / O_i: what a receives from b is 2 of 3
    assert pairs(conditional(count(ROWS, 3), ABC)) == pytest.approx(
        {("a", "b"): 2 / 3, ("a", "c"): 1 / 3, ("b", "a"): 1, ("b", "c"): 1 / 2,
         ("c", "a"): 1 / 2, ("c", "b"): 1 / 2}
    )  # fmt: skip


def test_equals_the_count_as_loops():
    rng = np.random.default_rng(0)
    rows = [sorted(rng.choice(7, rng.integers(0, 5), replace=False).tolist()) for _ in range(200)]
    expected = np.zeros((7, 7), int)
    for row in rows:
        for i in row:
            for j in row:
                expected[i, j] += 1
    np.testing.assert_array_equal(count(lists(rows), 7).toarray(), expected)


def test_edges_say_what_they_rest_on():
    text = pairs(conditional(count(ROWS, 3), ABC), "explanation")
    assert text["a", "b"] == "2 of 3 training images of a show b"


def test_unseen_categories_count_nothing():
    counts = without_unseen(count(ROWS, 3), np.array([True, False, True]))
    assert counts.toarray().tolist() == [[3, 0, 1], [0, 0, 0], [1, 0, 2]]
    assert set(pairs(conditional(counts, ABC))) == {("a", "c"), ("c", "a")}


def test_no_images_give_no_edges():
    assert conditional(count(lists([]), 3), ABC).is_empty()
    assert exclusive(count(lists([]), 3), 0, ABC, expected=1).is_empty()


def test_categories_that_avoid_each_other_are_negative_edges():
    # a and b in 5 of 10 images each, never together: chance gives 2.5; c with a in 2 of 4, chance 2
    rows = lists([[0], [0], [0], [0, 2], [0, 2], [1], [1], [1], [1, 2], [1, 2]])
    edges = exclusive(count(rows, 3), 10, ABC, expected=2.0)
    assert pairs(edges) == {("a", "b"): 1.0, ("b", "a"): 1.0}
    assert edges["sign"].unique().to_list() == [-1]
    assert (
        pairs(edges, "explanation")["a", "b"] == "0 training images show a and b, chance gives 2.5"
    )
    assert exclusive(count(rows, 3), 10, ABC, expected=2.6).is_empty()


def test_exclusion_is_one_minus_lift():
    rows = lists([[0, 1], *[[0]] * 4, *[[1]] * 4, [2]])
    # O_a = O_b = 5 of 10, chance 2.5, together 1
    edges = exclusive(count(rows, 3), 10, ABC, expected=1.0)
    assert pairs(edges)["a", "b"] == pytest.approx(1 - 1 / 2.5)


def test_genuine_counts_of_voc_2007(shared_data):
    # Oracle: shared/methods/dlsa.md
    table = pl.read_parquet(shared_data / "voc2007" / "image_level_labels.parquet")
    trainval = table.filter(pl.col("split").is_in(["train", "val"]))
    plain = trainval["labels"]  # without what is difficult only
    names = sorted(set(table["labels"].explode()) - {None})
    index = {name: i for i, name in enumerate(names)}
    labels = plain.list.eval(pl.element().replace_strict(index, return_dtype=pl.Int32))
    counts = count(labels, len(names))
    own = dict(zip(names, counts.diagonal().tolist(), strict=True))
    assert (len(names), own["aeroplane"], own["person"], sum(own.values())) == (20, 238, 2008, 7306)
    for a, b in (("person", "horse"), ("chair", "diningtable")):
        both = sum(a in row and b in row for row in plain)
        assert counts[index[a], index[b]] == counts[index[b], index[a]] == both


SCALE = """
import re, sys, time
from pathlib import Path
import polars as pl
from pipeline_lib.knowledge.categories.cooccurrence import conditional, count
from tests.knowledge.categories.conftest import categories
table = pl.read_parquet(sys.argv[1])
column = next(n for n, t in table.schema.items() if isinstance(t, pl.List))
cells = table[column]
if cells.dtype.inner == pl.String:
    names = sorted(set(cells.explode().drop_nulls()))
    index = {n: i for i, n in enumerate(names)}
    cells = cells.list.eval(pl.element().replace_strict(index, return_dtype=pl.Int32))
width = int(cells.explode().max()) + 1
start = time.perf_counter()
counts = count(cells, width)
edges = conditional(counts, categories([f"c{i}" for i in range(width)]))
seconds = time.perf_counter() - start
# not ru_maxrss, which starts at the size of the process that started this one
peak = int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) / 2**20
print(len(table), width, int(counts.diagonal().sum()), seconds, peak)
"""


def test_nus_wide_is_counted_in_two_seconds_and_one_gib(shared_data, root):
    path = shared_data / "nuswide" / "concepts81_labels.parquet"
    command = [sys.executable, "-c", SCALE, str(path)]
    run = subprocess.run(command, check=True, capture_output=True, text=True, cwd=root)
    rows, width, total, seconds, peak = map(float, run.stdout.split())
    assert (rows, width) == (269_648, 81)
    assert total > 400_000
    assert seconds <= 2
    assert peak <= 1
