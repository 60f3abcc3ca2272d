"""Match every region with the hierarchy of exemplars."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np

from pipeline_lib.artifacts.labelled import SampleTable
from pipeline_lib.artifacts.parts import PartStore
from pipeline_lib.artifacts.shards import Reader
from pipeline_lib.closure import code_digest
from pipeline_lib.evaluation.beliefs import softmax
from pipeline_lib.fingerprint import digest, file_digest
from pipeline_lib.knowledge.exemplars.hierarchy import NOTHING
from pipeline_lib.knowledge.exemplars.matching import Regions, image_beliefs, match, refine
from pipeline_lib.parallel import map_ordered
from pipeline_lib.params.exemplars import Exemplars as Params
from pipeline_lib.progress import Track
from pipeline_lib.steps.exemplars.build import Hierarchy

IMAGES_AT_ONCE = 256  # matched together; fixed, and what a kill can lose per worker
LIKELY = 16  # tags kept of each region


def match_all(
    reader: Reader,
    table: SampleTable,
    classes: np.ndarray,
    found: Hierarchy,
    params: Params,
    parts: Path,
    *,
    track: Track,
) -> Iterator[dict[str, np.ndarray]]:
    """Yield the arrays of artifacts/exemplars.py GRAPHS in the order of samples.

    Batches of images are matched independently, on as many cores as there are, and kept.
    """
    ids = table.ids
    member = np.full((len(ids), reader.shapes["tags"][0]), NOTHING)
    member[found.filed.image, found.filed.region] = found.exemplars.member
    store = PartStore(parts / "matches" / _fingerprint(reader, table, classes, params))
    missing = set(store.missing(ids))
    pieces = [
        range(start, min(start + IMAGES_AT_ONCE, len(ids)))
        for start in range(0, len(ids), IMAGES_AT_ONCE)
    ]
    todo = [rows for rows in pieces if missing & {ids[row] for row in rows}]
    work = partial(_match, reader, ids, member, classes, found, params, store)
    for _ in map_ordered(work, todo, label="exemplars: matching", track=track):
        pass
    yield from store.gather(ids, IMAGES_AT_ONCE)


def _match(
    reader: Reader, ids: list[str], member: np.ndarray, classes: np.ndarray, found: Hierarchy,
    params: Params, store: PartStore, piece: range,
) -> None:  # fmt: skip
    rows = np.asarray(piece)
    descriptors = reader.rows(rows, "descriptors").astype(np.float32)
    shape = descriptors.shape
    x = found.scaler.apply(descriptors.reshape(-1, shape[2])).reshape(shape).astype(np.float32)
    raw = softmax(reader.rows(rows, "tags").astype(np.float32))
    regions = Regions(x, raw, member[rows], classes[rows])
    matches = match(
        regions,
        found.exemplars,
        params.keep,
        top_tags=params.top_tags,
        similarity=params.similarity,
    )
    some = matches.prototype != NOTHING
    tag = np.where(some, found.exemplars.tag[matches.prototype], NOTHING)
    refined = refine(raw, tag, params.filtering)
    likely = likeliest(raw, tag)
    store.add(
        [ids[row] for row in rows],
        {
            "regions": x.astype(np.float16),
            "prototypes": matches.x.astype(np.float16),
            "matched": matches.prototype.astype(np.int32),
            "prototype_tag": tag.astype(np.int32),
            "similarity": matches.similarity.astype(np.float16),
            "tags": likely.astype(np.int32),
            "raw": np.take_along_axis(raw, likely, 2),
            "refined": np.take_along_axis(refined, likely, 2),
            "beliefs": image_beliefs(matches).astype(np.float32),
            "pooled": reader.rows(rows, "pooled"),
        },
    )


def likeliest(raw: np.ndarray, matched: np.ndarray) -> np.ndarray:
    """Return each region's likeliest tags (images, J, K); the matched one is always among them."""
    count = min(LIKELY, raw.shape[2])
    order = np.argsort(-raw, axis=2, kind="stable")[:, :, :count]
    absent = (matched != NOTHING) & ~(order == matched[:, :, None]).any(2)
    order[absent, -1] = matched[absent]
    return order


def _fingerprint(reader: Reader, table: SampleTable, classes: np.ndarray, params: Params) -> str:
    """Name everything that a match depends on."""
    labels = table.samples.select("sample_id", "split", "classes").to_dict(as_series=False)
    return digest(
        {
            "params": params.model_dump(),
            "regions": file_digest(reader.folder, ".safetensors"),
            "labels": labels,
            "classes": classes.shape[1],
            "code": code_digest(__name__),
        }
    )
