"""Match every region with the hierarchy of exemplars."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Self

import numpy as np

from pipeline_lib.artifacts.exemplars import VSE
from pipeline_lib.artifacts.labelled import SampleTable
from pipeline_lib.artifacts.parts import PartStore, Rows
from pipeline_lib.artifacts.shards import Reader
from pipeline_lib.closure import code_digest
from pipeline_lib.clustering.scaling import Scaler
from pipeline_lib.evaluation.beliefs import softmax
from pipeline_lib.fingerprint import digest, file_digest
from pipeline_lib.knowledge.exemplars.hierarchy import NOTHING, Exemplars
from pipeline_lib.knowledge.exemplars.matching import (
    Regions,
    image_beliefs,
    match,
    of_one_tag,
    refine,
    tag_distribution,
)
from pipeline_lib.parallel import map_ordered
from pipeline_lib.params.exemplars import Exemplars as Params
from pipeline_lib.progress import Track
from pipeline_lib.steps.exemplars.build import Hierarchy

IMAGES_AT_ONCE = 256  # matched together; fixed, and what a kill can lose per worker
LIKELY = 16  # tags kept of each region


@dataclass(frozen=True)
class Matcher:
    """The hierarchy of exemplars, and how regions are matched with it."""

    exemplars: Exemplars
    scaler: Scaler  # of descriptors
    params: Params

    @classmethod
    def of(cls, found: Hierarchy, params: Params) -> Self:
        """Match with what was just built."""
        return cls(found.exemplars, found.scaler, params)

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read what ``exemplars`` wrote; which regions it was built from is not in the file.

        Raises:
            InputError: the file is missing or damaged.
        """
        arrays, header = VSE.read(path)
        known = {name: arrays[name] for name in ("tag", "mean", "counts", "size", "retained")}
        exemplars = Exemplars(**known, member=np.empty(0, np.int64))
        scaler = Scaler(arrays["low"], arrays["high"])
        return cls(exemplars, scaler, Params.model_validate(header["params"]))

    def new(self, regions: Rows) -> Rows:
        """Match regions of images that no exemplar was built from."""
        images, steps, _ = regions["tags"].shape
        nothing = np.full((images, steps), NOTHING)
        return self(regions, nothing, np.zeros((images, self.exemplars.counts.shape[1]), bool))

    def __call__(self, regions: Rows, member: np.ndarray, classes: np.ndarray) -> Rows:
        """Return the arrays of artifacts/exemplars.py GRAPHS.

        Args:
            regions: "descriptors", "tags" and "pooled" of artifacts/shards.py REGIONS.
            member: the prototype that each region belongs to (images, regions), or -1.
            classes: multi-hot (images, classes); read of members only.
        """
        x = self._scaled(regions["descriptors"])
        raw = softmax(regions["tags"].astype(np.float32))
        found = Regions(x, raw, member, classes)
        matches = match(
            found,
            self.exemplars,
            self.params.keep,
            top_tags=self.params.top_tags,
            similarity=self.params.similarity,
        )
        some = matches.prototype != NOTHING
        tag = np.where(some, self.exemplars.tag[matches.prototype], NOTHING)
        refined = refine(raw, self._semantic(found, tag), self.params.filtering)
        likely = likeliest(raw, tag)
        return self._lattice(regions) | {
            "regions": x.astype(np.float16),
            "prototypes": matches.x.astype(np.float16),
            "matched": matches.prototype.astype(np.int32),
            "prototype_tag": tag.astype(np.int32),
            "similarity": matches.similarity.astype(np.float16),
            "tags": likely.astype(np.int32),
            "raw": np.take_along_axis(raw, likely, 2),
            "refined": np.take_along_axis(refined, likely, 2),
            "beliefs": image_beliefs(matches).astype(np.float32),
            "pooled": regions["pooled"],
        }

    def _semantic(self, regions: Regions, tag: np.ndarray) -> np.ndarray:
        """Return t_r of Eq. 7: of the matched tags, or of all."""
        temperature = self.params.temperature
        if temperature == "none":
            return of_one_tag(tag, regions.tags.shape[2])
        return tag_distribution(
            regions,
            self.exemplars,
            self.params.keep,
            similarity=self.params.similarity,
            temperature=temperature,
        )

    def _lattice(self, regions: Rows) -> Rows:
        """Scale and name the regions of a lattice, where there are any."""
        if "lattice" not in regions:
            return {}
        raw = softmax(regions["lattice_tags"].astype(np.float32))
        likely = likeliest(raw, np.full(raw.shape[:2], NOTHING))
        return {
            "lattice": self._scaled(regions["lattice"]).astype(np.float16),
            "lattice_tags": likely.astype(np.int32),
            "lattice_raw": np.take_along_axis(raw, likely, 2),
        }

    def _scaled(self, descriptors: np.ndarray) -> np.ndarray:
        wide = descriptors.astype(np.float32)
        flat = self.scaler.apply(wide.reshape(-1, wide.shape[2]))
        scaled: np.ndarray = flat.reshape(wide.shape).astype(np.float32)
        return scaled


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
    work = partial(_match, reader, ids, member, classes, Matcher.of(found, params), store)
    for _ in map_ordered(work, todo, label="exemplars: matching", track=track):
        pass
    yield from store.gather(ids, IMAGES_AT_ONCE)


def _match(
    reader: Reader, ids: list[str], member: np.ndarray, classes: np.ndarray, matcher: Matcher,
    store: PartStore, piece: range,
) -> None:  # fmt: skip
    rows = np.asarray(piece)
    names = {"descriptors", "tags", "pooled", "lattice", "lattice_tags"} & reader.shapes.keys()
    regions = {name: reader.rows(rows, name) for name in names}
    store.add([ids[row] for row in rows], matcher(regions, member[rows], classes[rows]))


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
