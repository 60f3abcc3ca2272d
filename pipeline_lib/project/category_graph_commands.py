"""The commands `protoweave graph` and `protoweave mine`: arguments in, library calls, lines out."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from pipeline_lib.console import print_table, say, track
from pipeline_lib.errors import InputError

ROOT = Path()
Target = Annotated[str, typer.Option(help="tags or classes; needed where both have a graph.")]


def graph(
    category: Annotated[str, typer.Argument(help="Name of a category.")] = "",
    target: Target = "",
    most: Annotated[int, typer.Option(min=1, help="Neighbours of each source to show.")] = 10,
    write: Annotated[
        Path | None, typer.Option(help="Write the whole merged graph as .csv or .graphml.")
    ] = None,
) -> None:
    """Show what informs a category, by source, or write the graph for editing."""
    from pipeline_lib.project.category_graph import export, neighbours

    if not category and write is None:
        raise InputError("name a category, or a file to write with --write edges.csv")
    if write is not None:
        say(f"{write}: {export(ROOT, write, target)} edges")
    if category:
        lines = neighbours(ROOT, category, target, most)
        rows = [(n.provenance, n.source, n.strength, n.relation, n.explanation) for n in lines]
        if rows:
            print_table(("source", "neighbour", "strength", "relation", "why"), rows)
        else:
            say(f"nothing informs '{category}'")


def mine(
    target: Annotated[str, typer.Argument(help="tags or classes.")] = "tags",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print calls and tokens; ask nothing.")
    ] = False,
    refresh: Annotated[
        bool, typer.Option("--refresh", help="Ask everything again, not only what is missing.")
    ] = False,
    answers: Annotated[
        Path | None,
        typer.Option(
            "--from",
            help="Take over answers: an answers.parquet, or .jsonl with recorded ones.",
        ),
    ] = None,
) -> None:
    """Ask a language model about the categories now, so that `dvc repro` needs no network."""
    from pipeline_lib.project.category_graph import ask, planned, take

    if answers is not None:
        say(f"{take(ROOT, answers, target)} answers of {answers} are kept")
        return
    mode: Literal["record", "refresh"] = "refresh" if refresh else "record"
    p = planned(ROOT, target, mode)
    say(
        f"{p.questions} questions, {p.questions - p.calls} answered; {p.calls} calls with about "
        f"{p.prompt_tokens:,} tokens of prompts and at most {p.answer_tokens:,} of answers"
    )
    if not dry_run:
        count, remarks = ask(ROOT, target, mode, track)
        for remark in remarks:
            say(remark)
        say(f"{count} answers are kept; `dvc repro` uses them")
