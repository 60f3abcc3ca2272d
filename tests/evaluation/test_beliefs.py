import numpy as np
import pytest
import torch

from pipeline_lib.evaluation.beliefs import softmax


def test_softmax_by_hand():
    np.testing.assert_allclose(softmax(np.log([[1.0, 3.0]])), [[0.25, 0.75]])


@pytest.mark.parametrize("shape", [(4,), (3, 5), (2, 3, 4)])
def test_softmax_equals_torchs_over_the_last_axis(shape):
    logits = np.random.default_rng(0).normal(size=shape).astype(np.float32)
    expected = torch.from_numpy(logits).softmax(-1).numpy()
    np.testing.assert_allclose(softmax(logits), expected, rtol=1e-6)


def test_large_logits_do_not_overflow():
    assert softmax(np.array([1e4, 0.0])).tolist() == [1, 0]
