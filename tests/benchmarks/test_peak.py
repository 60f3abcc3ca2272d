"""The instrument that measures memory."""

import subprocess
import sys

import pytest
import torch

from benchmarks.peak import tracked


def test_tensors_count_while_they_live():
    def work() -> torch.Tensor:
        one = torch.zeros(100)  # 400 bytes
        two = one + 1  # 800
        del one  # 400
        return torch.cat([two, two])  # 1200

    assert tracked(work) == 1200


def test_views_and_changes_in_place_cost_nothing():
    def work() -> None:
        one = torch.zeros(10, 10)
        one.T[2:].expand(5, 8, 10)
        one.add_(1)
        torch.mul(one, one, out=one)

    assert tracked(work) == 400


def test_what_was_there_before_does_not_count():
    there = torch.zeros(1000)
    assert tracked(lambda: there.view(10, 100).mul_(2)) == 0


def test_what_autograd_keeps_counts():
    x = torch.zeros(100, requires_grad=True)

    def work() -> torch.Tensor:
        return x.exp().exp().exp()  # kept for the backward pass, each of them

    assert tracked(work) == 1200
    with torch.no_grad():
        assert tracked(work) == 800  # one and the next


def test_tensors_without_numbers_have_the_sizes_of_real_ones():
    def peak(device: str) -> int:
        x = torch.zeros(30, 40, device=device, requires_grad=True)
        return tracked(lambda: torch.autograd.grad((x @ x.T).softmax(1).sum(), x))

    assert peak("meta") == peak("cpu") > 0


def test_a_process_grows_by_what_it_writes(root):
    """In a process of its own: one that has freed as much before need not grow."""
    size = 64 * 2**20
    code = (
        "import torch; from benchmarks.peak import process_growth;"
        f"print(process_growth(lambda: torch.ones({size}, dtype=torch.uint8)))"
    )
    command = [sys.executable, "-c", code]
    grown = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True).stdout
    if grown.strip() == "None":
        pytest.skip("needs /proc/self/clear_refs")
    assert 0.99 * size <= int(grown) < 1.25 * size  # the kernel counts pages in batches, by core
