"""Exact Fuzzy ART and its adaptive family, fast: the estimator and what it is made of."""
