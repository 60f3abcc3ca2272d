"""How pytest-xdist deals the tests out: a file to a worker at a time, the longest first.

Files that share a fixture of a whole session are one unit, so that it is built once; a file too
long for one worker is several. pytest-xdist's own groups travel in node ids, which pytest 9.2 and
later do not let it change.
"""

import re
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling
from xdist.workermanage import WorkerController

KEYS = r"tests/params/test_every_key\.py::\w+\[(?:{})\b.*"
ON_NAMES = "vlp|text|category_graph|clip|clip_ft|mkt|c2srt|sigrl|ssgrl|ml_gcn|dlsa|base_tags"
LONGEST = {  # the units that are no single file, and files that take long; the longest first
    "pipeline": r"tests/pipeline/test_(repro|commands)\.py::.*",
    "keys on names": KEYS.format(ON_NAMES),
    "keys": r"tests/params/test_every_key\.py::.*",
    "location": r"tests/pipeline/test_location\.py::.*",
}


def unit_of(nodeid: str) -> str:
    """Return the unit of work that a test belongs to."""
    for unit, pattern in LONGEST.items():
        if re.fullmatch(pattern, nodeid):
            return unit
    return nodeid.partition("::")[0]


class LongestFirst(LoadScopeScheduling):
    """Units of `unit_of`, in the order of LONGEST, then as they were collected."""

    def _split_scope(self, nodeid: str) -> str:
        return unit_of(nodeid)

    def _assign_work_unit(self, node: WorkerController) -> None:
        longest = next((unit for unit in LONGEST if unit in self.workqueue), None)
        if longest:
            self.workqueue.move_to_end(longest, last=False)
        super()._assign_work_unit(node)

    def remove_node(self, node: WorkerController) -> str | None:
        """Fail the test that a worker ended in, which xdist would give to the next for ever."""
        assigned = self.assigned_work[node]
        left = ((unit, test) for unit in assigned.values() for test in unit if not unit[test])
        unit, ended = next(left, ({}, None))
        if ended is not None:
            unit[ended] = True
        # A unit without a test to run would leave whoever gets it waiting.
        self.assigned_work[node] = {s: u for s, u in assigned.items() if not all(u.values())}
        super().remove_node(node)
        return ended


@pytest.hookimpl(optionalhook=True)  # without pytest-xdist there is nothing to deal out
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LongestFirst | None:
    """Replace --dist=loadfile, which pyproject.toml asks for."""
    return LongestFirst(config, log) if config.getvalue("dist") == "loadfile" else None
