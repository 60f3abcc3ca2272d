import pytest
import torch

from pipeline_lib.device import DEVICE, accelerator, pick_device
from pipeline_lib.errors import InputError


@pytest.mark.parametrize(("there", "expected"), [(True, "cuda"), (False, "cpu")])
@pytest.mark.parametrize("unset", [None, ""])
def test_cuda_is_used_where_it_is(monkeypatch, there, expected, unset):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: there)
    monkeypatch.delenv(DEVICE, raising=False)
    if unset is not None:
        monkeypatch.setenv(DEVICE, unset)
    assert pick_device() == expected


@pytest.mark.parametrize("there", [True, False])
def test_the_environment_may_ask_for_the_cpu(monkeypatch, there):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: there)
    monkeypatch.setenv(DEVICE, "cpu")
    assert pick_device() == "cpu"


def test_the_environment_may_ask_for_cuda_where_it_is(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setenv(DEVICE, "cuda")
    assert pick_device() == "cuda"


@pytest.mark.parametrize(("wanted", "there"), [("cuda", False), ("gpu", True), ("cuda:1", True)])
def test_a_device_that_is_not_there_is_named(monkeypatch, wanted, there):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: there)
    monkeypatch.setenv(DEVICE, wanted)
    expected = f"^{DEVICE}='{wanted}': expected 'cpu', or 'cuda' where it is available$"
    with pytest.raises(InputError, match=expected):
        pick_device()


@pytest.mark.parametrize(("wanted", "expected"), [("cpu", None), ("cuda", "cuda")])
def test_an_accelerator_is_what_is_no_processor(monkeypatch, wanted, expected):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setenv(DEVICE, wanted)
    assert accelerator() == expected
