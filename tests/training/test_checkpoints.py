"""Training states on disk."""

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from pipeline_lib.training.checkpoints import Checkpoints


def state() -> dict[str, Any]:
    """What an optimiser and a module keep, and a history."""
    generator = torch.Generator().manual_seed(0)
    return {
        "task": {"w": torch.randn(2, 3, generator=generator), "count": torch.tensor(7)},
        "optimizer": {
            "state": {0: {"momentum": torch.ones(2, dtype=torch.float64), "none": None}},
            "groups": [{"lr": 0.1, "betas": (0.9, 0.99), "on": True, "params": [0, 1]}],
        },
        "history": [{"loss": 0.1 + 0.2, "worst": float("inf")}],
    }


def equal(found: Any, expected: Any) -> None:
    if isinstance(expected, torch.Tensor):
        assert found.dtype == expected.dtype
        assert torch.equal(found, expected)
    elif isinstance(expected, dict):
        assert list(found) == list(expected)
        for key in expected:
            equal(found[key], expected[key])
    elif isinstance(expected, list | tuple):
        assert len(found) == len(expected)
        for one, other in zip(found, expected, strict=True):
            equal(one, other)
    else:
        assert found == expected
        assert type(found) is type(expected)


@pytest.fixture
def checkpoints(tmp_path: Path) -> Checkpoints:
    return Checkpoints(tmp_path / "run")


def test_a_state_comes_back_bit_for_bit(checkpoints):
    checkpoints.save(4, state())
    found = checkpoints.latest()
    assert found is not None
    assert found[0] == 4
    equal(found[1], state())


def test_an_optimiser_goes_on_from_what_comes_back(checkpoints):
    def optimiser() -> tuple[torch.Tensor, torch.optim.Optimizer]:
        w = torch.ones(3, requires_grad=True)
        return w, torch.optim.AdamW([w], lr=0.1)

    def step(w: torch.Tensor, adam: torch.optim.Optimizer) -> None:
        adam.zero_grad()
        w.square().sum().backward()
        adam.step()

    w, adam = optimiser()
    step(w, adam)
    checkpoints.save(0, {"w": w, "adam": adam.state_dict()})
    found = checkpoints.latest()
    assert found is not None
    again, other = optimiser()
    again.data.copy_(found[1]["w"])
    other.load_state_dict(found[1]["adam"])
    step(w, adam)
    step(again, other)
    assert torch.equal(again, w)


def test_nothing_was_saved_yet(checkpoints):
    assert checkpoints.latest() is None


def test_only_the_latest_state_is_kept(checkpoints):
    for epoch in (0, 1, 11):
        checkpoints.save(epoch, {"epoch": epoch})
    assert [path.name for path in checkpoints.folder.iterdir()] == ["000011.npz"]
    assert checkpoints.latest() == (11, {"epoch": 11})


def test_the_latest_of_several_is_the_highest_epoch(checkpoints, tmp_path):
    # as after a kill between the writing of one state and the removal of the other
    for epoch in (9, 10):
        other = Checkpoints(tmp_path / str(epoch))
        other.save(epoch, {"epoch": epoch})
        checkpoints.folder.mkdir(exist_ok=True)
        next(other.folder.iterdir()).rename(checkpoints.folder / f"{epoch:06d}.npz")
    assert checkpoints.latest() == (10, {"epoch": 10})


def test_a_damaged_state_is_dropped_for_the_one_before(checkpoints, tmp_path):
    checkpoints.save(2, {"epoch": 2})
    whole = (checkpoints.folder / "000002.npz").read_bytes()
    later = checkpoints.folder / "000003.npz"
    later.write_bytes(whole[: len(whole) // 2])
    assert checkpoints.latest() == (2, {"epoch": 2})
    assert not later.exists()


def test_a_state_cut_anywhere_is_no_state(checkpoints):
    checkpoints.save(0, {"w": torch.arange(3.0)})
    path = checkpoints.folder / "000000.npz"
    whole = path.read_bytes()
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        assert checkpoints.latest() is None
        assert not path.exists()


@pytest.mark.parametrize("mask", [0x01, 0x08, 0xFF])
def test_a_state_with_any_byte_changed_is_unchanged_or_no_state(checkpoints, mask):
    checkpoints.save(0, {"w": torch.arange(3.0), "lr": 0.5})
    path = checkpoints.folder / "000000.npz"
    whole = path.read_bytes()
    for place in range(len(whole)):
        changed = bytearray(whole)
        changed[place] ^= mask
        path.write_bytes(changed)
        found = checkpoints.latest()
        if found is not None:
            equal(found[1], {"w": torch.arange(3.0), "lr": 0.5})


class Trap:
    """An object that writes a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, tuple[Any, ...]]:
        return Path.touch, (self.path,)


@pytest.mark.parametrize("place", ["tree", "0"])
def test_a_state_that_holds_a_pickle_is_not_executed(checkpoints, tmp_path, place):
    sprung = tmp_path / "sprung"
    trap = np.empty(1, object)
    trap[0] = Trap(sprung)
    checkpoints.folder.mkdir()
    arrays = {"tree": np.array('{"__tensor__": 0}'), "0": np.zeros(2)} | {place: trap}
    np.savez(checkpoints.folder / "000000.npz", **arrays)
    assert checkpoints.latest() is None
    assert not sprung.exists()
    pickle.loads(pickle.dumps(trap))  # the trap does work
    assert sprung.exists()


def test_a_pickle_in_place_of_a_state_is_not_executed(checkpoints, tmp_path):
    sprung = tmp_path / "sprung"
    checkpoints.folder.mkdir()
    (checkpoints.folder / "000000.npz").write_bytes(pickle.dumps(Trap(sprung)))
    assert checkpoints.latest() is None
    assert not sprung.exists()


def test_what_cannot_be_restored_is_not_saved(checkpoints):
    with pytest.raises(TypeError, match="not JSON serializable"):
        checkpoints.save(0, {"unknown": object()})
    assert checkpoints.latest() is None


def test_a_forgotten_run_leaves_nothing_behind(checkpoints):
    checkpoints.save(0, state())
    (checkpoints.folder / "000001.tmp").write_bytes(b"of a killed process")
    checkpoints.clear()
    assert not checkpoints.folder.exists()
    checkpoints.clear()  # nothing to forget is no fault
