"""What every clusterer finds, in one form."""

import numpy as np

from pipeline_lib.clustering.result import NOISE, Clustering, sizes


def test_noise_is_no_cluster_and_a_cluster_may_be_empty():
    found = Clustering(np.array([0, NOISE, 2, 2]), count=4)
    assert found.noise.tolist() == [False, True, False, False]
    assert found.sizes.tolist() == [1, 0, 2, 0]
    assert sizes(np.array([NOISE]), 0).tolist() == []
