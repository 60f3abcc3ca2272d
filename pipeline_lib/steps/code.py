"""Which code each stage and each run executes: what all other stages depend on."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from pipeline_lib.closure import listing
from pipeline_lib.reporting.sections import modules
from pipeline_lib.steps.train.loading import modules_of

TRAIN, REPORT = "train", "report"  # they find by name what they execute


def listings(
    scripts: Iterable[str], methods: Mapping[str, Mapping[str, Any]]
) -> Iterator[tuple[Path, str]]:
    """Yield the listing of every stage, and of every run in place of the stage that trains it.

    Args:
        scripts: names of the modules in `stages`, without the one that writes listings.
        methods: the section ``methods`` of params.yaml.

    Yields:
        A relative path (``STAGE.txt``, ``train/RUN.txt``) and the text (closure.listing).

    Raises:
        InputError: a run names a method that is not there.
    """
    of_method = {}
    for name in scripts:
        if name != TRAIN:
            found = modules() if name == REPORT else []
            yield Path(f"{name}.txt"), listing(f"stages.{name}", *found)
    for run, entry in methods.items():
        method = entry["method"]
        if method not in of_method:
            of_method[method] = listing(f"stages.{TRAIN}", *modules_of(method))
        yield Path(TRAIN, f"{run}.txt"), of_method[method]
