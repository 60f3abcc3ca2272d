"""Run Fuzzy ART over many samples: scans by several threads, while one replays what was scanned.

The threads take chunks of samples from a counter. Which thread scans a chunk, and how old the state
of the categories is that a scan saw, changes bounds but never a decision.
"""

import threading
from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numba.core import config

from pipeline_lib.clustering.fuzzy_art import atomics
from pipeline_lib.clustering.fuzzy_art.adaptive import AM, CM, FIXED, replay_adaptive
from pipeline_lib.clustering.fuzzy_art.arrays import Categories, Tiles
from pipeline_lib.clustering.fuzzy_art.box_distance import LINE
from pipeline_lib.clustering.fuzzy_art.compiled import STAMP
from pipeline_lib.clustering.fuzzy_art.kernels import total
from pipeline_lib.clustering.fuzzy_art.replay import decide, replay
from pipeline_lib.clustering.fuzzy_art.scan import round_box, scan, snapshot
from pipeline_lib.cores import cores

OFFERED, TAKEN, DONE, STOPPED, GIVEN_UP = (k * atomics.APART for k in range(5))
CHUNK = 16  # samples that a thread scans at once
PATIENCE = 2000  # looks at a counter before another thread may have the core


class Rule(NamedTuple):
    """The numbers of one run."""

    rho: float
    alpha: float
    beta: float
    sigma: float
    delta: float
    vigilance: int  # FIXED, AM, CM or HI
    last_wins: bool
    near: float  # ``art_exact.tie``
    learns: bool  # False: categories stay as they are
    tile: int  # samples
    width: int  # of the instructions, ``box_distance.supported``


@njit(nogil=True)
def take(counters: np.ndarray) -> int:
    """Return the number of a chunk that is now the caller's, or -1."""
    while True:
        ticket: int = atomics.load(counters, TAKEN)
        if ticket >= atomics.load(counters, OFFERED):
            return -1
        if atomics.swap_if(counters, TAKEN, ticket, ticket + 1):
            return ticket


@njit(nogil=True)
def work(
    X: np.ndarray, order: np.ndarray, start: int, stop: int, labels: np.ndarray, low: np.ndarray,
    span: np.ndarray, rule: Rule, c: Categories, t: Tiles, counters: np.ndarray,
) -> int:  # fmt: skip
    """Scan a chunk if there is one. A run that does not learn decides its samples at once.

    Returns:
        Whether there was one.
    """
    ticket = take(counters)
    if ticket < 0:
        return False
    chunks = (rule.tile + CHUNK - 1) // CHUNK
    number, chunk = ticket // chunks, ticket % chunks
    p, begin = number % 2, start + number * rule.tile
    first, last = chunk * CHUNK, min(chunk * CHUNK + CHUNK, rule.tile, stop - begin)
    if first < last:
        given_up = scan(X, order, begin, first, last, p, low, span, rule.width, c, t)
        atomics.add(counters, GIVEN_UP, given_up)
        if not rule.learns:
            for k in range(first, last):
                labels[begin + k] = decide(
                    p, k, t.known[p], rule.alpha, rule.last_wins, rule.near, c, t
                )
    atomics.add(counters, DONE, 1)
    return True


@njit(nogil=True)
def assist(
    X: np.ndarray, order: np.ndarray, start: int, stop: int, labels: np.ndarray, low: np.ndarray,
    span: np.ndarray, rule: Rule, c: Categories, t: Tiles, counters: np.ndarray,
) -> None:  # fmt: skip
    """Scan chunks until the run is over."""
    idle = 0
    while atomics.load(counters, STOPPED) == 0:
        if work(X, order, start, stop, labels, low, span, rule, c, t, counters):
            idle = 0
        else:
            idle += 1
            if idle > PATIENCE:
                atomics.give_way()


@njit(nogil=True)
def finish(
    X: np.ndarray, order: np.ndarray, start: int, stop: int, labels: np.ndarray, low: np.ndarray,
    span: np.ndarray, rule: Rule, c: Categories, t: Tiles, counters: np.ndarray,
) -> None:  # fmt: skip
    """Help until every chunk that was offered is done."""
    while work(X, order, start, stop, labels, low, span, rule, c, t, counters):
        pass
    idle = 0
    while atomics.load(counters, DONE) < atomics.load(counters, OFFERED):
        idle += 1
        if idle > PATIENCE:
            atomics.give_way()


@njit(nogil=True)
def replay_tile(
    p: int, start: int, samples: int, known: int, labels: np.ndarray, rule: Rule, c: Categories,
    t: Tiles,
) -> tuple[int, int, int]:  # fmt: skip
    """Present the samples of a scanned tile; returns what ``art_replay.replay`` does."""
    if rule.vigilance == FIXED:
        return replay(
            p, start, samples, known, labels, rule.rho, rule.alpha, rule.beta, rule.last_wins,
            rule.near, c, t,
        )  # fmt: skip
    return replay_adaptive(
        p, start, samples, known, labels, rule.rho, rule.alpha, rule.beta, rule.sigma, rule.delta,
        rule.vigilance, rule.last_wins, rule.near, c, t,
    )  # fmt: skip


