"""One thread for t-SNE, as in the stage: small sums are slow to share between many."""

from collections.abc import Iterator

import pytest
from threadpoolctl import threadpool_limits


@pytest.fixture(autouse=True)
def _one_numeric_thread() -> Iterator[None]:
    with threadpool_limits(limits=1):
        yield
