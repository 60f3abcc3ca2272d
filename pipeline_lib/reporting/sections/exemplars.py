"""Section "Exemplars": clusters of the regions of a tag, retained and discarded."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from pipeline_lib.artifacts.json_file import read_json
from pipeline_lib.artifacts.samples import TEST, TRAIN, VAL
from pipeline_lib.evaluation.embedding import spread_choice
from pipeline_lib.reporting.exemplar_pictures import Matched
from pipeline_lib.reporting.material import Material
from pipeline_lib.reporting.members import Strip
from pipeline_lib.reporting.section import Section
from pipeline_lib.targets import Target

TAGS = 8  # shown, at even steps
EACH = 2  # prototypes of a kind and tag, the largest ones
MEMBERS = 6  # pictures of a prototype
COUNTS = "prototypes"


@dataclass(frozen=True)
class Worth:
    """What exemplars are worth on one split."""

    split: str
    raw: float  # tag mAP
    refined: float
    gain: float
    known: float  # images whose class the matched prototypes alone know


@dataclass(frozen=True)
class OfTag:
    """Some prototypes of a tag."""

    name: str
    kept: int
    left: int  # discarded
    retained: list[Strip]
    discarded: list[Strip]


@dataclass(frozen=True)
class Exemplars:
    """The section."""

    counts: dict[str, float]
    worth: list[Worth]
    judged: Worth | None  # by which it is said whether refinement helps
    tags: list[OfTag]
    left_out: int  # tags with prototypes that are not shown


def exemplars(folder: Path, matched: Matched | None) -> Exemplars | None:
    """Describe the exemplars, if a run needed any."""
    if matched is None:
        return None
    metrics = read_json(folder / "metrics.json")
    worth = worth_of(metrics)
    chosen, left_out = chosen_tags(matched.prototypes)
    return Exemplars(
        counts=metrics[COUNTS],
        worth=worth,
        judged=next((w for w in worth if w.split == VAL), worth[0] if worth else None),
        tags=[_of_tag(matched, tag) for tag in chosen],
        left_out=left_out,
    )


def worth_of(metrics: Mapping[str, Mapping[str, float]]) -> list[Worth]:
    """Arrange metrics.json of ``exemplars``: test first, then val, the training images last."""
    splits = sorted(
        (s for s in metrics if s != COUNTS),
        key=lambda s: (s == TRAIN, s != TEST, not s.startswith(TEST), s),
    )
    return [
        Worth(
            split,
            metrics[split]["tag_map_raw"],
            metrics[split]["tag_map_refined"],
            metrics[split]["tag_map_gain"],
            metrics[split]["beliefs_accuracy"],
        )
        for split in splits
    ]


def chosen_tags(prototypes: pl.DataFrame) -> tuple[list[int], int]:
    """Return tags at even steps, of those with both kinds of prototypes if there are enough."""
    kinds = prototypes.group_by("tag").agg(pl.col("retained").n_unique()).sort("tag")
    both = kinds.filter(pl.col("retained") == 2)
    pool = both if len(both) >= TAGS else kinds
    chosen = pool["tag"].gather(spread_choice(len(pool), TAGS)) if len(pool) else pool["tag"]
    return chosen.to_list(), len(kinds) - len(chosen)


def _of_tag(matched: Matched, tag: int) -> OfTag:
    own = matched.prototypes.filter(pl.col("tag") == tag)
    ordered = own.sort("size", "prototype", descending=[True, False])
    kept, left = ordered.filter("retained"), ordered.filter(~pl.col("retained"))

    def strips(some: pl.DataFrame) -> list[Strip]:
        return [matched.strip(prototype, MEMBERS) for prototype in some["prototype"].head(EACH)]

    return OfTag(own["name"][0], len(kept), len(left), strips(kept), strips(left))


def _build(material: Material, target: Target) -> Exemplars | None:
    return exemplars(material.at("exemplars", target), Matched.of(material, target))


READS = ("exemplars", "regions", "maps")
SECTION = Section("exemplars", "Exemplars", 70, _build, per="target", reads=READS)
