"""What is no fault, and what somebody who runs it should know: by what `ingest` read."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pipeline_lib.artifacts.labelled import read_categories
from pipeline_lib.artifacts.samples import SAMPLES
from pipeline_lib.params.section import NOTHING
from pipeline_lib.project.backbone_choice import reads_images
from pipeline_lib.project.paths import outside_files
from pipeline_lib.project.plan import params_of
from pipeline_lib.project.selection import RUNS
from pipeline_lib.reporting.unpredicted import unpredicted

INGEST = Path("data/artifacts/ingest")
REDUCED = 2  # times: pictures that lose more of their sides are taken for photographs


def advice(document: dict[str, Any], root: Path) -> Iterator[str]:
    """Yield a sentence for each thing to know; of labels once this data set was ingested.

    Args:
        document: a params.yaml without a fault.
        root: the checkout.

    Raises:
        InputError: a table of `ingest` is damaged.
    """
    yield from outside_files(document, root)
    folder, locked = root / INGEST, params_of(root, "ingest").get("dataset")
    if locked != document["dataset"]:
        return
    if (folder / "categories.parquet").exists():
        targets = {run["target"] for run in document[RUNS].values()}
        categories = read_categories(folder / "categories.parquet")
        yield from (found.text for found in unpredicted(categories, targets))
    if (folder / "samples.parquet").exists():
        yield from _from_scratch(document, folder / "samples.parquet")


def _from_scratch(document: dict[str, Any], samples: Path) -> Iterator[str]:
    """Name the runs that learn to see from nothing, on pictures made much smaller."""
    side: Any = SAMPLES.read(samples, ("width", "height")).min_horizontal().median()
    for name, run in document[RUNS].items():
        backbone = document[name].get("backbone")
        if not backbone or not reads_images(name, run) or run["weights"] != NOTHING:
            continue
        size = backbone["image_size"]
        if size and not backbone["pretrained"] and side >= REDUCED * size:
            yield (
                f"run {name} sees pictures of {side:.0f} pixels at {size}, by a "
                f"{backbone['model']} trained from scratch: of photographs a pretrained backbone "
                "tells far more; preset image-folder has one"
            )
