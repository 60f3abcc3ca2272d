import json
import os
import subprocess
import sys

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from safetensors import safe_open
from safetensors.numpy import save_file
from safetensors.torch import load_file

from pipeline_lib.artifacts.arrays import FREE
from pipeline_lib.artifacts.tensors import METADATA_KEY, Tensors
from pipeline_lib.errors import InputError

NUMBERS = Tensors("numbers", "features", FREE)
DTYPES = ("bool", "u1", "i4", "i8", "f2", "f4", "f8")
IN_ANOTHER_PROCESS = """
import hashlib, sys
from pathlib import Path

import numpy as np

from pipeline_lib.artifacts.arrays import FREE
from pipeline_lib.artifacts.tensors import Tensors

rng = np.random.default_rng(0)
arrays = {f"{seed}/x": rng.normal(size=(50, 7)).astype(np.float32) for seed in range(9)}
header = {key: key * 3 for key in "abcdefghij"}
Tensors("numbers", "features", FREE).write(Path(sys.argv[1]), arrays, **header)
print(hashlib.sha256(Path(sys.argv[1]).read_bytes()).hexdigest())
"""


@settings(deadline=None, max_examples=40)
@given(
    array=st.sampled_from(DTYPES).flatmap(
        lambda dtype: hnp.arrays(
            dtype, hnp.array_shapes(min_dims=0, max_dims=3, min_side=0),
            elements=hnp.from_dtype(np.dtype(dtype), allow_nan=False, allow_infinity=False),
        )
    )
)  # fmt: skip
def test_arrays_come_back_as_they_were(tmp_path_factory, array):
    path = tmp_path_factory.getbasetemp() / "round-trip"
    NUMBERS.write(path, {"a": array})
    (found,) = NUMBERS.read(path)[0].values()
    assert (found.dtype, found.shape) == (array.dtype, array.shape)
    np.testing.assert_array_equal(found, array)


def test_a_scalar_stays_a_scalar(tmp_path):
    # as the num_batches_tracked of a batch norm, which timm would refuse as a vector
    NUMBERS.write(tmp_path / "t", {"n": np.array(3)})
    assert NUMBERS.read(tmp_path / "t")[0]["n"].shape == ()


def test_views_are_written_in_their_own_order(tmp_path):
    array = np.arange(6).reshape(2, 3)
    NUMBERS.write(tmp_path / "t", {"t": array.T, "r": array[:, ::-1]})
    found, _ = NUMBERS.read(tmp_path / "t")
    assert found["t"].tolist() == [[0, 3], [1, 4], [2, 5]]
    assert found["r"].tolist() == [[2, 1, 0], [5, 4, 3]]


def test_the_header_holds_any_json(tmp_path):
    header = {"seeds": [1, 2], "nested": {"a": None, "b": 0.5}, "name": "ü"}
    NUMBERS.write(tmp_path / "t", {"n": np.zeros(1)}, **header)
    found = NUMBERS.read(tmp_path / "t")[1]
    assert found == header | {"artifact": "numbers", "version": 1}


def test_several_header_keys_give_one_metadata_key(tmp_path):
    NUMBERS.write(tmp_path / "t", {"n": np.zeros(1)}, b=1, a=2)
    with safe_open(tmp_path / "t", framework="np") as file:
        metadata = file.metadata()
    assert list(metadata) == [METADATA_KEY]
    assert list(json.loads(metadata[METADATA_KEY])) == ["a", "artifact", "b", "version"]


def test_the_order_of_arrays_and_header_changes_no_byte(tmp_path):
    arrays = {"a": np.zeros(3, np.float32), "b": np.ones((2, 2), np.int64), "c": np.ones(1)}
    NUMBERS.write(tmp_path / "one", arrays, x=1, y=2)
    NUMBERS.write(tmp_path / "two", dict(reversed(arrays.items())), y=2, x=1)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_two_processes_write_the_same_bytes(tmp_path, root):
    started = [
        subprocess.Popen(
            [sys.executable, "-c", IN_ANOTHER_PROCESS, tmp_path / seed],
            env=os.environ | {"PYTHONHASHSEED": seed, "OMP_NUM_THREADS": seed},
            stdout=subprocess.PIPE, text=True, cwd=root,
        )
        for seed in "123"
    ]  # fmt: skip
    assert len({process.communicate()[0] for process in started}) == 1
    assert all(process.returncode == 0 for process in started)


def test_torch_users_read_the_same_numbers(tmp_path):
    NUMBERS.write(tmp_path / "t", {"n": np.arange(3, dtype=np.float32)})
    assert torch.equal(load_file(tmp_path / "t")["n"], torch.arange(3.0))


def test_rows_can_be_read_without_the_rest(tmp_path):
    NUMBERS.write(tmp_path / "t", {"n": np.arange(12).reshape(6, 2)}, kind="even")
    with NUMBERS.opened(tmp_path / "t") as (file, header):
        assert file.get_slice("n")[2:4].tolist() == [[4, 5], [6, 7]]
        assert header["kind"] == "even"


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_values_that_are_not_finite_are_counted(tmp_path, bad, dtype):
    path = tmp_path / "features.safetensors"
    NUMBERS.write(path, {"a": np.zeros(1)})
    old = path.read_bytes()
    arrays = {"a": np.zeros(3, dtype), "b": np.array([0, bad, bad], dtype)}
    expected = r"features\.safetensors: tensor 'b' has 2 values that are not finite, expected none"
    with pytest.raises(InputError, match=expected):
        NUMBERS.write(path, arrays)
    assert path.read_bytes() == old
    assert list(tmp_path.iterdir()) == [path]


def test_a_missing_file_names_the_commands(tmp_path):
    with pytest.raises(InputError, match=r"/t: missing; run `dvc repro features` or `dvc pull`"):
        NUMBERS.read(tmp_path / "t")


@pytest.mark.parametrize("size", [0, 4, 40, -1])
def test_a_truncated_file_is_named(tmp_path, size):
    NUMBERS.write(tmp_path / "t", {"n": np.zeros(100)})
    (tmp_path / "t").write_bytes((tmp_path / "t").read_bytes()[:size])
    expected = r"/t: not a complete tensor file \(.*\); re-run `dvc repro features`"
    with pytest.raises(InputError, match=expected):
        NUMBERS.read(tmp_path / "t")


def test_a_folder_is_no_tensor_file(tmp_path):
    with pytest.raises(InputError, match="not a complete tensor file"):
        NUMBERS.read(tmp_path)


def test_another_artifact_is_named(tmp_path):
    Tensors("scores", "train", FREE).write(tmp_path / "t", {"n": np.zeros(1)})
    expected = (
        r"/t: holds artifact 'scores' version 1, expected 'numbers' version 1; "
        r"re-run `dvc repro features`"
    )
    with pytest.raises(InputError, match=expected):
        NUMBERS.read(tmp_path / "t")


def test_another_version_is_named(tmp_path):
    Tensors("numbers", "features", FREE, version=2).write(tmp_path / "t", {"n": np.zeros(1)})
    with pytest.raises(InputError, match="'numbers' version 2, expected 'numbers' version 1"):
        NUMBERS.read(tmp_path / "t")


def test_a_file_of_another_program_is_named(tmp_path):
    save_file({"n": np.zeros(1)}, tmp_path / "t")
    with pytest.raises(InputError, match="holds artifact None version None, expected 'numbers'"):
        NUMBERS.read(tmp_path / "t")
