"""Arrays of zeros as a kind of tensor file declares them."""

import numpy as np

from pipeline_lib.artifacts.shards import Shards
from pipeline_lib.artifacts.tensors import Tensors


def filled(kind: Tensors | Shards, **lengths: int) -> dict[str, np.ndarray]:
    """Return the arrays that every file of the kind holds; dimensions are 1 long unless given."""
    return {
        array.name: np.zeros(
            [dim if isinstance(dim, int) else lengths.get(dim, 1) for dim in array.dims],
            array.dtype or "float32",
        )
        for array in kind.arrays
        if array.required
    }
