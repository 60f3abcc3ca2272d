"""Pictures of which one is a crop, another compression or another exposure of the other.

Two pictures are one where both agree: the network's vectors, and thumbnails. By vectors alone a
network that was trained on few labels takes a class for one picture; by thumbnails alone two dark
pictures are one.
"""

from collections.abc import Callable

import numpy as np
import polars as pl
from PIL import Image
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from pipeline_lib.artifacts.labelled import SampleTable
from pipeline_lib.artifacts.quality import NEAR_DUPLICATES
from pipeline_lib.clustering.neighbours import Neighbours
from pipeline_lib.datasets.duplicates import LEARNS, TESTS
from pipeline_lib.progress import Track

SIDE = 8  # cells of a thumbnail: of 8, 12 and 16 it tells planted crops best (docs/log.md)
AT_ONCE = 256  # pictures in memory
Pixels = Callable[[list[int]], list[np.ndarray]]
"""The pictures of some rows, RGB (height, width, 3) uint8."""


def near_duplicates(
    table: SampleTable, found: Neighbours, pixels: Pixels, *, at_least: float, track: Track
) -> pl.DataFrame:
    """Return the pairs of images that look alike, as NEAR_DUPLICATES.

    Only pairs of neighbours are compared, and only pictures are read whose vectors are so near that
    the mean of both similarities can reach ``at_least``.
    """
    first, second, cosine = _pairs(found, 2 * at_least - 1)
    digests = table.samples["sha256"].to_numpy()
    news = digests[first] != digests[second]  # `ingest` lists what is equal to the pixel
    first, second, cosine = first[news], second[news], cosine[news]
    rows, place = np.unique(np.stack([first, second]), return_inverse=True)
    small = _thumbnails(pixels, rows.tolist(), track)
    a, b = place.reshape(2, -1)
    alike = (small[a] * small[b]).sum(1).clip(-1, 1)
    mean = (cosine + alike) / 2
    kept = mean >= at_least
    return _frame(table, first[kept], second[kept], cosine[kept], alike[kept])


def _thumbnails(pixels: Pixels, rows: list[int], track: Track) -> np.ndarray:
    """Return the thumbnails of some pictures (rows, cells), few of which are in memory at once."""
    found = np.zeros((len(rows), SIDE * SIDE * 3))
    pieces = range(0, len(rows), AT_ONCE)
    for first in track(pieces, label="quality: pictures compared", total=len(pieces)):
        for place, picture in enumerate(pixels(rows[first : first + AT_ONCE]), first):
            found[place] = thumbnail(picture)
    return found


def thumbnail(picture: np.ndarray) -> np.ndarray:
    """Return a picture as a vector of unit length, whatever its size, brightness and contrast.

    A picture of one colour has no direction and is 0.
    """
    small = Image.fromarray(picture).resize((SIDE, SIDE), Image.Resampling.BOX)
    flat = np.asarray(small, np.float64).ravel()
    flat = flat - flat.mean()
    length = np.linalg.norm(flat)
    found: np.ndarray = flat / length if length else flat
    return found


def copies(table: SampleTable, near: pl.DataFrame) -> np.ndarray:
    """Return the number of the group of each image (images,): copies of each other share one."""
    place = {one: row for row, one in enumerate(table.ids)}
    first = [place[one] for one in near["first"]]
    second = [place[one] for one in near["second"]]
    equal = pl.DataFrame({"digest": table.samples["sha256"], "row": np.arange(len(table))})
    leader = equal.select(pl.col("row").first().over("digest")).to_series().to_list()
    edges = (first + list(range(len(table))), second + leader)
    graph = coo_array((np.ones(len(edges[0])), edges), shape=(len(table), len(table)))
    groups: np.ndarray = connected_components(graph, directed=False)[1]
    return groups


def _pairs(found: Neighbours, at_least: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return pairs of neighbours whose cosine is at least so much: first < second, each once."""
    count, k = found.rows.shape
    own = np.repeat(np.arange(count), k)
    other, cosine = found.rows.ravel(), found.cosine.ravel()
    near = cosine >= at_least
    pairs = np.sort(np.stack([own[near], other[near]]), axis=0)
    unique, index = np.unique(pairs, axis=1, return_index=True)
    return unique[0], unique[1], cosine[near][index]


def _frame(
    table: SampleTable, first: np.ndarray, second: np.ndarray, cosine: np.ndarray, alike: np.ndarray
) -> pl.DataFrame:
    a, b = table.samples[first], table.samples[second]
    use = [
        one["split"].replace_strict(LEARNS, default=TESTS, return_dtype=pl.Int8) for one in (a, b)
    ]
    differ = (a["classes"] != b["classes"]) | (a["tags"] != b["tags"])
    return pl.DataFrame(
        {
            "first": a["sample_id"],
            "second": b["sample_id"],
            "similarity": (cosine + alike) / 2,
            "vectors": cosine,
            "pixels": alike,
            "first_split": a["split"],
            "second_split": b["split"],
            "straddles": use[0] != use[1],
            "labels_differ": differ,
        },
        schema=NEAR_DUPLICATES.dtypes,
    )
