"""What judging costs, of a few images."""

import pytest

from benchmarks.judging import measure


@pytest.mark.parametrize(("images", "labels", "seeds", "draws"), [(80, 13, 2, 100)])
def test_the_stage_judges_what_was_drawn(images, labels, seeds, draws):
    found = measure(images, labels, seeds, draws)
    assert (found["images"], found["labels"], found["seeds"], found["draws"]) == (80, 13, 2, 100)
    assert 0 < float(found["cpu_s"]) < 600
    assert float(found["wall_s"]) > 0
    assert float(found["peak_gib"]) > 0.05  # of the largest child, which a test before may be
    assert float(found["sklearn_map_s"]) > 0
