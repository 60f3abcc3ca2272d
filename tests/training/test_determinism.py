"""Equal seeds, equal bits."""

from itertools import combinations

import torch

from pipeline_lib.training.determinism import THREADS, generator, make_deterministic


def draw(*key: int | str) -> list[int]:
    return torch.randint(2**40, (4,), generator=generator(*key)).tolist()


def test_one_key_draws_the_same_always():
    assert draw("order", 0, 1) == draw("order", 0, 1)


def test_keys_are_independent():
    keys = [
        ("order", 0, 1),
        ("order", 1, 0),
        ("order", 0, 11),
        ("order", 1, 2),
        ("order", 12),
        ("noise", 0, 1),
        ("augment", 0, 1),
        ("order", -1, 1),
    ]
    for one, other in combinations(keys, 2):
        assert draw(*one) != draw(*other)


def test_generators_do_not_touch_the_global_one():
    torch.manual_seed(5)
    expected = torch.rand(1)
    torch.manual_seed(5)
    draw("order", 3)
    assert torch.equal(torch.rand(1), expected)


def test_kernels_are_deterministic_and_threads_fixed():
    torch.set_num_threads(2)
    make_deterministic()
    assert torch.get_num_threads() == THREADS
    assert torch.are_deterministic_algorithms_enabled()
    assert not torch.backends.cudnn.benchmark
