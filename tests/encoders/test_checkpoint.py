import argparse
import contextlib
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.torch import save_file
from timm.layers import Conv2dSame

from pipeline_lib.artifacts.scores import BACKBONE
from pipeline_lib.encoders.checkpoint import TORCH, load
from pipeline_lib.encoders.preprocess import Preprocess
from pipeline_lib.encoders.vision import build
from pipeline_lib.errors import InputError

STATE = {"a.weight": torch.arange(6.0).reshape(2, 3), "a.bias": torch.ones(2, dtype=torch.int64)}


class Touch:
    """Makes a file when it is unpickled by someone careless."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self):
        return Path.touch, (self.path,)


def assert_state(found):
    assert found.keys() == STATE.keys()
    for name, value in STATE.items():
        assert torch.equal(found[name], value)
        assert found[name].dtype == value.dtype


def test_safetensors_come_back(tmp_path):
    save_file(STATE, tmp_path / "w.safetensors")
    assert_state(load(tmp_path / "w.safetensors").state)


def test_a_trained_baseline_hands_on_what_its_pixels_were(tmp_path, backbone, weights):
    seen = {"size": 64, "mean": [0.1, 0.2, 0.3], "std": [0.4, 0.5, 0.6], "crop_pct": 0.75,
            "crop_mode": "squash", "interpolation": "bilinear"}  # fmt: skip
    arrays = {name: value.numpy() for name, value in load(weights()).state.items()}
    BACKBONE.write(tmp_path / "w.safetensors", arrays, model="lenet5", preprocess=seen)
    own = build(backbone(image_size=32), tmp_path / "w.safetensors", num_classes=0, seed=0)
    assert own.preprocess == Preprocess(
        32, (0.1, 0.2, 0.3), (0.4, 0.5, 0.6), "bilinear", 0.75, "squash"
    )
    assert load(weights()).data_config == {}


@pytest.mark.parametrize("suffix", TORCH)
@pytest.mark.parametrize("zipped", [True, False])
def test_state_dicts_of_torch_come_back(tmp_path, suffix, zipped):
    path = tmp_path / f"best.pth{suffix}"
    torch.save(STATE, path, _use_new_zipfile_serialization=zipped)
    assert_state(load(path).state)


@pytest.mark.parametrize(
    "wrapped",
    [
        {"state_dict": STATE},
        {"model": STATE, "epoch": 3, "optimizer": {"lr": 0.1}},
        {"state_dict_ema": STATE},
        {"model_state_dict": STATE},
        {"model": {"state_dict": STATE}},
        {"state_dict": {"model": STATE}},
        {f"module.{name}": value for name, value in STATE.items()},
        {"state_dict": {f"module.{name}": value for name, value in STATE.items()}},
        STATE | {"version": 3},
    ],
)
def test_what_training_scripts_wrap_around_weights_is_taken_off(tmp_path, wrapped):
    torch.save(wrapped, tmp_path / "w.pt")
    assert_state(load(tmp_path / "w.pt").state)


def test_a_module_inside_a_name_is_left(tmp_path):
    torch.save({"block.module.weight": torch.zeros(1)}, tmp_path / "w.pt")
    assert list(load(tmp_path / "w.pt").state) == ["block.module.weight"]


@pytest.mark.parametrize("zipped", [True, False])
def test_a_file_that_would_execute_code_is_refused_and_executes_nothing(tmp_path, zipped):
    content = {"state_dict": STATE, "hook": Touch(tmp_path / "touched")}
    torch.save(content, tmp_path / "w.pt", _use_new_zipfile_serialization=zipped)
    with pytest.raises(InputError, match=r"w\.pt: holds other things than tensors, .*safetensors"):
        load(tmp_path / "w.pt")
    assert not (tmp_path / "touched").exists()
    torch.load(tmp_path / "w.pt", weights_only=False)  # the trap works
    assert (tmp_path / "touched").exists()


def test_other_objects_beside_the_weights_are_refused(tmp_path):
    torch.save({"model": STATE, "args": argparse.Namespace(lr=0.1)}, tmp_path / "w.pt")
    with pytest.raises(InputError, match="holds other things than tensors"):
        load(tmp_path / "w.pt")


@pytest.mark.parametrize("content", [[torch.zeros(1)], {}, {"model": {"epoch": 3}}, 3])
def test_a_file_without_state_dict_is_refused(tmp_path, content):
    torch.save(content, tmp_path / "w.pt")
    kind = type(content).__name__
    expected = rf"w\.pt: holds a {kind} without tensors, expected a state dict; save the model's"
    with pytest.raises(InputError, match=expected):
        load(tmp_path / "w.pt")


def write(path):
    if path.suffix == ".npz":
        np.savez_compressed(path, **{f"array {i}": np.arange(50) for i in range(3)})
    elif path.suffix == ".safetensors":
        save_file(STATE, path)
    else:
        torch.save(STATE, path)


@pytest.mark.parametrize("suffix", [".safetensors", ".pt", ".npz"])
@pytest.mark.parametrize("share", [0, 0.02, 0.5, 0.98])
def test_a_truncated_file_is_named(tmp_path, suffix, share):
    path = tmp_path / f"w{suffix}"
    write(path)
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(InputError, match=rf"w{suffix}: not a complete checkpoint \(.*\); expected"):
        load(path)


@pytest.mark.parametrize("suffix", [".safetensors", ".pt", ".npz"])
@settings(
    deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_damage_anywhere_is_no_crash(tmp_path, suffix, data):
    path = tmp_path / f"w{suffix}"
    write(path)
    content = bytearray(path.read_bytes())
    start = data.draw(st.integers(0, len(content) - 1))
    content[start : start + 8] = data.draw(st.binary(min_size=1, max_size=16))
    path.write_bytes(content)
    # some bytes are padding, or numbers like any other; any other error would fail the test
    with contextlib.suppress(InputError):
        assert all(isinstance(value, torch.Tensor) for value in load(path).state.values())


@pytest.mark.parametrize("suffix", [".safetensors", ".pt", ".npz"])
@pytest.mark.parametrize("content", [b"", b"hello world", bytes(1000), b"<!DOCTYPE html>" * 9])
def test_a_file_of_something_else_is_named(tmp_path, suffix, content):
    # a page that says "not found" is what a browser saves in the place of weights
    path = tmp_path / f"w{suffix}"
    path.write_bytes(content)
    with pytest.raises(InputError, match=rf"/w{suffix}: "):
        load(path)


def test_objects_in_an_archive_are_refused_and_execute_nothing(tmp_path):
    objects = np.array([Touch(tmp_path / "touched")], dtype=object)
    np.savez(tmp_path / "w.npz", a=objects)
    with pytest.raises(InputError, match=r"w\.npz: not a complete checkpoint \(ValueError: Object"):
        load(tmp_path / "w.npz")
    assert not (tmp_path / "touched").exists()


def test_a_single_array_is_no_archive(tmp_path):
    with (tmp_path / "w.npz").open("wb") as file:
        np.save(file, np.zeros(3))
    with pytest.raises(InputError, match="not a complete checkpoint"):
        load(tmp_path / "w.npz")


def test_an_archive_of_other_arrays_names_them(tmp_path):
    np.savez(tmp_path / "w.npz", **{name: np.zeros(1) for name in "dcba"})
    expected = r"w\.npz: arrays \['a', 'b', 'c'\]… are no int8 MobileNetV2, .*convert the weights"
    with pytest.raises(InputError, match=expected):
        load(tmp_path / "w.npz")


@pytest.mark.parametrize("name", ["w.h5", "w.onnx", "weights", "w.SAFETENSORS"])
def test_an_unknown_kind_is_named(tmp_path, name):
    (tmp_path / name).write_bytes(b"\x89HDF\r\n")
    expected = rf"{name}: a checkpoint of unknown kind '{Path(name).suffix}', expected .safetensors"
    with pytest.raises(InputError, match=expected):
        load(tmp_path / name)


@pytest.mark.parametrize("name", ["none.pt", "folder.pt"])
def test_a_missing_file_names_the_parameter(tmp_path, name):
    (tmp_path / "folder.pt").mkdir()
    with pytest.raises(InputError, match=rf"{name}: no such checkpoint; .*`weights` parameter"):
        load(tmp_path / name)


SAME = {"pad_type": "same"}  # of weights that TensorFlow trained


def test_a_trained_baseline_hands_on_how_its_network_is_built(tmp_path, backbone):
    small = backbone("mobilenetv2_050", image_size=32)
    plain = build(small, None, num_classes=0, seed=0)
    arrays = {name: value.numpy() for name, value in plain.model.state_dict().items()}
    BACKBONE.write(tmp_path / "w.safetensors", arrays, model="mobilenetv2_050", model_args=SAME)
    found = build(small, tmp_path / "w.safetensors", num_classes=0, seed=0)
    assert (plain.model_args, found.model_args) == ({}, SAME)
    assert not isinstance(plain.model.conv_stem, Conv2dSame)
    assert isinstance(found.model.conv_stem, Conv2dSame)


@pytest.mark.parametrize("asked", [{"checkpoint_path": "evil.pt"}, SAME | {"pretrained": True}])
def test_a_header_cannot_have_timm_do_other_things(tmp_path, asked):
    arrays = {name: value.numpy() for name, value in STATE.items()}
    BACKBONE.write(tmp_path / "w.safetensors", arrays, model="lenet5", model_args=asked)
    with pytest.raises(InputError, match=r"w\.safetensors: its header wants timm's model built"):
        load(tmp_path / "w.safetensors")
