"""Tests that share a costly fixture run in one worker, the longest units first."""

import re
import subprocess
import sys

import pytest

from tests.conftest import ROOT
from tests.schedule import LONGEST, unit_of

LAYOUT = {
    "tests/a/test_short.py": 3,
    "tests/a/test_other.py": 3,
    "tests/pipeline/test_commands.py": 4,
    "tests/pipeline/test_repro.py": 4,
}
TEST = """
import os, pathlib, time
import pytest

@pytest.mark.parametrize("number", range({count}))
def test_it(number):
    with (pathlib.Path(r"{log}") / os.environ["PYTEST_XDIST_WORKER"]).open("a") as file:
        print(r"{name}", file=file)
    time.sleep(0.05)
"""


@pytest.mark.parametrize(
    ("nodeid", "unit"),
    [
        ("tests/pipeline/test_commands.py::test_a[x::y]", "pipeline"),
        ("tests/pipeline/test_repro.py::test_b", "pipeline"),
        ("tests/params/test_every_key.py::test_a[clip.seeds]", "keys on names"),
        ("tests/params/test_every_key.py::test_a[clusters.rho]", "keys"),
        ("tests/params/test_every_key.py::test_b", "keys"),
        ("tests/nn/test_graph.py::test_c[a]", "tests/nn/test_graph.py"),
    ],
)
def test_a_test_belongs_to_its_file_or_to_a_unit_of_the_list(nodeid, unit):
    assert unit_of(nodeid) == unit


def run_all(folder, *options):
    """Run the tests of a folder with two workers, as the suite is run."""
    own = ["-n2", "--dist=loadfile", "-p", "tests.schedule", f"--rootdir={folder}", "-c/dev/null"]
    return subprocess.run(
        [sys.executable, "-m", "pytest", *own, *options, str(folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_workers_take_whole_units_and_the_longest_first(tmp_path):
    for name, count in LAYOUT.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(TEST.format(count=count, log=tmp_path, name=name))
    done = run_all(tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    ran = [(tmp_path / f"gw{n}").read_text().split() for n in (0, 1)]
    shared = {name for name in LAYOUT if "pipeline" in name}
    assert sum(bool(shared & set(names)) for names in ran) == 1
    assert sum(names[0] in shared for names in ran) == 1
    for name, count in LAYOUT.items():
        assert sorted(names.count(name) for names in ran) == [0, count]


@pytest.mark.parametrize("place", [0, 3])
def test_a_test_that_waits_for_ever_fails_once_and_the_others_run(tmp_path, place):
    waiting = "import time\n\ndef test_it():\n    time.sleep(1000)\n"
    for number in range(4):
        text = "".join(f"def test_{n}():\n    pass\n" for n in range(3))
        name = "waits" if number == place else "passes"
        (tmp_path / f"test_{number}_{name}.py").write_text(waiting if number == place else text)
    ini = "faulthandler_timeout=3", "faulthandler_exit_on_timeout=true"
    done = run_all(tmp_path, *(f"--override-ini={line}" for line in ini))
    assert "Timeout (0:00:03)!" in done.stderr
    (failed,) = re.findall(r"^FAILED (\S+)", done.stdout, re.MULTILINE)
    assert failed.endswith(f"test_{place}_waits.py::test_it")
    assert "1 failed, 9 passed" in done.stdout


def test_every_unit_of_the_list_has_files():
    files = [str(path.relative_to(ROOT)) for path in ROOT.glob("tests/**/test_*.py")]
    for unit, pattern in LONGEST.items():
        assert any(re.fullmatch(pattern.partition("::")[0], name) for name in files), unit
