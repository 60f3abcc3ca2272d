"""The `protoweave` command: choose what runs, see why it runs, look at what came out."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from pipeline_lib.allocator import keep_freed_memory
from pipeline_lib.console import errors, print_table, say
from pipeline_lib.errors import InputError
from pipeline_lib.project.category_graph_commands import graph, mine
from pipeline_lib.project.comparing_commands import compare, evaluate_file, table
from pipeline_lib.project.disk_commands import disk
from pipeline_lib.project.export_commands import export
from pipeline_lib.project.predict_commands import predict
from pipeline_lib.project.recognise_commands import recognise
from pipeline_lib.project.start_commands import start
from pipeline_lib.project.weights_commands import weights
from pipeline_lib.version import __version__

ROOT = Path()
PARAMS = Path("params.yaml")
PRESETS = Path("presets")
KEPT = Path(".protoweave")

Names = Annotated[
    list[str] | None,
    typer.Option(help="A method, or RUN=METHOD to run one under another name; repeatable."),
]
MOST_REASONS = 4

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
app.command()(graph)
app.command()(mine)
app.command()(predict)
app.command()(recognise)
app.command()(start)
app.command()(compare)
app.command()(table)
app.command()(evaluate_file)
app.command()(disk)
app.command()(weights)
app.add_typer(export, name="export")


def main() -> None:
    """Run the command; an input error is one red paragraph and exit code 2."""
    keep_freed_memory()
    try:
        app()
    except InputError as error:
        errors.print(f"error: {error}", style="red", markup=False, soft_wrap=True)
        sys.exit(2)


def _print_version(wanted: bool) -> None:
    if wanted:
        version()
        raise typer.Exit


@app.callback()
def _top(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="As `version`."),
    ] = False,
) -> None:
    """Train, ablate and compare visual-semantic recognition methods; `dvc repro` runs them."""


@app.command()
def version() -> None:
    """Print the version."""
    say(f"protoweave {__version__}")


@app.command()
def use(
    preset: Annotated[
        str, typer.Argument(help="Name of a preset; without it an older file is migrated.")
    ] = "",
    data: Annotated[
        str, typer.Option(help="Folder of the data set, in the checkout or anywhere.")
    ] = "",
    backbone: Annotated[
        str | None, typer.Option(help="A timm model for every section that builds one.")
    ] = None,
    pretrained: Annotated[
        bool, typer.Option("--pretrained", help="Start from the weights timm publishes for it.")
    ] = False,
    weights: Annotated[
        str | None, typer.Option(help="Start from this local checkpoint instead.")
    ] = None,
    image_size: Annotated[int | None, typer.Option(help="In pixels; 0: the model's own.")] = None,
    change: Annotated[
        list[str] | None, typer.Option("--set", help="KEY=VALUE, e.g. csrms.recipe.epochs=3.")
    ] = None,
) -> None:
    """Write params.yaml from a preset, or migrate it; the file it replaces is kept."""
    from pipeline_lib.datasets.location import DRAWN, OWN, place
    from pipeline_lib.project import presets
    from pipeline_lib.project.backbone_choice import Choice
    from pipeline_lib.project.checkout import refuse_elsewhere
    from pipeline_lib.project.writing import put

    refuse_elsewhere(ROOT)
    if not preset:
        _migrate()
        found = presets.available(PRESETS)
        print_table(("preset", "what it runs"), [(p.name, p.summary) for p in found])
        return
    changes = dict(presets.parse_change(c) for c in change or [])
    inside, elsewhere = place(Path(data)) if data else (None, None)
    if inside:
        changes["dataset.path"] = inside
    if elsewhere and presets.path_of(PRESETS, preset) == DRAWN:
        changes.setdefault("dataset.path", OWN)
    local = None if weights is None else presets.home(weights)
    choice = Choice(backbone, pretrained, local, image_size)
    text = presets.checked(presets.text_of(PRESETS, preset, changes, choice), PARAMS)
    for line in put(text, ROOT, elsewhere=elsewhere, noted=bool(data)):
        say(line)
    say(
        f"params.yaml holds preset '{preset}'; `protoweave explain` says what `dvc repro` would run"
    )


def _migrate() -> None:
    """Bring params.yaml into today's shape, if an older version wrote it."""
    from pipeline_lib.params.older import older_place
    from pipeline_lib.params.section import read_yaml
    from pipeline_lib.project import presets
    from pipeline_lib.project.checkout import refuse_while_running
    from pipeline_lib.project.migration.migrate import migrated

    if not PARAMS.exists() or not older_place(read_yaml(PARAMS)):
        return
    text, notes = migrated(PARAMS.read_text(encoding="utf-8"), PRESETS)
    presets.checked(text, PARAMS)
    refuse_while_running(ROOT)
    kept = presets.replace_params(PARAMS, text, KEPT)
    for note in notes:
        say(note)
    say(f"params.yaml was of an older shape and is migrated; what was here is now {kept}")


