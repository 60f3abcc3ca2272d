"""The commands that put runs beside each other: arguments in, library calls, lines out."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipeline_lib.console import print_table, say
from pipeline_lib.errors import InputError

if TYPE_CHECKING:
    from pipeline_lib.project.comparing.pair import Line
    from pipeline_lib.project.comparing.provenance import Difference

ROOT = Path()
Splits = Annotated[
    list[str] | None,
    typer.Option("--split", help="A split or a view such as test@zsl; repeatable."),
]


def compare(
    runs: Annotated[list[str], typer.Argument(help="Two runs: RUN, or REVISION:RUN.")],
    rev: Annotated[
        list[str] | None,
        typer.Option(
            help="Compare the one RUN with itself at this commit or experiment; or at two of them."
        ),
    ] = None,
    split: Splits = None,
) -> None:
    """Compare two runs, commits or experiments on the same images: the first minus the second."""
    from pipeline_lib.artifacts.samples import TEST
    from pipeline_lib.project.comparing import pair, provenance
    from pipeline_lib.project.comparing.named_run import find

    found = find(ROOT, runs, rev or [])
    if len(found) != 2:
        raise InputError(
            f"compare takes two runs, or one with --rev REVISION, found {len(found)}: "
            f"{', '.join(runs)}; `protoweave table` shows any number"
        )
    ours, theirs = found
    names = (ours.outcome.name, theirs.outcome.name)
    for view in split or [TEST]:
        print_lines(pair.compared(ours, theirs, [view]), names, view)
        if changed := pair.relabelled(ours, theirs, view):
            say(f"{changed} of these images bear other labels in the one than in the other")
        say("")
    _print_differences(provenance.differences(ours, theirs), *names)
    for one in found:
        if provenance.unrecorded(one):
            say(f"dvc.lock says nothing of {one.outcome.name}: inputs and code are not compared")


def table(
    runs: Annotated[
        list[str] | None,
        typer.Argument(help="RUN, or REVISION:RUN; without any, all runs of params.yaml."),
    ] = None,
    latex: Annotated[
        bool, typer.Option("--latex", help="A table of LaTeX, with booktabs.")
    ] = False,
    markdown: Annotated[bool, typer.Option("--markdown", help="The default.")] = False,
    csv: Annotated[
        bool, typer.Option("--csv", help="A line per run, split and metric, in full precision.")
    ] = False,
    metric: Annotated[
        list[str] | None,
        typer.Option(help="As files name it, e.g. map_voc_area; repeatable. [default: the first]"),
    ] = None,
    split: Splits = None,
    reference: Annotated[
        str, typer.Option(help="RUN or REVISION:RUN that gains are over, on the same images.")
    ] = "",
    spread: Annotated[
        bool, typer.Option("--spread", help="Also the standard deviation between seeds.")
    ] = False,
    out: Annotated[Path | None, typer.Option(help="Write a file instead of printing.")] = None,
) -> None:
    """Show runs beside each other: metrics with intervals, and gains over a reference."""
    from pipeline_lib.artifacts.atomic import write_bytes
    from pipeline_lib.artifacts.samples import TEST
    from pipeline_lib.params.section import read_yaml
    from pipeline_lib.project.comparing import pair, runs_table, table_text
    from pipeline_lib.project.comparing.named_run import find

    if latex + markdown + csv > 1:
        raise InputError("table writes one form, expected one of --latex, --markdown and --csv")
    named = runs or list(read_yaml(ROOT / "params.yaml").get("methods") or {})
    found = find(ROOT, [*named, *([reference] if reference else [])], [])
    other = found.pop() if reference else None
    if other:
        name, judged = other.outcome.name, pair.judged_by(other)
        for one in found:
            pair.refuse_other_resamples(one.outcome.name, pair.judged_by(one), name, judged)
    against = other.outcome if other else None
    scores = runs_table.scores(
        [one.outcome for one in found], split or [TEST], metric or [], against
    )
    if csv:
        text = runs_table.csv(scores)
    else:
        words = table_text.text_of(scores, against, spread=spread)
        text = table_text.latex(words) if latex else table_text.markdown(words)
    if out:
        write_bytes(out, text.encode())
        say(f"{out}: {len(scores)} values of {len(found)} runs")
    else:
        typer.echo(text, nl=False)


def evaluate_file(
    predictions: Annotated[
        Path, typer.Argument(help="Parquet or CSV: ids, and a column per class or tag.")
    ],
    against: Annotated[str, typer.Option(help="The split whose images are judged.")] = "test",
    run: Annotated[
        str, typer.Option(help="RUN or REVISION:RUN to compare with on the same images.")
    ] = "",
    target: Annotated[
        str, typer.Option(help="classes or tags. [default: what its columns are named after]")
    ] = "",
    id_column: Annotated[
        str, typer.Option("--id", help="The column of ids. [default: sample_id, or id]")
    ] = "",
    holds: Annotated[
        str, typer.Option(help="scores or probabilities. [default: read off names and numbers]")
    ] = "",
) -> None:
    """Judge predictions that were made elsewhere by the metrics and the resamples of `evaluate`."""
    from pipeline_lib.datasets.label_names import some
    from pipeline_lib.evaluation.view_names import views_of
    from pipeline_lib.params.section import read_yaml
    from pipeline_lib.project.comparing import pair
    from pipeline_lib.project.comparing.elsewhere import judge_table
    from pipeline_lib.project.comparing.named_run import find
    from pipeline_lib.reporting.numbers import interval

    ours = find(ROOT, [run], [])[0] if run else None
    wanted = _one_of("--target", target, ("classes", "tags"))
    kind = _one_of("--holds", holds, ("scores", "probabilities"))
    found = judge_table(
        ROOT,
        predictions,
        against,
        target=wanted or (ours.outcome.target if ours else None),
        id_column=id_column,
        kind=kind,
    )
    read, theirs = found.predictions, found.outcome
    how = "" if read.said else ", by their range (--holds says otherwise)"
    say(f"{predictions}: {read.kind} of {len(read.names)} {theirs.target}{how}")
    if found.chosen.refused:
        say(f"no threshold or temperature is chosen: {found.chosen.refused}")
    else:
        say(f"thresholds and temperature are chosen on its {found.chosen.images} rows of val")
    if read.others:
        say(f"not read: {read.others} rows of other splits")
    if read.unread:
        say(f"not read: columns {some(read.unread)}")
    for view in views_of(against, theirs.metrics):
        say("")
        if ours and view in ours.outcome.views:
            now = read_yaml(ROOT / "params.yaml")["evaluation"]
            names = (theirs.name, ours.outcome.name)
            pair.refuse_other_resamples(names[0], now, names[1], pair.judged_by(ours))
            print_lines(pair.lines(theirs, ours.outcome, [view]), names, view)
        else:
            say(f"{view}, {theirs.images(view):,} images")
            rows = [(m.title, interval(e), m.name) for m, e in theirs.estimates(view).items()]
            print_table(("metric", theirs.name, "in files"), rows)


def _one_of(option: str, word: str, known: Sequence[str]) -> Any:
    if word and word not in known:
        raise InputError(f"{option} is '{word}', expected {' or '.join(known)}")
    return word or None


def print_lines(lines: Sequence["Line"], names: tuple[str, str], title: str) -> None:
    """Print the metrics of two runs in percent, and their differences in points."""
    from pipeline_lib.reporting.numbers import difference_of, interval

    rows = []
    for line in lines:
        gain, low, high = difference_of(line.difference)
        values = (interval(line.ours), interval(line.theirs), f"{gain} [{low}, {high}]")
        rows.append((line.measure.title, *values, line.verdict, line.measure.name))
    images = lines[0].images
    say(f"{title}, {images:,} images: {names[0]} \N{MINUS SIGN} {names[1]}")
    print_table(("metric", *names, "difference", f"{names[0]} is", "in files"), rows)


def _print_differences(found: Sequence["Difference"], ours: str, theirs: str) -> None:
    if not found:
        say("nothing differs of settings, inputs, code and judging")
        return
    say(f"what differs: {ours} | {theirs}")
    for one in found:
        say(f"  {one.kind}: {one.what}")
