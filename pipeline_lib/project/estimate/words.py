"""Estimates as a table and a sentence."""

from collections.abc import Iterator

from pipeline_lib.console import print_table, say
from pipeline_lib.project.estimate.cost import Estimate, Total

MINUTE = 60.0  # seconds


def print_costs(found: Total) -> None:
    """Print a row for each stage, and the sums."""
    columns = ("stage", "time", "memory", "disk", "known from")
    print_table(columns, [_row(stage) for stage in found.stages])
    for line in summary(found):
        say(line)


def summary(found: Total) -> Iterator[str]:
    """Yield what all stages take together."""
    memory = f", at most {size(found.memory)} of memory at a time" if found.memory else ""
    disk = f", {size(found.disk)} of disk, DVC's copies among it" if found.disk else ""
    yield f"together about {duration(found.seconds)}{memory}{disk}"
    unknown = [stage for stage in found.stages if stage.seconds is None]
    if unknown:
        yield f"without {', '.join(s.stage for s in unknown)}: {unknown[0].source}"
    if found.probe:
        yield (
            f"measured on a few images in {found.probe:.0f} s, and kept until the settings change"
        )


def duration(seconds: float) -> str:
    """Return seconds below two minutes, else minutes or hours."""
    if seconds < 2 * MINUTE:
        return f"{seconds:.0f} s"
    return f"{seconds / MINUTE:.0f} min" if seconds < 120 * MINUTE else f"{seconds / 3600:.1f} h"


def size(count: int) -> str:
    """Return bytes in MiB, or GiB where they are many."""
    mib = count / 2**20
    return f"{mib:.0f} MiB" if mib < 1000 else f"{mib / 1024:.1f} GiB"


def _row(stage: Estimate) -> tuple[str, str, str, str, str]:
    time = "" if stage.seconds is None else duration(stage.seconds)
    memory, disk = (size(stage.costs.memory), size(stage.costs.disk)) if stage.costs else ("", "")
    return stage.stage, time, memory, disk, stage.source
