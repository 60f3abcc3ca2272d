"""What values the parameters of Fuzzy ART may have."""

from typing import Any

import numpy as np

from pipeline_lib.errors import InputError


def check(model: Any) -> None:
    """Accept the parameters of a ``FuzzyART``.

    Raises:
        InputError: one is out of range.
    """
    scale = model.scale
    pair = isinstance(scale, tuple) and len(scale) == 2
    allowed = {
        "rho": (0 <= model.rho <= 1, "0 to 1"),
        "alpha": (0 <= model.alpha < np.inf, "0 or more"),
        "beta": (0 < model.beta <= 1, "more than 0, at most 1"),
        "max_iter": (model.max_iter >= 1, "1 or more"),
        "scale": (
            -np.inf < scale[0] < scale[1] < np.inf if pair else scale in ("minmax", "none"),
            "'minmax', 'none' or (low, high)",
        ),
        "ties": (model.ties in ("first", "last"), "'first' or 'last'"),
        "vigilance": (
            model.vigilance in ("fixed", "am", "cm", "hi"),
            "'fixed', 'am', 'cm' or 'hi'",
        ),
        "sigma": (0 <= model.sigma < 1, "0 or more, below 1"),
        "delta": (0 <= model.delta < np.inf, "0 or more"),
        "n_jobs": (model.n_jobs is None or model.n_jobs >= 1, "1 or more, or None"),
    }
    for name, (fits, expected) in allowed.items():
        if not fits:
            raise InputError(
                f"Fuzzy ART: {name} is {getattr(model, name)}, expected {expected}; change it"
            )
