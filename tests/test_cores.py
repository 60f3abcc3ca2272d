import os

import pytest

from pipeline_lib.cores import cores


def without(monkeypatch, *names):
    for name in names:
        monkeypatch.delattr(os, name, raising=False)


def test_the_cores_are_those_python_says_this_process_may_use(monkeypatch):
    monkeypatch.setattr(os, "process_cpu_count", lambda: 3, raising=False)
    assert cores() == 3


def test_before_python_3_13_they_are_those_of_its_affinity(monkeypatch):
    without(monkeypatch, "process_cpu_count")
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 2, 5, 7, 8}, raising=False)
    assert cores() == 5


@pytest.mark.parametrize(("found", "expected"), [(6, 6), (None, 1)])
def test_without_affinities_they_are_those_of_the_machine(monkeypatch, found, expected):
    without(monkeypatch, "process_cpu_count", "sched_getaffinity")
    monkeypatch.setattr(os, "cpu_count", lambda: found)
    assert cores() == expected


def test_here_they_are_at_least_one_and_at_most_the_machines():
    assert 1 <= cores() <= (os.cpu_count() or 1)
