"""What stages share with the terminal: progress, one closing line, errors without a traceback."""

import json
import os
import resource
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table
from rich.text import Text
from threadpoolctl import threadpool_limits

from pipeline_lib.allocator import keep_freed_memory
from pipeline_lib.errors import InputError
from pipeline_lib.progress import Track

T = TypeVar("T")
Main = TypeVar("Main", bound=Callable[..., None])
LOG = Path(".protoweave/log")
SECONDS_BETWEEN_LINES = 15.0
UNIT_OF_PEAK = 1 if sys.platform == "darwin" else 1024  # bytes in which the system counts it

# In a pipe nothing wraps: a line is a row.
console = Console(highlight=False, width=None if sys.stdout.isatty() else 1000)
_watch: ContextVar[Track | None] = ContextVar("watch", default=None)
errors = Console(stderr=True, highlight=False)


def one_thread(main: Main) -> Main:
    """Let a stage's ``main`` compute on one thread: sums are split by threads, and so last bits."""
    limited: Main = threadpool_limits.wrap(limits=1)(main)
    return limited


def track(items: Iterable[T], *, label: str, total: int) -> Iterator[T]:
    """Yield every item under a progress bar, or with a plain line now and then in a log."""
    watch = _watch.get()
    if watch is not None:
        yield from watch(items, label=label, total=total)
    else:
        yield from _bar(items, label, total) if console.is_terminal else _lines(items, label, total)


@contextmanager
def watched(watch: Track) -> Iterator[None]:
    """Let ``watch`` see what stages track, and let them print nothing."""
    before, token = console.quiet, _watch.set(watch)
    console.quiet = True
    try:
        yield
    finally:
        console.quiet = before
        _watch.reset(token)


def say(text: str) -> None:
    """Print one line."""
    console.print(text, markup=False, soft_wrap=True)


def print_table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a table without lines."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")  # a path that is cut short is of no use
    for row in rows:
        table.add_row(*map(Text, row))  # no markup: a name may hold brackets
    console.print(table)


def run(main: Callable[..., Any]) -> None:
    """Run a stage's ``main`` as a command: log its time, report input errors, exit with 0 or 2."""
    keep_freed_memory()
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command()(main)
    started, status = time.monotonic(), "failed"
    try:
        app()
    except SystemExit as end:
        status = "failed" if end.code else "done"
        raise
    except InputError as error:
        errors.print(f"error: {error}", style="red", markup=False, soft_wrap=True)
        sys.exit(2)
    finally:
        _log(Path(sys.argv[0]).stem, sys.argv[1:], status, time.monotonic() - started)


def _bar(items: Iterable[T], label: str, total: int) -> Iterator[T]:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        yield from progress.track(items, total=total, description=label)


def _lines(items: Iterable[T], label: str, total: int) -> Iterator[T]:
    started = last = time.monotonic()
    for done, item in enumerate(items, start=1):
        yield item
        now = time.monotonic()
        if now - last > SECONDS_BETWEEN_LINES and done < total:
            last = now
            left = (now - started) / done * (total - done)
            say(f"{label}: {done}/{total}, about {left:.0f} s left")


def _log(stage: str, arguments: list[str], status: str, seconds: float) -> None:
    """Append time and memory to a log that is no artifact: results must not depend on them."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * UNIT_OF_PEAK
    record = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "arguments": arguments,
        "status": status,
        "seconds": round(seconds, 2),
        "peak_mib": round(peak / 2**20),
    }
    LOG.mkdir(parents=True, exist_ok=True)
    name = os.environ.get("DVC_STAGE", stage)  # DVC says "train@csrms", the script only "train"
    with (LOG / f"{name}.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps(record) + "\n")
