import io
import json
import sys
from datetime import UTC, datetime
from typing import Annotated

import pytest
import typer
from rich.console import Console

from pipeline_lib import console
from pipeline_lib.console import run, say, track
from pipeline_lib.errors import InputError
from pipeline_lib.progress import silent


def main(count: Annotated[int, typer.Option()], fail: Annotated[str, typer.Option()] = "") -> None:
    """A stage that counts, or fails."""
    if fail == "input":
        raise InputError("params.yaml: count [red] is 0; " + "mend it " * 30)
    if fail == "bug":
        raise ZeroDivisionError("a bug")
    if fail == "exit":
        raise typer.Exit(3)
    say(f"counted {count}")


@pytest.fixture
def stage(tmp_path, monkeypatch):
    """Run ``main`` as `python -m stages.count` does; return the exit code and the log's records."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DVC_STAGE", raising=False)

    def start(*arguments):
        monkeypatch.setattr(sys, "argv", ["/some/where/count.py", *arguments])
        try:
            run(main)
        except SystemExit as end:
            code = end.code
        except ZeroDivisionError:
            code = "crash"
        log = tmp_path / ".protoweave/log"
        (path,) = log.iterdir()
        return code, path.name, [json.loads(line) for line in path.read_text().splitlines()]

    return start


def test_a_stage_says_one_line_and_exits_with_0(stage, capsys):
    code, name, (record,) = stage("--count", "3")
    assert capsys.readouterr() == ("counted 3\n", "")
    assert (code, name) == (0, "count.jsonl")
    assert (record["status"], record["arguments"]) == ("done", ["--count", "3"])


def test_an_input_error_is_one_line_without_traceback_and_exits_with_2(stage, capsys):
    code, _, (record,) = stage("--count", "3", "--fail", "input")
    expected = "error: params.yaml: count [red] is 0; " + "mend it " * 30
    output, errors = capsys.readouterr()
    assert (code, output, errors.strip()) == (2, "", expected.strip())
    assert record["status"] == "failed"


def test_a_wrong_argument_exits_with_2(stage, capsys):
    code, _, (record,) = stage("--count", "three")
    assert (code, record["status"]) == (2, "failed")
    assert "Invalid value for '--count'" in capsys.readouterr().err


def test_a_bug_keeps_its_traceback_and_is_logged(stage):
    code, _, (record,) = stage("--count", "3", "--fail", "bug")
    assert (code, record["status"]) == ("crash", "failed")


def test_another_exit_code_is_kept(stage):
    code, _, (record,) = stage("--count", "3", "--fail", "exit")
    assert (code, record["status"]) == (3, "failed")


def test_the_log_is_named_by_dvc_and_grows(stage, monkeypatch):
    monkeypatch.setenv("DVC_STAGE", "train@csrms")
    stage("--count", "1")
    _, name, records = stage("--count", "2")
    assert name == "train@csrms.jsonl"
    assert [r["arguments"][-1] for r in records] == ["1", "2"]


def test_the_log_tells_time_and_memory(stage):
    (record,) = stage("--count", "1")[2]
    age = datetime.now(UTC) - datetime.fromisoformat(record["at"])
    assert 0 <= age.total_seconds() < 60
    assert 0 <= record["seconds"] < 60
    assert 20 < record["peak_mib"] < 100_000  # Python with torch is larger than 20 MiB


def test_long_lines_and_brackets_are_printed_as_they_are(capsys):
    text = "[bold]not markup[/bold] " + "long " * 100
    say(text)
    assert capsys.readouterr().out == text + "\n"


def test_tracking_yields_every_item_and_says_nothing_of_short_work(capsys):
    assert list(track(iter("abc"), label="letters", total=3)) == ["a", "b", "c"]
    assert capsys.readouterr().out == ""


def test_tracking_tells_a_log_how_long_work_will_take(capsys, monkeypatch):
    clock = iter([0.0, 10.0, 20.0, 30.0, 40.0])  # start, then after each item
    monkeypatch.setattr(console.time, "monotonic", lambda: next(clock))
    assert list(track([1, 2, 3, 4], label="parts", total=4)) == [1, 2, 3, 4]
    # at 20 s, more than 15 s after the start, 2 of 4 are done: 20 s are left; then 15 s are over
    # again only at the end, where there is nothing left to tell
    assert capsys.readouterr().out == "parts: 2/4, about 20 s left\n"


def test_tracking_shows_a_bar_on_a_terminal(monkeypatch):
    screen = io.StringIO()
    monkeypatch.setattr(console, "console", Console(file=screen, force_terminal=True, width=80))
    assert list(track(iter("abc"), label="letters", total=3)) == ["a", "b", "c"]
    assert "letters" in screen.getvalue()
    assert "3/3" in screen.getvalue()


def test_silence_yields_every_item():
    assert list(silent(iter("abc"), label="letters", total=3)) == ["a", "b", "c"]
