"""Labels that the stage ``quality`` doubts, of the images that are shown."""

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from pipeline_lib.artifacts.quality import SUSPECTS, SUSPECTS_FILE
from pipeline_lib.reporting.explorer.explained import WHOLE

MOST = 100  # of a target and kind, the likeliest first; the table ranks every image


def doubts(folder: Path) -> pl.DataFrame:
    """Read the likeliest suspects, as SUSPECTS; none where the stage did not run."""
    if not (folder / SUSPECTS_FILE).exists():
        return pl.DataFrame(schema=SUSPECTS.dtypes)
    return SUSPECTS.read(folder / SUSPECTS_FILE).filter(pl.col("rank") <= MOST)


def by_place(table: pl.DataFrame, place: Mapping[str, int]) -> dict[int, list[list[object]]]:
    """Return what is doubted of each image.

    Args:
        table: as ``doubts``.
        place: of images among those shown, by key.

    Returns:
        By place: rank, given and suggested label or "", and their probabilities in thousandths.
    """
    found: dict[int, list[list[object]]] = {}
    for row in table.sort("rank", "target", "kind").iter_rows(named=True):
        if row["sample_id"] in place:
            names = [row[which] or "" for which in ("given", "suggested")]
            sure = [round(WHOLE * (row[f"{w}_probability"] or 0)) for w in ("given", "suggested")]
            found.setdefault(place[row["sample_id"]], []).append([row["rank"], *names, *sure])
    return found
