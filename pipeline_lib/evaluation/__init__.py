"""Metrics, the protocols that name them, and intervals."""
