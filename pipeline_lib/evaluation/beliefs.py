"""Numpy's counterparts of what networks end with."""

import numpy as np


def softmax(logits: np.ndarray) -> np.ndarray:
    """Return probabilities over the last axis."""
    powers = np.exp(logits - logits.max(-1, keepdims=True))
    beliefs: np.ndarray = powers / powers.sum(-1, keepdims=True)
    return beliefs
