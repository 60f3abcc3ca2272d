"""Graphs over samples, clusters and categories, mined from training data."""
