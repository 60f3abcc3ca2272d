import os
import platform
import resource
import subprocess
import sys

import pytest

from pipeline_lib import allocator

BLOCK = 64 * 2**20  # bytes; above what glibc keeps by itself
ENOUGH = 12  # blocks; small pieces of the first few lie in a cache of glibc's, and hold them apart
PAGE = resource.getpagesize()
glibc = pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="the C library is not glibc")


def faults_of_another_block(_=None):
    """Fill and free a block until freed ones are at hand; return the page faults of the next."""
    import torch

    for _ in range(ENOUGH):
        before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
        torch.ones(BLOCK // 4)
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before


def told(text, **environment):
    """Run Python with ``text`` in a process of its own, and return what it prints."""
    names = [name for name in os.environ if name.startswith(allocator.VARIABLES)]
    kept = {name: value for name, value in os.environ.items() if name not in names}
    command = [sys.executable, "-c", f"from tests.test_allocator import *\n{text}"]
    return subprocess.run(
        command, env=kept | environment, text=True, check=True, capture_output=True
    ).stdout.split()


@glibc
def test_a_process_that_keeps_what_it_freed_has_it_at_hand():
    text = "print({}, faults_of_another_block())"
    alone, kept = (int(told(text.format(x))[1]) for x in ("0", "allocator.keep_freed_memory()"))
    assert kept * 10 < alone


@glibc
def test_whoever_tells_glibc_how_to_allocate_is_left_alone():
    assert told("print(allocator.keep_freed_memory())", MALLOC_ARENA_MAX="2") == ["False"]
    assert told("print(allocator.keep_freed_memory())") == ["True"]


def test_a_system_without_glibc_has_nothing_to_tell(monkeypatch):
    monkeypatch.setattr(allocator.ctypes, "CDLL", lambda _: object())
    assert not allocator.keep_freed_memory()


@glibc
@pytest.mark.parametrize("workers", ["1", "2"])
def test_pieces_of_parallel_work_keep_it(workers):
    text = (
        "from pipeline_lib.parallel import map_ordered\n"
        "track = lambda items, **_: items\n"
        "print(*map_ordered(faults_of_another_block, [0, 1], label='', track=track))"
    )
    few = told(text, PROTOWEAVE_WORKERS=workers)
    assert all(int(each) * 20 < BLOCK / PAGE for each in few)


@glibc
def test_stages_keep_it():
    text = (
        "from pipeline_lib.console import run\n"
        "def main() -> None: print(faults_of_another_block())\n"
        "run(main)"
    )
    assert int(told(text)[-1]) * 20 < BLOCK / PAGE
