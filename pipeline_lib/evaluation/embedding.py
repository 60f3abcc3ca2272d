"""The feature space drawn in the plane."""

import numpy as np
from sklearn.decomposition import PCA
from sklearn.manifold import TSNE

PERPLEXITY = 30.0  # scikit-learn's default; lowered for small sets


def plane(features: np.ndarray, *, method: str, seed: int) -> np.ndarray:
    """Project (images, dimensions) to (images, 2) by t-SNE ("tsne") or principal axes ("pca")."""
    features = features.astype(np.float64)
    components = min(2, *features.shape)
    with np.errstate(invalid="ignore"):  # without spread there is no share of it to explain
        start = PCA(components, svd_solver="full").fit_transform(features)
    start = np.pad(start, ((0, 0), (0, 2 - components)))
    if method == "pca" or len(features) < 5:
        return start
    perplexity = min(PERPLEXITY, (len(features) - 1) / 3)
    deviation = start[:, 0].std() or 1.0
    tsne = TSNE(perplexity=perplexity, init=start / deviation * 1e-4, random_state=seed, n_jobs=1)
    found: np.ndarray = tsne.fit_transform(features)
    return found


def spread_choice(count: int, wanted: int) -> np.ndarray:
    """Choose ``wanted`` of ``count`` rows at even steps, ascending; all, if there are fewer."""
    return np.unique(np.linspace(0, count - 1, min(count, wanted)).round().astype(np.int64))