@app.command()
def datasets() -> None:
    """List the layouts of data sets that can be read."""
    from pipeline_lib.datasets.registry import FORMATS

    rows = [(f.name, f.summary, f.layout) for f in FORMATS.values()]
    print_table(("format", "what it is", "what the folder holds"), rows)


@app.command()
def methods(
    enable: Names = None,
    disable: Names = None,
    controls: Annotated[
        str, typer.Option(help="A run that gets the placebo of each of its modules.")
    ] = "",
    sync: Annotated[bool, typer.Option(help="Mend `shared` after an edit by hand.")] = False,
) -> None:
    """List the methods, or choose which ones params.yaml runs."""
    from pipeline_lib.methods.registry import METHODS
    from pipeline_lib.params.section import read_yaml
    from pipeline_lib.project.checkout import refuse_while_running
    from pipeline_lib.project.selection import enabled, stages_of
    from pipeline_lib.project.switching import select

    if controls:
        from pipeline_lib.project.controls import add_controls

        refuse_while_running(ROOT)
        added, left_out = add_controls(PARAMS, controls)
        for note in left_out:
            say(note)
        say(f"{controls} is compared with {', '.join(added) or 'the controls that it has'}")
    if enable or disable or sync:
        refuse_while_running(ROOT)
        runs, notes = select(PARAMS, enable=enable or (), disable=disable or (), presets=PRESETS)
        for note in notes:
            say(note)
        say(f"params.yaml runs {', '.join(runs) or 'nothing'}")
    if enable or disable or sync or controls:
        return
    runs, document = enabled(PARAMS), read_yaml(PARAMS)
    rows = [
        (
            m.name,
            str(runs.count(m.name)),
            m.title,
            m.paper,
            ", ".join(m.targets),
            ", ".join(stages_of(m, document)),
        )
        for m in METHODS.values()
    ]
    print_table(("method", "runs", "title", "paper", "predicts", "needs"), rows)


@app.command()
def models(
    pattern: Annotated[str, typer.Argument(help="With wildcards, e.g. 'resnet*'.")] = "*",
) -> None:
    """List the backbones whose name matches a pattern."""
    import timm

    from pipeline_lib.encoders import cifar_resnet, lenet  # noqa: F401 - they register models

    for name in timm.list_models(pattern):
        say(name)


@app.command()
def explain(
    cost: Annotated[
        bool, typer.Option("--cost", help="Minutes, memory and disk, measured on a sample.")
    ] = False,
) -> None:
    """Say what `dvc repro` would run, why, and how long each stage took last time."""
    from pipeline_lib.project.plan import plan

    if cost:
        from pipeline_lib.params.section import read_yaml
        from pipeline_lib.project.estimate import cost as estimate
        from pipeline_lib.project.estimate.words import print_costs

        print_costs(estimate.cost(ROOT, read_yaml(PARAMS)))
        return
    planned = plan(ROOT)
    if not planned:
        say("nothing to run: every result is up to date")
        return
    rows = [
        (
            p.stage,
            _summary(p.reasons) or f"only if {', '.join(p.after)} changes",
            _seconds(p.seconds),
        )
        for p in planned
    ]
    print_table(("stage", "why", "last time"), rows)


@app.command()
def cost() -> None:
    """Say how many images each run encoded, for what, and how long its training took here."""
    from pipeline_lib.project.cost import costs

    rows = [
        (
            found.run,
            f"{found.images:,.0f}" if found.parts else "not trained yet",
            ", ".join(f"{part} {count:,.0f}" for part, count in found.parts.items()),
            _seconds(found.seconds),
        )
        for found in costs(ROOT)
    ]
    print_table(("run", "images encoded", "of which", "training, last time"), rows)


@app.command()
def inspect(
    artifact: Annotated[Path, typer.Argument(help="A file or folder below data/artifacts.")],
    rows: Annotated[int, typer.Option(min=0, help="Rows of a table to show.")] = 5,
    digest: Annotated[bool, typer.Option(help="Print a digest of the content alone.")] = False,
) -> None:
    """Show what an artifact holds."""
    from pipeline_lib.project.inspection import content_digest, describe

    found = describe(artifact, rows)
    if digest:
        say(content_digest(artifact))
        return
    print_table((found.kind, str(artifact)), list(found.facts.items()))
    if found.head is not None:
        say(str(found.head))
    if found.content:
        say(found.content)


@app.command()
def doctor() -> None:
    """Check this machine, this checkout and params.yaml."""
    from pipeline_lib.project.check import check

    findings = check(ROOT)
    for finding in findings:
        say(f"{'ok  ' if finding.ok else 'FAIL'}  {finding.text}")
    if not all(finding.ok for finding in findings):
        raise typer.Exit(1)


def _summary(reasons: Sequence[str]) -> str:
    """Join the first reasons; after a pull of new code there can be dozens."""
    shown = [*reasons[:MOST_REASONS]]
    if len(reasons) > MOST_REASONS:
        shown.append(f"and {len(reasons) - MOST_REASONS} more")
    return "; ".join(shown)


def _seconds(seconds: float | None) -> str:
    return "" if seconds is None else f"{seconds:.0f} s"


if __name__ == "__main__":
    main()
