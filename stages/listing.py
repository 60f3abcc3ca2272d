"""List the files of the data set, wherever it lies: what `ingest` depends on.

It runs in every `dvc repro`, and so it is also where a params.yaml that was edited by hand is
looked at as a whole, before anything is computed: other stages read their own sections only.
"""

from pathlib import Path
from typing import Annotated

import typer

from pipeline_lib.artifacts.atomic import write_bytes
from pipeline_lib.console import run, say
from pipeline_lib.datasets.location import locate, private
from pipeline_lib.errors import InputError
from pipeline_lib.params.dataset import Dataset
from pipeline_lib.project.document import check_parameters
from pipeline_lib.steps.listing import keep_listing, list_files, refuse_results


def main(
    out: Annotated[Path, typer.Option()],
    params: Annotated[Path, typer.Option()] = Path("params.yaml"),
    lock: Annotated[Path, typer.Option(help="Names the list that the team has.")] = Path(
        "dvc.lock"
    ),
) -> None:
    """Write one line per file; without the data set, keep the list that was shared."""
    if faults := check_parameters(params):
        raise InputError("\n".join(faults))
    root = locate(Dataset.load("dataset", params).path)
    if not root.exists():
        keep_listing(out, lock, root)
        say("listing: the data set is not on this machine; what was made of it stays as it is")
        return
    refuse_results(root, out.parents[1])
    found = list_files(root, private() / "listing")
    write_bytes(out, found.text)
    say(f"listing: {found.files} files in {root}, {found.read} of them new or changed")


if __name__ == "__main__":
    run(main)
