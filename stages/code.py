"""List the code that each stage and each run executes; the others depend on these lists alone."""

import shutil
from pathlib import Path
from typing import Annotated

import typer

from pipeline_lib.artifacts.atomic import write_bytes
from pipeline_lib.console import run, say
from pipeline_lib.params.section import read_yaml
from pipeline_lib.steps.code import listings


def main(
    out: Annotated[Path, typer.Option()],
    params: Annotated[Path, typer.Option()] = Path("params.yaml"),
) -> None:
    """Write one listing per stage and per run; comments and docstrings are not in them."""
    scripts = sorted(path.stem for path in Path(__file__).parent.glob("[!_]*.py"))
    others = [name for name in scripts if name != Path(__file__).stem]
    found = dict(listings(others, read_yaml(params)["methods"]))
    shutil.rmtree(out, ignore_errors=True)
    for path, text in found.items():
        write_bytes(out / path, text.encode())
    say(f"code: {len(found)} listings, for {len(others)} stages and their runs")


if __name__ == "__main__":
    run(main)
