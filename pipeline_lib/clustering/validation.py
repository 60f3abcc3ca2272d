"""What every clusterer asks of its input."""

import numpy as np

from pipeline_lib.errors import InputError


def check_samples(X: np.ndarray) -> None:
    """Accept finite vectors (samples, dimensions), at least one.

    Raises:
        InputError: X has another shape, or NaN or infinite values.
    """
    if X.ndim != 2 or not len(X):
        raise InputError(
            f"clustering: input of shape {X.shape}, expected (samples, dimensions), samples > 0"
        )
    bad = ~np.isfinite(X).all(1)
    if bad.any():
        raise InputError(
            f"clustering: {int(bad.sum())} of {len(X)} feature vectors are not finite, the first "
            f"is row {int(bad.argmax())}; expected finite numbers; re-run `dvc repro features`"
        )