@njit(nogil=True)
def part_of(size: int, tile: int, distances: int, given_up: int, before: int) -> int:
    """Return after how many bytes to give up: an eighth, unless that was in vain before.

    It costs a tenth of a scan to look. Every sixteenth tile looks again.
    """
    part = max(size // (8 * LINE), 1) * LINE if size > LINE else 0
    if tile % 16 == 0 or (before > 0 and given_up * 4 >= distances):
        return part
    return 0


@njit(nogil=True)
def run(
    X: np.ndarray, order: np.ndarray, start: int, stop: int, labels: np.ndarray, low: np.ndarray,
    span: np.ndarray, rule: Rule, known: int, ahead: bool, c: Categories, t: Tiles,
    counters: np.ndarray,
) -> tuple[int, int]:  # fmt: skip
    """Present samples ``start`` to ``stop`` of the order.

    Args:
        X: features (samples, m), float32 or float64.
        order: rows of X in the order of their presentation.
        start: the first of them.
        stop: past the last.
        labels: int64, category of every sample of the order; changed in place.
        low: float64 (m,), what becomes 0.
        span: float64 (m,), the width that becomes 1; a dimension of width 0 becomes 0.
        rule: the numbers.
        known: number of categories.
        ahead: scan the next tile while this one is replayed.
        c: the categories; changed in place.
        t: buffers.
        counters: shared with the threads that assist.

    Returns:
        Where the room for categories ended, or ``stop``; and the number of categories.
    """
    tile = rule.tile
    count = (stop - start + tile - 1) // tile
    chunks = (tile + CHUNK - 1) // CHUNK
    gate = rule.vigilance == FIXED or rule.vigilance == CM
    offered, part = 0, 0
    t.seen[:] = -1
    t.known[:] = 0
    t.changes[:] = 0
    t.marked[:] = False
    if not rule.learns:
        for j in range(known):  # several threads read them
            c.totals[j] = total(c.weights[j])
    for number in range(count):
        begin = start + number * tile
        samples = min(tile, stop - begin)
        while offered < min(count, number + 1 + (1 if ahead and rule.learns and number > 0 else 0)):
            given_up = atomics.load(counters, GIVEN_UP)
            atomics.store(counters, GIVEN_UP, 0)
            scanned = tile * t.known[1 - offered % 2]
            part = part_of(t.points.shape[2], offered, scanned, given_up, part)
            worth = part if rule.vigilance == FIXED or rule.vigilance == AM else 0
            snapshot(offered % 2, known, rule.alpha, gate, worth, c, t)
            offered += 1
            atomics.add(counters, OFFERED, chunks)
            if offered == number + 1:
                finish(X, order, start, stop, labels, low, span, rule, c, t, counters)
        if not rule.learns:
            continue
        done, known, touched = replay_tile(number % 2, begin, samples, known, labels, rule, c, t)
        finish(X, order, start, stop, labels, low, span, rule, c, t, counters)
        for k in range(touched):
            round_box(t.touched[k], c)
        if done < samples:
            return begin + done, known
    return stop, known


def _entry(stamp: int) -> Any:
    """Make what Python calls; ``compiled`` says why it is made."""

    @njit(cache=True, nogil=True)
    def play(
        leads: bool, X: np.ndarray, order: np.ndarray, start: int, stop: int, labels: np.ndarray,
        low: np.ndarray, span: np.ndarray, rule: Rule, known: int, ahead: bool, c: Categories,
        t: Tiles, counters: np.ndarray,
    ) -> tuple[int, int]:  # fmt: skip
        if leads and stamp > 0:
            return run(X, order, start, stop, labels, low, span, rule, known, ahead, c, t, counters)
        assist(X, order, start, stop, labels, low, span, rule, c, t, counters)
        return stop, known

    return play


_play = _entry(STAMP)


def threads_of(n_jobs: int | None) -> int:
    """Return the number of threads: numba's (``NUMBA_NUM_THREADS``, else the cores) for None."""
    found = config.NUMBA_NUM_THREADS if n_jobs is None else n_jobs
    return max(1, min(int(found), cores()))


def run_threads(
    X: np.ndarray, order: np.ndarray, start: int, stop: int, labels: np.ndarray, low: np.ndarray,
    span: np.ndarray, rule: Rule, known: int, threads: int, c: Categories, t: Tiles,
) -> tuple[int, int]:  # fmt: skip
    """``run`` with so many threads."""
    counters = atomics.counters(5)
    shared = (X, order, start, stop, labels, low, span, rule, known, threads > 1, c, t, counters)
    helpers = [threading.Thread(target=_play, args=(False, *shared)) for _ in range(threads - 1)]
    for helper in helpers:
        helper.start()
    try:
        done, reached = _play(True, *shared)
    finally:
        counters[STOPPED] = 1
        for helper in helpers:
            helper.join()
    return int(done), int(reached)
