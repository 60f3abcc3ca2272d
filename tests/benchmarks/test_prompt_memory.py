"""What tuning a prompt takes in memory."""

from benchmarks.prompt_memory import peaks


def test_a_name_takes_as_much_as_the_code_says_and_few_names_are_kept():
    few, more = (peaks(names) for names in (2, 12))
    assert few["ours"] == few["naive"]
    per_name = (more["ours"] - few["ours"]) / 10
    assert 17 * 2**20 < per_name < 24 * 2**20  # families/open_vocabulary/prompts.py
