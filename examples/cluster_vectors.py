"""Cluster vectors of your own with exact Fuzzy ART: neither torch nor DVC is imported."""

from collections import Counter

from sklearn.datasets import make_blobs
from sklearn.metrics import adjusted_rand_score

from pipeline_lib.clustering.fuzzy_art.estimator import FuzzyART

X, groups = make_blobs(2000, n_features=4, centers=6, cluster_std=0.6, random_state=0)

for rho in (0.75, 0.8, 0.9):  # vigilance: the higher, the more and the tighter the clusters
    art = FuzzyART(rho=rho, max_iter=3).fit(X)  # how many clusters there are, the data say
    sizes = Counter(art.labels_.tolist())
    agreement = adjusted_rand_score(groups, art.labels_)
    print(f"rho {rho}: {len(sizes)} clusters, adjusted Rand index {agreement:.2f}")

print("the largest:", sizes.most_common(3))
print("new vectors belong to", art.predict(X[:3] + 0.01))
