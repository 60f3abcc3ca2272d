"""What every clusterer asks of its input."""

import numpy as np

from pipeline_lib.errors import InputError


def check_samples(X: np.ndarray) -> None:
    """Accept finite vectors (samples, dimensions), at least one of at least one dimension.

    Raises:
        InputError: X has another shape, or NaN or infinite values.
    """
    if X.ndim != 2 or not X.size:
        raise InputError(
            f"clustering: input of shape {X.shape}, expected (samples, dimensions), both above 0; "
            "re-run `dvc repro features`"
        )
    bad = ~np.isfinite(X).all(1)
    if bad.any():
        raise InputError(
            f"clustering: {int(bad.sum())} of {len(X)} feature vectors are not finite (NaN or "
            f"inf), the first is row {int(bad.argmax())}; expected finite numbers; re-run "
            "`dvc repro features`"
        )
