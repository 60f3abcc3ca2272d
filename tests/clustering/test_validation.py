"""What every clusterer asks of its input."""

import numpy as np
import pytest

from pipeline_lib.clustering.validation import check_samples
from pipeline_lib.errors import InputError


@pytest.mark.parametrize("shape", [(4,), (0, 3), (4, 0), (2, 2, 2)])
def test_shapes_that_are_no_table_of_samples_are_refused(shape):
    with pytest.raises(InputError, match=str(shape).replace("(", r"\(").replace(")", r"\)")):
        check_samples(np.zeros(shape))


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_the_first_bad_row_and_the_number_of_bad_rows_are_named(value):
    X = np.zeros((6, 2))
    X[[2, 5], [1, 0]] = value
    with pytest.raises(InputError, match=r"2 of 6 feature vectors are not finite.* row 2;"):
        check_samples(X)


def test_finite_samples_pass():
    for dtype in (np.float32, np.float64):
        check_samples(np.full((1, 1), np.finfo(dtype).max, dtype))
