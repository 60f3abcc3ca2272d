"""What reading a data set costs, of a few pictures."""

from benchmarks.ingest import measure


def test_what_a_killed_run_left_leads_to_the_same_tables():
    found = measure(120)
    assert found["same_bytes"] is True
    assert {"full", "same", "grown", "resumed"} < found.keys()
