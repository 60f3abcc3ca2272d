"""Fuzzy ART whose scan runs in torch, on a GPU: the same decisions from other bounds.

min(a, b) = (a + b − |a − b|) / 2, so |I ∧ w| = (m + |w| − |I − w|) / 2: the bounds of a tile are
one matrix of L1 distances in float32, widened by all that float32 can lose. The replay is the one
of ``art_replay``, on the processor, in float64; so the labels are the same, ties included.
"""

from typing import Any

import numpy as np
import torch
from numba import njit

from pipeline_lib.clustering.fuzzy_art.adaptive import CM, FIXED
from pipeline_lib.clustering.fuzzy_art.arrays import BLOCK, Categories, Tiles, tiles
from pipeline_lib.clustering.fuzzy_art.compiled import STAMP
from pipeline_lib.clustering.fuzzy_art.present import Memory
from pipeline_lib.clustering.fuzzy_art.replay import decide
from pipeline_lib.clustering.fuzzy_art.run import Rule, replay_tile
from pipeline_lib.clustering.fuzzy_art.scan import LOST, prepare, round_box, snapshot

TILE = 512  # samples: large enough to keep a GPU busy


def present_on(
    device: str,
    X: np.ndarray,
    order: np.ndarray,
    low: np.ndarray,
    span: np.ndarray,
    memory: Memory,
    rule: Rule,
) -> np.ndarray:
    """Do what ``art_present.present`` does, with scans on ``device``."""
    rule = rule._replace(tile=min(TILE, len(order)))
    labels = np.empty(len(order), np.int64)
    done, buffers, weights = 0, None, None
    while done < len(order):
        if rule.learns and memory.known == len(memory.arrays.weights):
            memory.grow(len(order) - done)
            buffers = None
        if buffers is None or weights is None:
            buffers = tiles(rule.tile, X.shape[1], len(memory.arrays.weights))
            weights = torch.from_numpy(memory.arrays.weights).to(device, torch.float32)
        known = memory.known
        samples = min(rule.tile, len(order) - done)
        _prepare_tile(X, order, done, samples, known, low, span, rule, memory.arrays, buffers)
        scanned = _scan(buffers.x[0, :samples], weights[:known], memory.arrays.sizes[:known])
        step, memory.known, changed = _present_tile(
            scanned, done, known, labels, rule, memory.arrays, buffers
        )
        rows = np.append(buffers.touched[:changed], np.arange(known, memory.known))
        fresh = torch.from_numpy(memory.arrays.weights[rows])
        weights[torch.from_numpy(rows).to(device)] = fresh.to(device, torch.float32)
        done += step
    return labels


@torch.inference_mode()
def _scan(x: np.ndarray, weights: torch.Tensor, sizes: np.ndarray) -> np.ndarray:
    """Return upper bounds of |I ∧ w|, float32 (samples, categories)."""
    m = x.shape[1]
    samples = torch.from_numpy(x).to(weights.device)
    coded = torch.cat([samples, 1 - samples], 1).float()
    away = torch.cdist(coded, weights, p=1.0)
    size = torch.from_numpy(sizes).to(weights.device, torch.float32)
    # A sum of n numbers loses at most n · 2⁻²⁴ of itself, each of its terms 2⁻²³; n = 2m. The
    # division by two leaves that again for the sums here.
    both = (m + size - away) / 2 + m * 2.0**-23 * (2 + away)
    found: np.ndarray = both.cpu().numpy()
    return found


def _entries(stamp: int) -> tuple[Any, Any]:
    """Make what Python calls; ``compiled`` says why it is made."""

    @njit(cache=True)
    def prepare_tile(
        X: np.ndarray, order: np.ndarray, start: int, samples: int, known: int, low: np.ndarray,
        span: np.ndarray, rule: Rule, c: Categories, t: Tiles,
    ) -> None:  # fmt: skip
        """Scale a tile, and note the state of the categories that its scan sees."""
        m = t.x.shape[2]
        gate = rule.vigilance == FIXED or rule.vigilance == CM
        snapshot(0, known, rule.alpha, gate and stamp > 0, 0, c, t)
        t.known[1] = 0
        for k in range(samples):
            lost = prepare(X, order[start + k], low, span, t.x[0, k], t.points[0, k])
            t.errors[0, k] = lost + LOST * m

    @njit(cache=True)
    def present_tile(
        scanned: np.ndarray, start: int, known: int, labels: np.ndarray, rule: Rule, c: Categories,
        t: Tiles,
    ) -> tuple[int, int, int]:  # fmt: skip
        """Decide the samples of a scanned tile; returns what ``art_replay.replay`` does."""
        samples = len(scanned)
        adopt(scanned, known, t)
        if not rule.learns and stamp > 0:
            for k in range(samples):
                labels[start + k] = decide(0, k, known, rule.alpha, rule.last_wins, rule.near, c, t)
            return samples, known, 0
        t.seen[:] = -1
        step, known, changed = replay_tile(0, start, samples, known, labels, rule, c, t)
        for k in range(changed):
            round_box(t.touched[k], c)
        return step, known, changed

    return prepare_tile, present_tile


@njit
def adopt(scanned: np.ndarray, known: int, t: Tiles) -> None:
    """Take bounds of |I ∧ w| (samples, known) over, and bound the choice per block."""
    for k in range(scanned.shape[0]):
        t.tops[0, k] = -1
        for j in range(known):
            both = scanned[k, j]
            t.bounds[0, k, j] = both
            if both >= t.floors[0, j]:
                choice = both * t.inverses[0, j]
                t.tops[0, k, j // BLOCK] = max(t.tops[0, k, j // BLOCK], choice)


_prepare_tile, _present_tile = _entries(STAMP)
