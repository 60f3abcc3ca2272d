"""Counters that several threads change."""

import threading

from numba import njit

from pipeline_lib.clustering.fuzzy_art import atomics

NEXT, SUM = 0, atomics.APART


@njit(nogil=True)
def take_all(counters, until):
    """Take numbers by compare-and-swap, and add them up."""
    while True:
        mine = atomics.load(counters, NEXT)
        if mine >= until:
            return
        if atomics.swap_if(counters, NEXT, mine, mine + 1):
            atomics.add(counters, SUM, mine)
        else:
            atomics.give_way()


@njit
def store_then_add(counters):
    atomics.store(counters, NEXT, 5)
    return atomics.add(counters, NEXT, 2)


def test_every_number_is_taken_once():
    counters = atomics.counters(2)
    threads = [threading.Thread(target=take_all, args=(counters, 50_000)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counters[NEXT] == 50_000
    assert counters[SUM] == sum(range(50_000))


def test_adding_returns_what_was_there():
    counters = atomics.counters(1)
    assert store_then_add(counters) == 5
    assert counters[NEXT] == 7
