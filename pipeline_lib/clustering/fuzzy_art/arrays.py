"""The arrays that the compiled parts of Fuzzy ART share, and how they grow."""

from typing import NamedTuple

import numpy as np

from pipeline_lib.clustering.fuzzy_art.box_distance import BOXES, LINE, POINTS

BLOCK = 16  # categories that share one bound


class Categories(NamedTuple):
    """What is known of every category; arrays have room for more."""

    weights: np.ndarray  # float64 (room, 2m)
    sizes: np.ndarray  # float64 (room,), |w|, summed in any order
    totals: np.ndarray  # float64 (room,), |w|, summed from first to last; -1: not yet computed
    rhos: np.ndarray  # float64 (room,), vigilance
    boxes: np.ndarray  # uint8 (2 · room, bytes), corners as whole 255ths, rounded outwards
    box_sizes: np.ndarray  # float64 (room,), |w| when the box was rounded


class Tiles(NamedTuple):
    """Two tiles of samples: while one is replayed, the other is scanned.

    The first axis is the tile's parity, "samples" counts those of a tile, and a snapshot is what
    the scan of a tile knows of the categories.
    """

    x: np.ndarray  # float64 (2, samples, m), scaled
    points: np.ndarray  # uint8 (2, samples, bytes), rounded to whole 255ths
    errors: np.ndarray  # float32 (2, samples), L1 distance from x to the point, and rounding
    slack: np.ndarray  # int32 (2, samples), the same in 255ths
    caps: np.ndarray  # int32 (samples,), distances that need not be known better, in 255ths
    table: np.ndarray  # int32 (samples, columns), distances in 255ths
    choices: np.ndarray  # float32 (samples, columns), bounds of the choice
    bounds: np.ndarray  # float32 (2, samples, columns), |I ∧ w| is at most this
    tops: np.ndarray  # float32 (2, samples, blocks), the largest choice possible in a block, or -1
    box_sizes: np.ndarray  # float32 (2, columns), snapshot
    inverses: np.ndarray  # float32 (2, columns), snapshot of 1 / (α + |w|)
    floors: np.ndarray  # float32 (2, columns), snapshot of the |I ∧ w| that vigilance asks for
    limits: np.ndarray  # int32 (2, columns), the same as a distance in 255ths
    changed: np.ndarray  # int64 (2, 3 · samples), categories that learned since the snapshot
    changes: np.ndarray  # int64 (2,), how many
    marked: np.ndarray  # bool (2, columns), whether a category is one of them
    known: np.ndarray  # int64 (2,), categories of the snapshot
    parts: np.ndarray  # int64 (2,), bytes after which distances may be given up; 0: never
    touched: np.ndarray  # int64 (samples,), categories to round anew
    seen: np.ndarray  # int64 (room,), the last tile that touched a category


def padded(count: int, step: int) -> int:
    """Return the next multiple of ``step``."""
    return -(-count // step) * step


def aligned(shape: tuple[int, ...], kind: type[np.generic]) -> np.ndarray:
    """Return an array of zeros that starts at a cache line."""
    size = int(np.prod(shape)) * np.dtype(kind).itemsize
    memory = np.zeros(size + LINE, np.uint8)
    start = -memory.ctypes.data % LINE
    return memory[start : start + size].view(kind).reshape(shape)


def categories(room: int, dimensions: int) -> Categories:
    """Return room for categories of vectors of so many dimensions; none is known."""
    rows = room + BOXES
    return Categories(
        weights=np.empty((room, 2 * dimensions)),
        sizes=np.zeros(room),
        totals=np.full(room, -1.0),
        rhos=np.zeros(room),
        boxes=aligned((2 * rows, padded(dimensions, LINE)), np.uint8),
        box_sizes=np.zeros(room),
    )


def enlarged(old: Categories, known: int, room: int) -> Categories:
    """Return a copy of the first ``known`` categories with more room."""
    new = categories(room, old.weights.shape[1] // 2)
    for before, after in zip(old, new, strict=True):
        rows = 2 * known if after is new.boxes else known
        after[:rows] = before[:rows]
    return new


def tiles(samples: int, dimensions: int, room: int) -> Tiles:
    """Return buffers for tiles of so many samples."""
    rows, columns = padded(samples, POINTS), padded(room + BOXES, BLOCK)
    blocks = columns // BLOCK
    return Tiles(
        x=aligned((2, rows, dimensions), np.float64),
        points=aligned((2, rows, padded(dimensions, LINE)), np.uint8),
        errors=np.zeros((2, rows), np.float32),
        slack=np.zeros((2, rows), np.int32),
        caps=np.zeros(rows, np.int32),
        table=aligned((rows, columns), np.int32),
        choices=aligned((rows, columns), np.float32),
        bounds=aligned((2, rows, columns), np.float32),
        tops=np.zeros((2, rows, blocks), np.float32),
        box_sizes=aligned((2, columns), np.float32),
        inverses=aligned((2, columns), np.float32),
        floors=aligned((2, columns), np.float32),
        limits=aligned((2, columns), np.int32),
        changed=np.zeros((2, 3 * rows), np.int64),
        changes=np.zeros(2, np.int64),
        marked=np.zeros((2, columns), np.bool_),
        known=np.zeros(2, np.int64),
        parts=np.zeros(2, np.int64),
        touched=np.zeros(rows, np.int64),
        seen=np.full(room, -1, np.int64),
    )
