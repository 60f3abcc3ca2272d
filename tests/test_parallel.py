import builtins
import functools
import operator
import os
import time

import pytest
import torch
from joblib.externals.loky import get_reusable_executor

from pipeline_lib.cores import cores
from pipeline_lib.errors import InputError
from pipeline_lib.parallel import BACKEND, SCHEDULER, WORKERS, map_ordered, workers
from pipeline_lib.progress import silent


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch):
    for name in (WORKERS, BACKEND, SCHEDULER):
        monkeypatch.delenv(name, raising=False)


def mapped(function, items, **options):
    return list(map_ordered(function, items, label="pieces", track=silent, **options))


def test_the_number_of_workers_is_that_of_the_environment(monkeypatch):
    assert workers() == cores()
    monkeypatch.setenv(WORKERS, "")
    assert workers() == cores()
    monkeypatch.setenv(WORKERS, "7")
    assert workers() == 7


@pytest.mark.parametrize("text", ["0", "-1", "two", "1.5", "²", " 2"])
def test_a_number_of_workers_that_is_none_is_named(monkeypatch, text):
    monkeypatch.setenv(WORKERS, text)
    with pytest.raises(InputError, match=rf"^{WORKERS}='{text}': expected a whole number"):
        workers()


@pytest.mark.parametrize("count", ["1", "2", "9"])
def test_results_come_in_order_however_long_each_takes(monkeypatch, count):
    monkeypatch.setenv(WORKERS, count)

    def slow_first(number):
        time.sleep(0.2 if number == 0 else 0)
        return number * 10

    assert mapped(slow_first, range(5)) == [0, 10, 20, 30, 40]


@pytest.mark.parametrize("count", ["1", "2"])
def test_nothing_gives_nothing(monkeypatch, count):
    monkeypatch.setenv(WORKERS, count)
    assert mapped(operator.neg, []) == []


def test_one_worker_is_this_process_and_two_are_others(monkeypatch):
    def process(_):
        time.sleep(0.1)
        return os.getpid()

    monkeypatch.setenv(WORKERS, "1")
    assert set(mapped(process, range(3))) == {os.getpid()}
    monkeypatch.setenv(WORKERS, "2")
    found = set(mapped(process, range(4)))
    assert len(found) == 2
    assert os.getpid() not in found


def test_a_worker_that_grows_goes_on(monkeypatch):
    """loky would end one that has grown by 300 MB, and its pool would never wake up here."""
    get_reusable_executor().shutdown(wait=True)
    monkeypatch.setenv(WORKERS, "2")

    def grow(_):
        builtins.held = [*getattr(builtins, "held", []), b"x" * 400 * 2**20]
        time.sleep(1.1)  # loky looks once a second
        return os.getpid()

    before = set(mapped(lambda _: (time.sleep(0.1), os.getpid())[1], range(4)))
    try:
        assert set(mapped(grow, range(4))) == before
    finally:
        get_reusable_executor().shutdown(wait=True)


def test_no_more_workers_than_are_allowed(monkeypatch):
    monkeypatch.setenv(WORKERS, "2")
    this = [os.getpid()] * 3
    assert mapped(lambda _: os.getpid(), range(3), most=1) == this
    assert mapped(lambda _: os.getpid(), range(1)) == this[:1]


@pytest.mark.parametrize(("count", "threads"), [("1", 1), ("1", 2), ("2", 2)])
def test_every_piece_computes_with_the_same_number_of_threads(monkeypatch, count, threads):
    # joblib by itself would give each of two workers one thread on a machine of two cores
    get_reusable_executor().shutdown(wait=True)
    monkeypatch.setenv(WORKERS, count)

    def used(_):
        return torch.get_num_threads()

    before = torch.get_num_threads()
    assert mapped(used, range(2), threads=threads) == [threads] * 2
    assert torch.get_num_threads() == before


@pytest.mark.parametrize("count", ["1", "2"])
def test_progress_counts_every_piece(monkeypatch, count):
    monkeypatch.setenv(WORKERS, count)
    seen = []

    def track(items, *, label, total):
        for item in items:
            seen.append((label, total))
            yield item

    assert list(map_ordered(operator.neg, [1, 2, 3], label="x", track=track)) == [-1, -2, -3]
    assert seen == [("x", 3)] * 3


def test_one_worker_computes_only_what_is_asked_for(monkeypatch):
    monkeypatch.setenv(WORKERS, "1")
    done = []
    results = map_ordered(done.append, [1, 2, 3], label="", track=silent)
    next(results)
    assert done == [1]


@pytest.mark.parametrize("count", ["1", "2"])
def test_an_error_of_the_input_arrives_as_one(monkeypatch, count):
    monkeypatch.setenv(WORKERS, count)

    def fail(number):
        if number == 2:
            raise InputError(f"piece {number} is bad")
        return number

    with pytest.raises(InputError, match=r"^piece 2 is bad$"):
        mapped(fail, range(4))


def test_a_backend_of_the_environment_is_used(monkeypatch):
    monkeypatch.setenv(BACKEND, "threading")
    monkeypatch.setenv(WORKERS, "2")
    assert mapped(lambda n: (os.getpid(), -n), range(3)) == [(os.getpid(), -n) for n in range(3)]


@pytest.mark.parametrize("name", ["lokey", "dask"])
def test_a_backend_that_is_not_there_is_named(monkeypatch, name):
    # dask is there, but no cluster
    monkeypatch.setenv(BACKEND, name)
    expected = rf"^{BACKEND}='{name}': .*; expected 'loky', or 'dask' with .* in {SCHEDULER} \(None"
    with pytest.raises(InputError, match=expected):
        mapped(operator.neg, [1, 2])


def test_a_dask_cluster_gives_the_same_results(monkeypatch):
    distributed = pytest.importorskip("distributed")
    options = {"n_workers": 1, "threads_per_worker": 2, "processes": False}
    with distributed.LocalCluster(**options, dashboard_address=None, protocol="tcp") as cluster:
        monkeypatch.setenv(BACKEND, "dask")
        monkeypatch.setenv(SCHEDULER, cluster.scheduler_address)
        monkeypatch.setenv(WORKERS, "2")
        assert mapped(functools.partial(pow, 2), range(5)) == [1, 2, 4, 8, 16]
