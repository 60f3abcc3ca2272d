import itertools
import os
import random
import signal
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline_lib.artifacts.parts import PART, PartStore
from pipeline_lib.errors import InputError


def rows(keys):
    """One vector per key, which tells the key."""
    return np.array([[int(key), int(key) + 0.5] for key in keys], np.float32)


@pytest.fixture
def store(tmp_path):
    """Two parts: keys 0 to 2 and 3 to 4."""
    store = PartStore(tmp_path / "parts")
    for keys in (["0", "1", "2"], ["3", "4"]):
        store.add(keys, {"rows": rows(keys)})
    return store


def gathered(store, keys, per_chunk=100):
    return np.concatenate([chunk["rows"] for chunk in store.gather(keys, per_chunk)])


def part_of(store, key):
    """Return the file that holds ``key``."""
    return next(p for p in store.folder.iterdir() if key in PART.read(p)[1]["keys"])


def test_an_empty_store_misses_every_key(tmp_path):
    assert PartStore(tmp_path / "none").missing(["b", "a", "b"]) == ["b", "a"]


def test_only_new_keys_are_missing(store):
    assert store.missing(["7", "1", "5", "3", "7"]) == ["7", "5"]


def test_rows_come_in_the_order_that_is_asked_for(store):
    keys = ["4", "0", "3", "0", "2"]
    np.testing.assert_array_equal(gathered(store, keys), rows(keys))


@pytest.mark.parametrize(("per_chunk", "sizes"), [(1, [1] * 5), (2, [2, 2, 1]), (5, [5]), (9, [5])])
def test_chunks_are_full_but_for_the_last(store, per_chunk, sizes):
    keys = ["0", "1", "2", "3", "4"]
    chunks = [chunk["rows"] for chunk in store.gather(keys, per_chunk)]
    assert [len(chunk) for chunk in chunks] == sizes
    np.testing.assert_array_equal(np.concatenate(chunks), rows(keys))


@settings(deadline=None, max_examples=20)
@given(data=st.data(), count=st.integers(1, 12))
def test_how_keys_were_parted_changes_no_row(tmp_path_factory, data, count):
    keys = [str(i) for i in range(count)]
    shuffled = data.draw(st.permutations(keys))
    cuts = sorted(data.draw(st.sets(st.integers(1, count))) | {0, count})
    store = PartStore(tmp_path_factory.mktemp("parts"))
    for start, stop in itertools.pairwise(cuts):
        store.add(shuffled[start:stop], {"rows": rows(shuffled[start:stop])})
    wanted = data.draw(st.lists(st.sampled_from(keys), min_size=1))
    np.testing.assert_array_equal(gathered(store, wanted, 3), rows(wanted))


def test_the_same_keys_give_the_same_file(store):
    before = {p.name: p.read_bytes() for p in store.folder.iterdir()}
    store.add(["3", "4"], {"rows": rows(["3", "4"])})
    assert {p.name: p.read_bytes() for p in store.folder.iterdir()} == before


@pytest.mark.parametrize("size", [0, 30, -1])
def test_a_truncated_part_is_computed_again(store, size):
    part = part_of(store, "3")
    part.write_bytes(part.read_bytes()[:size])
    assert store.missing(["0", "3", "4"]) == ["3", "4"]
    assert not part.exists()
    store.add(["3", "4"], {"rows": rows(["3", "4"])})
    keys = ["4", "2", "3"]
    np.testing.assert_array_equal(gathered(store, keys), rows(keys))


def test_a_part_of_another_version_is_computed_again(store):
    part = part_of(store, "3")
    old = replace(PART, version=PART.version + 1)
    old.write(part, {"rows": rows(["3", "4"])}, keys=["3", "4"])
    assert store.missing(["3", "0"]) == ["3"]


def test_a_writer_that_is_killed_costs_its_own_part_only(store, root):
    code = (
        "import os, sys, numpy, pipeline_lib.artifacts.atomic as atomic\n"
        "from pathlib import Path\nfrom pipeline_lib.artifacts.parts import PartStore\n"
        "atomic.os.fsync = lambda _: os.kill(os.getpid(), 9)\n"
        "PartStore(Path(sys.argv[1])).add(['7'], {'rows': numpy.zeros((1, 2))})\n"
    )
    done = subprocess.run([sys.executable, "-c", code, store.folder], check=False, cwd=root)
    assert done.returncode == -signal.SIGKILL
    assert len(os.listdir(store.folder)) == 3  # the dead writer's temporary file is there …
    assert store.missing(["0", "3", "7"]) == ["7"]  # … and is no part


def test_a_key_that_no_part_holds_is_an_error_of_the_caller(store):
    with pytest.raises(KeyError, match="9"):
        gathered(store, ["0", "9"])


def test_gathering_nothing_yields_nothing(store):
    assert list(store.gather([], 5)) == []


def test_rows_that_are_not_finite_are_refused(store):
    with pytest.raises(InputError, match="tensor 'rows' has 1 values that are not finite"):
        store.add(["9"], {"rows": np.array([[np.nan]])})
    assert store.missing(["9"]) == ["9"]


def test_scalars_and_maps_can_be_rows(tmp_path):
    rng = np.random.default_rng(0)
    for name, shape in {"scalar": (), "map": (2, 3, 4)}.items():
        values = rng.normal(size=(6, *shape)).astype(np.float16)
        keys = [str(i) for i in range(6)]
        random.Random(0).shuffle(keys)
        store = PartStore(tmp_path / name)
        store.add(keys[:4], {"rows": values[:4]})
        store.add(keys[4:], {"rows": values[4:]})
        found = gathered(store, keys[::-1])
        assert found.dtype == np.float16
        np.testing.assert_array_equal(found, values[::-1])
