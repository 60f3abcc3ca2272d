"""Section "Liveness": what mechanisms come to, beside what their row gained."""

from pipeline_lib.reporting.sections.liveness import liveness


def test_a_reading_stands_once_with_a_value_for_each_split(workspace):
    run = workspace.run("rival & son")
    section = liveness([workspace.run("base"), run])
    assert [one.run.name for one in section.runs] == ["rival & son"]  # base has no readings
    assert section.splits == ["train", "test"]
    positives, spread = section.runs[0].lines  # by the name of the module
    assert (spread.module, spread.reading, spread.bar) == ("masks", "spread", "above 0.1")
    assert {split: value.verdict for split, value in spread.values.items()} == {
        "train": "alive",
        "test": "dead",
    }
    assert positives.bar == ""
    assert positives.values["train"].verdict == ""


def test_what_some_seed_fails_is_dead(workspace):
    found = workspace.run("rival & son").liveness
    assert found.filter(alive=False)["split"].to_list() == ["test"]
    assert workspace.run("base").liveness.is_empty()


def test_runs_without_readings_show_nothing(workspace):
    assert liveness([workspace.run("base")]) is None


def test_the_page_shows_it(html):
    section = html.partition("<h2>Liveness")[2].partition("</section>")[0]
    assert "Deviation of the masks." in section
    assert '<span class="verdict">dead</span>' in section
